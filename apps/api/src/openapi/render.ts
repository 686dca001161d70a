import { randomBytes } from 'node:crypto';
import { rightsIn } from '#libs/config/rights.js';
import { createLogger } from '#libs/logging/index.js';
import { lazyClient } from '#libs/temporal/client.js';
import { createApp } from '../api.js';
import { createServices } from '../services.js';

/** The API description as it is committed: JSON with two spaces. Connects to nothing. */
export async function renderDescription(): Promise<string> {
  const settings = nothingSet();
  const temporal = lazyClient(settings.temporal, settings.keyRing);
  try {
    const services = createServices(settings, temporal);
    const app = await createApp(settings, services, createLogger({ level: 'silent', service: 'api', pretty: false }));
    await app.close();
    return `${JSON.stringify(services.description.document, null, 2)}\n`;
  } finally {
    await temporal.close();
  }
}

/** Settings of an API that nobody may ask: the description depends on none of them. */
export function nothingSet(): Parameters<typeof createServices>[0] {
  const nobody = {
    apiKeys: [],
    quotas: {},
    generatedApiKey: undefined,
    oidc: undefined,
    rateLimit: { requests: 1, windowMs: 1_000 },
  };
  const codec = { codecOrigins: [], codecOpen: false, codecEncode: false };
  return {
    dataDir: '',
    temporal: { address: '127.0.0.1:1', namespace: 'default', embedded: false, loopback: true },
    keyRing: { active: 'k', hash: 'k', keys: new Map([['k', randomBytes(32)]]) },
    connections: [],
    rights: rightsIn(() => ({ connections: [], secrets: {} })),
    reconciliation: { stopShare: 0, stopCount: 0, scanShare: 1, maxRepairs: 0, maxRemovals: 0, orphanAgeMs: 0 },
    notifications: { withinMs: 1, timeoutMs: 1, ports: [] },
    auditFile: undefined,
    trustProxy: [],
    installation: 'none',
    consoleUrl: '',
    allowPrivateUrls: false,
    logLevel: 'silent',
    listen: { host: '127.0.0.1', port: 0 },
    loopback: true,
    temporalUiUrls: [],
    ...nobody,
    ...codec,
  };
}
