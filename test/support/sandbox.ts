import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { createSandbox, type Sandbox } from '#apps/sandbox/src/server.js';
import { loadConnections, type Connection } from '#libs/config/connections.js';

/** A folder for one test file's settings; `remove` deletes it. */
export function tempFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'gangway-test-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** What a test may change about its connections. Times are milliseconds. */
export interface ConnectionTimes {
  timeoutMs?: number;
  settleMs?: number[];
  giveUpAfterMs?: number;
  initialIntervalMs?: number;
  requestsPerSecond?: number;
  concurrency?: number;
  /** Over how long the tries of a notification are spread. Default 400: the last pause is 270. */
  notifyWithinMs?: number;
  /** Deadline of one try of a notification. */
  notifyTimeoutMs?: number;
  /** True: there are connections of LivePerson too, see `livepersonConnections`. */
  liveperson?: boolean;
  /** Which tenants may name which variable of the worker; default none. */
  secrets?: Record<string, string[]>;
  /** Rules of runs over the fleet, as the file has them; default the file's own. */
  reconciliation?: Record<string, number | string>;
}

/** The sandbox's vendors on a free port, quick: channels become active at once. */
export async function startSandbox(): Promise<{ sandbox: Sandbox; url: string }> {
  const sandbox = await createSandbox({ knobs: { sinch: { channels: { activationMs: { min: 0, max: 0 } } } } });
  return { sandbox, url: await sandbox.listen(0) };
}

/** A connections file over a sandbox; its names are `egain-main` and `sinch-eu` behind an optional prefix. */
export function connectionsFile(folder: string, url: string, times: ConnectionTimes = {}, prefix = ''): string {
  const { timeoutMs = 2_000, settleMs = [20, 50, 100], giveUpAfterMs = 10_000, initialIntervalMs = 50 } = times;
  const limits = {
    requestsPerSecond: times.requestsPerSecond ?? 2_000,
    concurrency: times.concurrency ?? 16,
    timeoutMs,
  };
  const file = path.join(folder, 'connections.yaml');
  const content = {
    connections: {
      [`${prefix}egain-main`]: egainConnection(url, limits),
      [`${prefix}sinch-eu`]: {
        vendor: 'sinch',
        tenants: ['*'],
        adopt: true,
        apiBase: `${url}/sinch/eu`,
        tokenUrl: `${url}/sinch/oauth2/token`,
        projectId: 'b0f4d1c2-6d3b-4c1e-9a57-2f8e0c7d9b14',
        keyId: 'sandbox-key',
        keySecret: 'sandbox-secret',
        limits,
      },
      ...(times.liveperson === true ? livepersonConnections(url, limits, prefix) : {}),
    },
    secrets: times.secrets ?? {},
    reconciliation: times.reconciliation ?? {},
    notifications: {
      within: `${String(times.notifyWithinMs ?? 400)}ms`,
      timeout: `${String(times.notifyTimeoutMs ?? 1_000)}ms`,
    },
    retry: {
      initialInterval: `${String(initialIntervalMs)}ms`,
      maximumInterval: '1s',
      giveUpAfter: `${String(giveUpAfterMs)}ms`,
      settle: settleMs.map((ms) => `${String(ms)}ms`),
    },
  };
  writeFileSync(file, stringify(content));
  return file;
}

/** Changes a connections file as a careful operator does: the whole of it is put in its place at once. */
export function editConnections(file: string, change: (content: ConnectionsContent) => void): void {
  const content = parse(readFileSync(file, 'utf8')) as ConnectionsContent;
  change(content);
  writeFileSync(`${file}.new`, stringify(content));
  renameSync(`${file}.new`, file);
}

/** What tests change in a connections file. */
export interface ConnectionsContent {
  connections: Record<string, { tenants: string[]; adopt?: boolean }>;
  secrets: Record<string, string[]>;
}

/** A connections file with an eGain connection of its own for each of these sandboxes, by its name. They give up after 5 s. */
export function egainConnections(folder: string, sandboxes: Readonly<Record<string, string>>): string {
  const file = path.join(folder, 'connections.yaml');
  const connections = Object.entries(sandboxes).map(([name, url]) => {
    const limits = { requestsPerSecond: 2_000, concurrency: 2, timeoutMs: 5_000 };
    return [name, egainConnection(url, limits)] as const;
  });
  const retry = { initialInterval: '50ms', maximumInterval: '1s', giveUpAfter: '5m', settle: ['20ms', '50ms'] };
  writeFileSync(file, stringify({ connections: Object.fromEntries(connections), retry }));
  return file;
}

/** Reads such a file as the worker does. */
export function connectionsOf(file: string): Connection[] {
  return loadConnections(file, { allowPrivateUrls: true, env: {} }).connections;
}

/** By the API (with a bearer, and with a login) and by a person, at the sandbox's account with an install API (12345678) and at the one without (87654321). */
function livepersonConnections(url: string, limits: object, prefix: string): object {
  const shared = { vendor: 'liveperson', tenants: ['*'], adopt: true, domainApi: url, limits };
  const bearer = 'sandbox-lp-bearer';
  return {
    [`${prefix}liveperson-main`]: { ...shared, mode: 'api', accountId: '12345678', bearer },
    [`${prefix}liveperson-login`]: {
      ...shared,
      mode: 'api',
      accountId: '12345678',
      login: { username: 'admin', password: 'sandbox-lp-password' },
    },
    [`${prefix}liveperson-main-handoff`]: { ...shared, mode: 'handoff', accountId: '12345678' },
    [`${prefix}liveperson-handoff`]: { ...shared, mode: 'handoff', accountId: '87654321' },
    [`${prefix}liveperson-refused`]: { ...shared, mode: 'api', accountId: '87654321', bearer },
  };
}

function egainConnection(url: string, limits: object): object {
  return {
    vendor: 'egain',
    tenants: ['*'],
    adopt: true,
    apiBase: `${url}/egain`,
    tokenUrl: `${url}/egain/oauth2/v2.0/token`,
    scope: 'https://api.egain.cloud/auth/.default',
    clientId: 'sandbox-egain-client',
    clientSecret: 'sandbox-egain-secret',
    agentClientApplicationId: 'a6e47a99-0000-4000-8000-000000000001',
    limits,
  };
}
