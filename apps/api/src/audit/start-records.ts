import { createHash } from 'node:crypto';
import type { ApiKey } from '#libs/config/api-keys.js';
import type { ApiSettings } from '#libs/config/api-settings.js';
import type { KeyChange } from '../auth/known-keys.js';
import type { AuditLog } from './audit-log.js';

/** Puts on record with what a process starts: its settings and each key, so that what has changed since the last start can be seen. */
export function recordStart(audit: AuditLog, settings: ApiSettings): void {
  audit.record({ route: 'settings', result: 'in-force', reason: settingsText(settings) });
  for (const key of settings.apiKeys)
    audit.record({ route: 'key', id: key.id, result: 'in-force', reason: keyText(key) });
}

/** Puts on record that a key came, went or changed while the process runs. */
export function recordKeyChange(audit: AuditLog, { key, change }: KeyChange): void {
  audit.record({ route: 'key', id: key.id, result: change, reason: keyText(key) });
}

/** A key without itself: the beginning of its hash tells whether it is still the same. */
function keyText({ sha256, tenants, scopes, notAfter }: ApiKey): string {
  const until = notAfter === undefined ? '' : `; until ${notAfter}`;
  return `sha256 ${sha256.slice(0, 12)}; tenants ${tenants.join(' ')}; scopes ${scopes.join(' ')}${until}`;
}

/** What decides who may do what, in words; connections and the rest of it as a hash. */
function settingsText(settings: ApiSettings): string {
  const { listen, temporal, oidc, rateLimit, keyRing, trustProxy, allowPrivateUrls, codecOrigins } = settings;
  const connections = settings.connections.map(({ name, vendor, tenants }) => ({ name, vendor, tenants }));
  const flags = { allowPrivateUrls, codecOpen: settings.codecOpen, codecEncode: settings.codecEncode };
  return [
    `listens on ${listen.host}:${listen.port}`,
    `namespace ${temporal.namespace} at ${temporal.address}`,
    oidc ? `issuer ${oidc.issuer} for ${oidc.audience}` : 'no issuer',
    `keys ${[...keyRing.keys.keys()].join(' ')}, active ${keyRing.active}`,
    `${rateLimit.requests} requests in ${rateLimit.windowMs / 1_000} s`,
    `proxies ${trustProxy.join(' ') || 'none'}`,
    `codec for ${codecOrigins.join(' ') || 'no page'}`,
    ...Object.entries(flags).map(([name, on]) => `${name} ${on}`),
    `${connections.length} connections, sha256 ${shortHash(connections)}`,
  ].join('; ');
}

function shortHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}
