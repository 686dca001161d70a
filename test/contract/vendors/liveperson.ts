import type { KnobChanges } from '#apps/sandbox/src/knobs.js';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import type { JsonObject } from '#libs/contracts/index.js';
import { livepersonModule, type LivepersonClient, type LivepersonConnection } from '#libs/vendors/liveperson/index.js';
import { connectorManifest } from '#test/factories/index.js';
import { startSandbox } from '#test/support/sandbox.js';

export const ACCOUNT_ID = '12345678';

/** The sandbox and clients of one LivePerson account on it. */
export interface LivepersonBench {
  sandbox: Sandbox;
  client: LivepersonClient;
  settings: LivepersonConnection;
  /** Another client, on changed settings: with hosts and a session of its own. */
  connect(changes?: Partial<LivepersonConnection>): LivepersonClient;
  /** Sets knobs of the sandbox's LivePerson. */
  set(knobs: NonNullable<KnobChanges['liveperson']>): void;
  close(): Promise<void>;
}

/**
 * A connection in mode api over a sandbox. Pauses are short; a call has its time, since the sandbox makes the key of its tokens with the
 * first of them.
 */
export function livepersonConnection(url: string, changes: Partial<LivepersonConnection> = {}): LivepersonConnection {
  return {
    name: 'liveperson-acme',
    vendor: 'liveperson',
    tenants: ['*'],
    adopt: false,
    mode: 'api',
    domainApi: url,
    accountId: ACCOUNT_ID,
    bearer: () => 'sandbox-lp-bearer',
    allowPrivateUrls: true,
    limits: { requestsPerSecond: 2_000, concurrency: 16, timeoutMs: 10_000 },
    timing: {
      deadlineMs: 300,
      settleMs: [20, 50, 100],
      initialIntervalMs: 50,
      maximumIntervalMs: 1_000,
      giveUpAfterMs: 10_000,
    },
    ...changes,
  };
}

export async function openLiveperson(): Promise<LivepersonBench> {
  const { sandbox, url } = await startSandbox();
  const settings = livepersonConnection(url);
  const open: { close(): Promise<void> }[] = [];
  const connect = (changes: Partial<LivepersonConnection> = {}): LivepersonClient => {
    const connected = livepersonModule.connect({ ...settings, ...changes });
    open.push(connected);
    return connected.client;
  };
  return {
    sandbox,
    client: connect(),
    settings,
    connect,
    set: (knobs) => void sandbox.setKnobs({ liveperson: knobs }),
    close: async () => {
      await Promise.all(open.map((connected) => connected.close()));
      await sandbox.close();
    },
  };
}

/** A node's body with a manifest. */
export function bodyOf(changes: JsonObject = {}): JsonObject {
  return { manifest: connectorManifest(changes) };
}

/** Live apps of the sandbox, as stored. */
export function liveApps(sandbox: Sandbox): JsonObject[] {
  return sandbox.state({ ledger: false }).objects['liveperson']?.['app'] ?? [];
}

/** The calls since a moment, as `update app 412`. */
export function callsSince(sandbox: Sandbox, seq: number): string[] {
  return sandbox
    .state({ objects: false, since: seq })
    .ledger.map(({ operation, resource, status }) => `${operation} ${resource} ${String(status)}`);
}

export function seqOf(sandbox: Sandbox): number {
  return sandbox.state({ ledger: false, objects: false }).seq;
}
