import { isIP } from 'node:net';
import path from 'node:path';
import { keptApiKey, readApiKeysFile, type ApiKey, type ApiKeysFile, type Quotas } from './api-keys.js';
import { Environment } from './environment.js';
import { readListenAddress, readSharedSettings, type ListenAddress, type SharedSettings } from './shared-settings.js';
import type { TemporalSettings } from './temporal-settings.js';
import { isLoopbackHost, serviceUrlFault } from '#libs/net/urls.js';
import { WatchedFile } from './watched-file.js';

/** How many requests a caller may make in a window. */
export interface RateLimit {
  requests: number;
  windowMs: number;
}

/** Whose JWTs are accepted. */
export interface OidcSettings {
  issuer: string;
  audience: string;
  /** The claim that holds scopes: a text with blanks between, or a list. */
  scopeClaim: string;
  /** The claim that holds a list of tenant names. */
  tenantsClaim: string;
  /** Whether the issuer's keys may be at a private address: judged like the issuer's own. */
  allowPrivateUrls: boolean;
}

/** All settings of the API (`docs/http.md` §2). */
export interface ApiSettings extends SharedSettings {
  listen: ListenAddress;
  /** True when `listen.host` is a loopback address: docs, metrics and the API description are open then. */
  loopback: boolean;
  /** The keys that were read at the start. */
  apiKeys: ApiKey[];
  /** What each tenant may have at the same time; stands in the file of API keys. */
  quotas: Quotas;
  /** The file of `GANGWAY_API_KEYS`, which counts as it stands now. Absent: the keys of the start count for good. */
  apiKeysFile?: WatchedFile<ApiKeysFile>;
  /** The key that was made because no callers are configured; to be printed as `api key: gwk_...`. */
  generatedApiKey: string | undefined;
  oidc: OidcSettings | undefined;
  rateLimit: RateLimit;
  /** `GANGWAY_AUDIT_FILE`, absolute; undefined: what is put on record goes into the log alone. */
  auditFile: string | undefined;
  /** `GANGWAY_TRUST_PROXY`: addresses and networks of proxies that are believed when they name the caller's address. */
  trustProxy: string[];
  /** Bases for links into the Temporal UI, without a slash at their end; the first one is linked. May be empty. */
  temporalUiUrls: string[];
  /** Exact origins that may ask the codec endpoint: those of the UI, on loopback by both names. */
  codecOrigins: string[];
  /** True where the codec decodes for these origins without a key: an embedded Temporal and a loopback API. */
  codecOpen: boolean;
  /** `GANGWAY_CODEC_ENCODE`: whether `/v1/codec/encode` is switched on. */
  codecEncode: boolean;
}

/** The API keys as they are now; a file that changes brings a new list. */
export function keysInForce({
  apiKeys,
  apiKeysFile,
}: Pick<ApiSettings, 'apiKeys' | 'apiKeysFile'>): () => readonly ApiKey[] {
  return () => apiKeysFile?.current().keys ?? apiKeys;
}

/** Returns what says the quotas as the file of API keys has them now. */
export function quotasInForce({ quotas, apiKeysFile }: Pick<ApiSettings, 'quotas' | 'apiKeysFile'>): () => Quotas {
  return () => apiKeysFile?.current().quotas ?? quotas;
}

const WINDOWS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  sec: 1_000,
  min: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
};
const RATE = /^([1-9]\d{0,6})\/(s|sec|min|h|hour)$/;

/** Names of claims: `scp`, `https://gangway.example/tenants`. */
const CLAIM = /^[\w.:/-]{1,200}$/;
const CLAIM_FORM = 'the name of a claim: up to 200 letters, digits and any of _ . : / -';

/**
 * Reads all settings of the API.
 * @throws {ConfigError} with every fault at once.
 */
export function readApiSettings(variables: NodeJS.ProcessEnv = process.env): ApiSettings {
  const env = new Environment(variables);
  const shared = readSharedSettings(env);
  const listen = readListenAddress(env);
  const loopback = isLoopbackHost(listen.host);
  const oidc = readOidc(env, shared.allowPrivateUrls ?? false);
  const callers = readCallers(env, { dataDir: shared.dataDir, loopback, oidc });
  const auditFile = env.text('GANGWAY_AUDIT_FILE');
  const temporalUiUrls = env.urls('GANGWAY_TEMPORAL_UI_URL') ?? devServerUi(env, shared.temporal);
  const settings = {
    ...shared,
    listen,
    loopback,
    ...callers,
    oidc,
    rateLimit: readRateLimit(env),
    auditFile: auditFile === undefined ? undefined : path.resolve(auditFile),
    trustProxy: readProxies(env),
    temporalUiUrls,
    codecOrigins: [...new Set(temporalUiUrls.flatMap(originsOf))],
    codecOpen: shared.temporal.embedded && loopback,
    codecEncode: env.flag('GANGWAY_CODEC_ENCODE', false),
  };
  env.faults.throwIfAny();
  return settings as ApiSettings; // without a fault, nothing of the shared settings is absent
}

