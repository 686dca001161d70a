import type { Environment } from './environment.js';
import { readTextFile, TextFileError } from '#libs/files/text-file.js';
import { isLoopbackHost } from '#libs/net/urls.js';

/** TLS towards Temporal, as the SDK takes it. */
export interface TemporalTls {
  serverNameOverride?: string;
  serverRootCACertificate?: Uint8Array;
  clientCertPair?: { crt: Uint8Array; key: Uint8Array };
}

/** Which Temporal server, and how to reach it. */
export interface TemporalSettings {
  /** `host:port`. */
  address: string;
  namespace: string;
  apiKey?: string;
  /** Absent: no TLS. */
  tls?: TemporalTls;
  /** How a worker's calls are compressed; absent: not at all, which costs least where Temporal is near. */
  compression?: 'gzip';
  /** True when the server was started for this system alone (`GANGWAY_EMBEDDED=1`, set by whoever started it). */
  embedded: boolean;
  /** True when the address is a loopback one. */
  loopback: boolean;
}

const ADDRESS = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/;
const DEFAULT_PORT = 7233;
const COMPRESSIONS = ['none', 'gzip'] as const;
const ALLOW_INSECURE = 'GANGWAY_ALLOW_INSECURE_TEMPORAL';

/**
 * Reads `TEMPORAL_*` by the names of the SDK's environment configuration. Without an address: the dev server of
 * `start:temporal`. An API key switches TLS on, unless `TEMPORAL_TLS=false`. Without TLS it is a fault to name another machine, or to
 * send a key, unless `GANGWAY_ALLOW_INSECURE_TEMPORAL=true`.
 */
export function readTemporalSettings(env: Environment): TemporalSettings {
  const port = env.port('GANGWAY_TEMPORAL_PORT', DEFAULT_PORT);
  const { host, address } = readAddress(env) ?? { host: '127.0.0.1', address: `127.0.0.1:${port}` };
  const apiKey = env.text('TEMPORAL_API_KEY');
  const tls = readTls(env, apiKey !== undefined);
  const compression = env.oneOf('GANGWAY_TEMPORAL_COMPRESSION', COMPRESSIONS, 'none');
  requireTls(env, { loopback: isLoopbackHost(host), tls });
  return {
    address,
    namespace: env.text('TEMPORAL_NAMESPACE') ?? 'default',
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tls === undefined ? {} : { tls }),
    ...(compression === 'none' ? {} : { compression }),
    embedded: env.flag('GANGWAY_EMBEDDED', false),
    loopback: isLoopbackHost(host),
  };
}

/** All payloads are encrypted, and who may write to the namespace can command jobs all the same. */
function requireTls(env: Environment, { loopback, tls }: { loopback: boolean; tls: TemporalTls | undefined }): void {
  if (env.flag(ALLOW_INSECURE, false) || tls !== undefined) return;
  const cure = `set TEMPORAL_TLS=true, or a certificate, or ${ALLOW_INSECURE}=true where the network between is your own`;
  if (env.text('TEMPORAL_API_KEY') !== undefined) {
    env.faults.add('TEMPORAL_API_KEY', `would be sent without TLS: ${cure}`);
  }
  if (!loopback && env.text('TEMPORAL_ADDRESS') !== undefined) {
    env.faults.add('TEMPORAL_ADDRESS', `names another machine, and TLS is off: ${cure}`);
  }
}

function readAddress(env: Environment): { host: string; address: string } | undefined {
  const text = env.text('TEMPORAL_ADDRESS');
  if (text === undefined) return undefined;
  const [, host, port = String(DEFAULT_PORT)] = ADDRESS.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    env.faults.add('TEMPORAL_ADDRESS', 'must be host:port, without https://');
    return undefined;
  }
  return { host, address: `${host}:${port}` };
}

function readTls(env: Environment, otherwise: boolean): TemporalTls | undefined {
  if (env.flag('TEMPORAL_TLS_DISABLE_HOST_VERIFICATION', false)) {
    const cure = 'set TEMPORAL_TLS_SERVER_CA_CERT_PATH or TEMPORAL_TLS_SERVER_NAME';
    env.faults.add('TEMPORAL_TLS_DISABLE_HOST_VERIFICATION', `is not offered by the Temporal SDK for Node: ${cure}`);
  }
  const crt = readPem(env, 'TEMPORAL_TLS_CLIENT_CERT');
  const key = readPem(env, 'TEMPORAL_TLS_CLIENT_KEY');
  const serverRootCACertificate = readPem(env, 'TEMPORAL_TLS_SERVER_CA_CERT');
  const serverNameOverride = env.text('TEMPORAL_TLS_SERVER_NAME');
  if ((crt === undefined) !== (key === undefined)) {
    const absent = crt === undefined ? 'TEMPORAL_TLS_CLIENT_CERT_PATH' : 'TEMPORAL_TLS_CLIENT_KEY_PATH';
    env.faults.add(absent, 'is missing: a client certificate and its key are needed together');
  }
  const given = [crt, key, serverRootCACertificate, serverNameOverride].some((part) => part !== undefined);
  if (!env.flag('TEMPORAL_TLS', otherwise || given)) return undefined;
  return {
    ...(serverNameOverride === undefined ? {} : { serverNameOverride }),
    ...(serverRootCACertificate === undefined ? {} : { serverRootCACertificate }),
    ...(crt === undefined || key === undefined ? {} : { clientCertPair: { crt, key } }),
  };
}

/** `<name>_PATH` names a PEM file, `<name>_DATA` holds its content. */
function readPem(env: Environment, name: string): Uint8Array | undefined {
  const file = env.text(`${name}_PATH`);
  const data = env.text(`${name}_DATA`);
  if (file !== undefined && data !== undefined) {
    env.faults.add(`${name}_DATA`, `must not be set beside ${name}_PATH`);
    return undefined;
  }
  if (data !== undefined) return Buffer.from(data);
  if (file === undefined) return undefined;
  try {
    return Buffer.from(readTextFile(file));
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    env.faults.add(`${name}_PATH`, `the file ${file} ${error.message}`);
    return undefined;
  }
}
