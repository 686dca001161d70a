import { expect } from 'vitest';
import type { JsonObject, JsonValue, OnboardingSpec, Progress } from '#libs/contracts/index.js';
import { chain12Spec } from '#test/factories/index.js';
import type { TestTemporal } from '../global-setup.js';
import { document, startApi, type Answer, type ApiUnderTest } from './api.js';
import { startEngine, type Engine, type EngineOptions } from './engine.js';
import { until } from './until.js';

/** A change to a spec as a caller sends it. */
export type Edit = (document: JsonObject) => void;

/** The engine with its API, for tests of what an account goes through. */
export interface AccountsUnderTest {
  engine: Engine;
  api: ApiUnderTest;
  /** An account that nobody has used yet, on a sandbox as it begins. */
  fresh(): AccountUnderTest;
  close(): Promise<void>;
}

/** One account, as its owner and the vendors see it. */
export interface AccountUnderTest {
  id: string;
  tenant: string;
  /** The full chain of eGain and Sinch, changed. */
  spec(edit?: Edit): JsonObject;
  onboard(body?: JsonObject): Promise<JsonObject>;
  /** What GET shows. */
  read(): Promise<JsonObject>;
  put(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  remove(): Promise<Answer>;
  reconcile(body: JsonObject): Promise<Answer>;
  command(verb: string, body?: JsonObject): Promise<Answer>;
  /** Waits until the operation of an answer shows one of these. */
  ended(answer: Answer, ...statuses: Progress['status'][]): Promise<Progress>;
  /** Waits until nothing runs, and the account shows this state. */
  settled(state?: 'live' | 'interrupted'): Promise<JsonObject>;
  /** Waits until nothing is left of it. */
  gone(): Promise<void>;
  /** Objects of one kind that carry its marker. */
  objects(vendor: string, kind: string): JsonObject[];
}

/** Starts an engine with its API. `specOf` makes the spec that accounts begin with; absent: the full chain. */
export async function startAccounts(
  temporal: TestTemporal,
  options: EngineOptions = {},
  specOf: (overrides: Partial<OnboardingSpec>) => OnboardingSpec = chain12Spec,
): Promise<AccountsUnderTest> {
  const engine = await startEngine(temporal, { giveUpAfterMs: 4_000, ...options });
  const api = await startApi(engine);
  const base = `${specOf({}).chain}${String(Date.now() % 1_000_000)}`;
  let count = 0;
  return {
    engine,
    api,
    fresh: () => {
      engine.sandbox.reset();
      count += 1;
      return accountOf(engine, api, `${base}-${String(count)}`, specOf);
    },
    close: async () => {
      await api.close();
      await engine.stop();
    },
  };
}

/** An account of a tenant of its own. */
export function accountOf(
  engine: Engine,
  api: ApiUnderTest,
  tenant: string,
  specOf: (overrides: Partial<OnboardingSpec>) => OnboardingSpec = chain12Spec,
): AccountUnderTest {
  const id = `${tenant}.support`;
  const path = `/v1/accounts/${id}`;
  const account: AccountUnderTest = {
    id,
    tenant,
    spec: (edit = () => undefined) => {
      const made = structuredClone(document(engine, specOf({ tenant, account: 'support' })));
      edit(made);
      return made;
    },
    onboard: async (body = account.spec()) => {
      const answer = await api.start(body);
      expect(answer.status, JSON.stringify(answer.body)).toBe(202);
      await api.reached(id, 'succeeded');
      return account.settled();
    },
    read: async () => (await api.call('GET', path)).body,
    put: (body, headers = {}) => api.call('PUT', path, { body, headers }),
    remove: () => api.call('DELETE', path),
    reconcile: (body) => api.call('POST', `${path}/reconcile`, { body }),
    command: (verb, body = { reason: 'asked for' }) => api.call('POST', `/v1/onboardings/${id}/${verb}`, { body }),
    ended: async (answer, ...statuses) => {
      expect(answer.body).toMatchObject({ operationId: expect.any(String) as string });
      const runId = operationOf(answer);
      let last = 'unknown';
      return until(
        async () => {
          const progress = await api.progress(id, runId);
          last = progress.status;
          return statuses.includes(progress.status) ? progress : undefined;
        },
        `${id} to be ${statuses.join(' or ')}`,
        60_000,
      ).catch(async (error: unknown) => {
        const { leftovers, reason } = await api.progress(id, runId);
        const running = await api.call('GET', `/v1/accounts/${id}`);
        const told = JSON.stringify({ reason, leftovers, lastOperation: running.body['lastOperation'] });
        throw new Error(`it stays ${last}: ${told}`, { cause: error });
      });
    },
    settled: (state = 'live') =>
      until(
        async () => {
          const now = await account.read();
          const running = (now['lastOperation'] as JsonObject | null)?.['status'] === 'running';
          return now['state'] === state && !running && (now['queue'] as unknown[]).length === 0 ? now : undefined;
        },
        `${id} to be ${state}`,
        120_000,
      ),
    gone: async () => {
      await until(
        async () => ((await api.call('GET', path)).status === 404 ? true : undefined),
        `${id} to be gone`,
        60_000,
      );
    },
    objects: (vendor, kind) => {
      const found = engine.sandbox.state({ ledger: false }).objects[vendor]?.[kind] ?? [];
      return found.filter((object) => JSON.stringify(object).includes(`:${id}:`));
    },
  };
  return account;
}

/** Id of the operation that an answer names; empty where it names none. */
export function operationOf({ body: { operationId } }: Answer): string {
  return typeof operationId === 'string' ? operationId : '';
}

/** A part of a spec, by its path. */
export function at(value: JsonObject, ...path: (string | number)[]): JsonObject {
  return path.reduce<JsonValue>((part, name) => (part as JsonObject)[name] ?? {}, value) as JsonObject;
}

/** Another address of one of the eGain accounts, by the place of its channel. */
export function address(text: string, channel = 0): Edit {
  return (doc) => (at(doc, 'egain', 'channels', channel, 'account')['address'] = text);
}

/** Number of the last call to a vendor. */
export function callsSoFar({ sandbox }: Engine): number {
  return sandbox.state({ ledger: false, objects: false }).seq;
}

/** What was written at the vendors since a call, as `update channel`. */
export function writesSince({ sandbox }: Engine, seq: number): string[] {
  return sandbox
    .state({ objects: false, since: seq })
    .ledger.filter(({ operation, applied }) => applied && ['create', 'update', 'delete'].includes(operation))
    .map(({ operation, resource }) => `${operation} ${resource}`);
}

/** Makes the vendor refuse one kind of call for good. */
export function refuse({ sandbox }: Engine, operation: 'create' | 'update' | 'delete', resource: string): void {
  const body = { code: '400-152', developerMessage: 'refused by the test', details: [] };
  sandbox.setFaults([{ match: { resource, operation }, effect: { kind: 'status', status: 403, body } }]);
}