function readCallers(
  env: Environment,
  { dataDir, loopback, oidc }: { dataDir: string; loopback: boolean; oidc: OidcSettings | undefined },
): Pick<ApiSettings, 'apiKeys' | 'quotas' | 'apiKeysFile' | 'generatedApiKey'> {
  const file = env.text('GANGWAY_API_KEYS');
  if (file !== undefined) {
    const options = { allowReadable: env.flag('GANGWAY_ALLOW_READABLE_KEYS', false) };
    const apiKeysFile = env.faults.collect(() => new WatchedFile(file, (from) => readApiKeysFile(from, options)));
    if (!apiKeysFile) return { apiKeys: [], quotas: {}, generatedApiKey: undefined };
    const { keys: apiKeys, quotas } = apiKeysFile.current();
    return { apiKeys, quotas, apiKeysFile, generatedApiKey: undefined };
  }
  if (oidc !== undefined) return { apiKeys: [], quotas: {}, generatedApiKey: undefined };
  if (!loopback) {
    const cure = 'set it to a file of API keys, or set GANGWAY_OIDC_ISSUER, or listen on 127.0.0.1';
    env.faults.add('GANGWAY_API_KEYS', `is missing, and GANGWAY_HOST is not a loopback address: ${cure}`);
    return { apiKeys: [], quotas: {}, generatedApiKey: undefined };
  }
  const made = env.faults.collect(() => keptApiKey(dataDir));
  return { apiKeys: made ? [made.key] : [], quotas: {}, generatedApiKey: made?.text };
}

function readOidc(env: Environment, allowPrivateUrls: boolean): OidcSettings | undefined {
  const issuer = env.text('GANGWAY_OIDC_ISSUER');
  const audience = env.text('GANGWAY_OIDC_AUDIENCE');
  const scopeClaim = env.matching('GANGWAY_OIDC_SCOPE_CLAIM', CLAIM, CLAIM_FORM) ?? 'scope';
  const tenantsClaim = env.matching('GANGWAY_OIDC_TENANTS_CLAIM', CLAIM, CLAIM_FORM) ?? 'tenants';
  if (issuer === undefined && audience === undefined) return undefined;
  if (issuer === undefined) env.faults.add('GANGWAY_OIDC_ISSUER', 'is missing beside GANGWAY_OIDC_AUDIENCE');
  if (audience === undefined) env.faults.add('GANGWAY_OIDC_AUDIENCE', 'is missing beside GANGWAY_OIDC_ISSUER');
  const fault = issuer === undefined ? undefined : serviceUrlFault(issuer, allowPrivateUrls);
  if (fault !== undefined) env.faults.add('GANGWAY_OIDC_ISSUER', fault);
  if (issuer === undefined || audience === undefined) return undefined;
  return { issuer, audience, scopeClaim, tenantsClaim, allowPrivateUrls };
}

/** Names that stand for networks, as Fastify reads them. */
const NETWORKS: readonly string[] = ['loopback', 'linklocal', 'uniquelocal'];

function readProxies(env: Environment): string[] {
  const proxies = env.list('GANGWAY_TRUST_PROXY') ?? [];
  if (proxies.every((proxy) => NETWORKS.includes(proxy) || isNetwork(proxy))) return proxies;
  env.faults.add(
    'GANGWAY_TRUST_PROXY',
    'must be addresses or networks of proxies, comma-separated: 10.0.0.7, 10.1.0.0/16',
  );
  return [];
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

function readRateLimit(env: Environment): RateLimit {
  const text = env.matching('GANGWAY_RATE_LIMIT', RATE, 'a number per second, minute or hour: 600/min, 10/s, 10000/h');
  const [, requests = '600', unit = 'min'] = RATE.exec(text ?? '') ?? [];
  return { requests: Number(requests), windowMs: WINDOWS_MS[unit] ?? 60_000 };
}

/** The UI of a dev server on this machine; none for any other server. */
function devServerUi(env: Environment, { loopback, embedded, address }: TemporalSettings): string[] {
  if (!loopback && !embedded) return [];
  const port = Number(address.slice(address.lastIndexOf(':') + 1));
  return [`http://127.0.0.1:${env.port('GANGWAY_TEMPORAL_UI_PORT', port + 1000)}`];
}

function originsOf(url: string): string[] {
  const { origin, protocol, hostname, port } = new URL(url);
  if (!isLoopbackHost(hostname)) return [origin];
  const suffix = port === '' ? '' : `:${port}`;
  return [...new Set([origin, `${protocol}//127.0.0.1${suffix}`, `${protocol}//localhost${suffix}`])];
}
