import proto from '@temporalio/proto';
import { describe, expect, it } from 'vitest';
import {
  formatMarker,
  registryMemo,
  VendorError,
  vendorFault,
  type AccountState,
  type JsonObject,
  type ScanInput,
  type ScanResult,
} from '#libs/contracts/index.js';
import type { RegistryAccess } from '#libs/registry/index.js';
import { placeHash, traceOf, type Resource, type SeenObject } from '#libs/resources/index.js';
import { minimalEgainSpec, planOf } from '#test/factories/index.js';
import { scan } from './scan.js';

const { WorkflowExecutionStatus: STATUS } = proto.temporal.api.enums.v1;
const KEY = 'egain.orchestration';
const PLACE = placeHash('here');

/** A kind of which each account has one object; its body is `{ value }`. */
class World {
  readonly objects = new Map<string, SeenObject>();
  readonly states = new Map<string, AccountState>();
  readonly statusOf = new Map<string, number>();
  /** Workflow ids of accounts that are encrypted with a key which is not there. */
  readonly undecodable = new Set<string>();
  /** Ids of objects that stand and that no list shows, as when others went while it was read. */
  readonly hidden = new Set<string>();
  /** What was asked, of Temporal and of the vendor, in order. */
  readonly asked: ('registry' | 'list' | 'get')[] = [];
  gets = 0;
  stateReads = 0;
  listFault: VendorError | undefined;
  getFault: VendorError | undefined;
  /** Version of the projections of the recorded fingerprints; undefined: the one of this code. */
  version: number | undefined;

  readonly resource = {
    ...{ vendor: 'egain', name: 'orchestration', shared: false, exists: true, marked: true, secrets: [] },
    key: () => '',
    scope: () => undefined,
    projection: (body: JsonObject) => ({ value: body['value'] ?? null }),
    get: (_client: unknown, id: string) => {
      this.gets++;
      this.asked.push('get');
      return this.getFault ? Promise.reject(this.getFault) : Promise.resolve(this.objects.get(id) ?? null);
    },
    diff: ({ body }: { body: JsonObject }, seen: SeenObject) =>
      body['value'] === seen.body['value']
        ? []
        : [{ path: 'value', expected: body['value'] ?? null, seen: seen.body['value'] ?? null }],
  } as unknown as Resource<unknown>;

  constructor(accounts: number) {
    this.resource.pages = () => this.pages();
    for (let nth = 0; nth < accounts; nth++) this.add(`a${String(nth)}`);
  }

  add(account: string, change: Partial<AccountState> = {}): void {
    const plan = planOf(minimalEgainSpec({ account }));
    const node = plan.nodes.find(({ key }) => key === KEY);
    if (!node) throw new Error('the plan has no orchestration');
    plan.nodes = [{ ...node, needs: [], body: { value: 1 } }];
    const externalId = `object-of-${account}`;
    const trace = traceOf(this.resource, externalId, { value: 1 });
    this.states.set(`account/acme.${account}`, {
      ...{ version: 1, tenant: 'acme', account, chain: 'egain', state: 'live', plan, queue: [], lastOperation: null },
      resources: [
        {
          ...{ key: KEY, vendor: 'egain', resource: 'orchestration', connection: 'egain-main', externalId },
          ...{ ownership: 'created', ...(trace ? { trace: { ...trace, place: PLACE } } : {}) },
        },
      ],
      commands: [],
      ...change,
    });
    this.put(externalId, account, 1);
  }

  put(id: string, account: string, value: number, installation = 'test1'): void {
    const marker = { installation, account: { tenant: 'acme', account }, node: KEY };
    this.objects.set(id, { id, key: id, marker, age: id, body: { value } });
  }

  /** Temporal, with every account as it stands. */
  get access(): RegistryAccess {
    const rowOf = (workflowId: string, state: AccountState): object => ({
      execution: { workflowId, runId: `run-of-${workflowId}` },
      status: this.statusOf.get(workflowId) ?? STATUS.WORKFLOW_EXECUTION_STATUS_RUNNING,
      searchAttributes: { indexedFields: { Chain: 'egain', Drift: state.drift ? 'changed' : null } },
      memo: { fields: { state: state.state, registry: this.registryOf(state) } },
    });
    const running = (id: string): boolean => !this.statusOf.has(id);
    const decoded = (value: unknown, workflowId: string): Promise<unknown> =>
      this.undecodable.has(workflowId) ? Promise.reject(new Error('the key is not there')) : Promise.resolve(value);
    const decoder = { payload: (value: unknown) => Promise.resolve(value), fields: decoded, value: decoded };
    const service = {
      listWorkflowExecutions: () => {
        this.asked.push('registry');
        return Promise.resolve({
          executions: [...this.states].filter(([id]) => running(id)).map(([id, state]) => rowOf(id, state)),
          nextPageToken: new Uint8Array(),
        });
      },
      describeWorkflowExecution: ({ execution: { workflowId } }: { execution: { workflowId: string } }) => {
        const state = this.states.get(workflowId);
        const status = state ? undefined : STATUS.WORKFLOW_EXECUTION_STATUS_COMPLETED;
        const info = state ? rowOf(workflowId, state) : { status, execution: {} };
        return Promise.resolve({ workflowExecutionInfo: info, pendingChildren: [] });
      },
      getWorkflowExecutionHistory: ({ execution: { workflowId } }: { execution: { workflowId: string } }) => {
        this.stateReads++;
        const input = this.states.get(workflowId);
        const events = [{ workflowExecutionStartedEventAttributes: { input } }];
        return Promise.resolve({ history: { events }, nextPageToken: new Uint8Array() });
      },
    };
    return { service, decoder, namespace: 'default' } as unknown as RegistryAccess;
  }

  run(change: Partial<ScanInput> = {}): Promise<ScanResult> {
    const signal = new AbortController().signal;
    const timing = { initialIntervalMs: 1, maximumIntervalMs: 1, giveUpAfterMs: 0 };
    return scan(
      {
        ...{ access: this.access, resources: [this.resource], client: {}, installation: 'test1', place: PLACE },
        pace: { signal, timing, sleep: () => Promise.resolve(), now: () => Date.now() },
        calls: () => 0,
        onProgress: () => undefined,
      },
      {
        ...{ run: 'adhoc.x', startedAt: new Date().toISOString(), connection: { vendor: 'egain', name: 'egain-main' } },
        ...{ only: null, tenant: null, chain: null, tenants: null },
        stop: { share: 0.1, count: 5, orphanShare: 0.1, orphanCount: 5 },
        ...change,
      },
    );
  }

  private registryOf(state: AccountState): object {
    const memo = registryMemo(state, {});
    return this.version === undefined ? memo : { ...memo, version: this.version };
  }

  private async *pages(): AsyncGenerator<SeenObject[], void, undefined> {
    this.asked.push('list');
    if (this.listFault) throw await Promise.resolve(this.listFault);
    yield [...this.objects.values()].filter(({ id }) => !this.hidden.has(id));
  }
}

describe('a scan', () => {
  it('of a quiet fleet reads no object and no account', async () => {
    const world = new World(20);
    expect(await world.run()).toMatchObject({ status: 'read', accounts: 20, objects: 20, found: [], orphans: [] });
    expect([world.gets, world.stateReads]).toEqual([0, 0]);
  });

  it('finds what is missing and what is changed, and reads only what is suspicious', async () => {
    const world = new World(20);
    world.put('object-of-a1', 'a1', 2);
    world.objects.delete('object-of-a2');
    const { found, drifted } = await world.run();
    expect(found.map(({ id, drift }) => [id, drift.map(({ kind }) => kind)])).toEqual([
      ['acme.a1', ['changed']],
      ['acme.a2', ['missing']],
    ]);
    expect([drifted, world.gets]).toEqual([2, 2]);
  });

  it('asks who records what before it reads the first list: what was made since then is known to be new', async () => {
    const world = new World(2);
    await world.run();
    expect(world.asked).toEqual(['registry', 'list']);
  });

  it('clears up by a read of the object itself what a list has only hidden', async () => {
    const world = new World(20);
    world.hidden.add('object-of-a3');
    expect(await world.run()).toMatchObject({ status: 'read', found: [], drifted: 0 });
    expect(world.gets).toBe(1);
  });

  it('compares list items where fingerprints say nothing, as after a release: no object is read for that', async () => {
    const world = new World(20);
    world.version = 0;
    expect(await world.run()).toMatchObject({ status: 'read', found: [], drifted: 0 });
    expect(world.gets).toBe(0);
    world.put('object-of-a1', 'a1', 2);
    expect(
      (await world.run()).found.map(({ id }) => id),
      'and what differs is found all the same',
    ).toEqual(['acme.a1']);
  });

  it('says nothing of an account at which something runs', async () => {
    const world = new World(3);
    world.objects.delete('object-of-a1');
    const state = world.states.get('account/acme.a1');
    if (state) state.queue = [{ kind: 'offboard', runId: 'r', by: 'x', at: '' }];
    expect(await world.run()).toMatchObject({ found: [], busy: ['acme.a1'] });
  });

  it('calls an object with another place for its account neither missing nor changed', async () => {
    const world = new World(2);
    for (const { resources } of world.states.values())
      for (const { trace } of resources) if (trace) trace.place = placeHash('there');
    world.objects.clear();
    expect(await world.run()).toMatchObject({
      ...{ status: 'unreadable', found: [], unreadable: ['acme.a0', 'acme.a1'] },
      reason: expect.stringContaining('another vendor account') as string,
    });
  });

  it('calls nothing missing when the vendor refuses its list', async () => {
    const world = new World(2);
    const facts = { code: 'PERMISSION_DENIED', vendor: 'egain', resource: 'orchestration', operation: 'list' } as const;
    world.listFault = new VendorError(vendorFault({ ...facts, message: 'eGain refuses the list.' }));
    expect(await world.run()).toMatchObject({ status: 'unreadable', reason: 'eGain refuses the list.', found: [] });
  });

  it.each([
    { reason: 'calls nothing missing', plant: (world: World) => world.objects.delete('object-of-a1') },
    { reason: 'calls nothing an orphan', plant: (world: World) => world.put('orphan', 'gone', 1) },
  ])('$reason when the vendor shows its list and refuses the object itself', async ({ plant }) => {
    const world = new World(20);
    plant(world);
    const facts = { code: 'PERMISSION_DENIED', vendor: 'egain', resource: 'orchestration', operation: 'get' } as const;
    world.getFault = new VendorError(vendorFault({ ...facts, message: 'eGain refuses the object.' }));
    expect(await world.run()).toMatchObject({
      ...{ status: 'unreadable', reason: 'eGain refuses the object.', found: [], drifted: 0 },
      ...{ orphans: [], orphanCount: 0 },
    });
  });
});

describe('an object with our marker that nobody records', () => {
  it('is an orphan where its account is gone, and none where that was cut off or another installation made it', async () => {
    const world = new World(20);
    world.put('orphan', 'gone', 1);
    world.put('staging', 'gone', 1, 'staging');
    world.add('cut');
    world.statusOf.set('account/acme.cut', STATUS.WORKFLOW_EXECUTION_STATUS_TERMINATED);
    const result = await world.run();
    const marker = formatMarker({ installation: 'test1', account: { tenant: 'acme', account: 'gone' }, node: KEY });
    expect(result.orphans).toMatchObject([{ externalId: 'orphan', marker, removed: false }]);
    expect(result.interrupted).toEqual(['acme.cut']);
  });

  it('is nothing where its account cannot be decoded, which keeps nobody from comparing the others', async () => {
    const world = new World(3);
    world.undecodable.add('account/acme.a1');
    world.objects.delete('object-of-a2');
    expect(await world.run()).toMatchObject({ status: 'read', orphans: [], found: [{ id: 'acme.a2' }] });
  });

  it('is a duplicate where its account is there', async () => {
    const world = new World(3);
    world.put('twin', 'a1', 1);
    const { found, orphans } = await world.run();
    expect(found.map(({ id, drift }) => [id, drift])).toMatchObject([
      ['acme.a1', [{ kind: 'duplicate', externalId: 'twin' }]],
    ]);
    expect(orphans).toEqual([]);
  });

  it('is not named to somebody who may not see its tenant', async () => {
    const world = new World(3);
    world.put('orphan', 'gone', 1);
    expect(await world.run({ tenants: ['other'] })).toMatchObject({ orphans: [], accounts: 0 });
  });
});

it('ends with the reading of suspects once a rule is certain', async () => {
  const world = new World(30);
  for (let nth = 0; nth < 30; nth++) world.put(`object-of-a${String(nth)}`, `a${String(nth)}`, nth + 2);
  const result = await world.run();
  expect(result).toMatchObject({ status: 'stopped', stopped: { rule: 'same-field' } });
  expect(world.gets).toBe(5);
});

it('answers what Temporal takes, however much differs, and says that there was more', async () => {
  const world = new World(0);
  const differs = Array.from({ length: 20 }, (_, n) => ({
    ...{ path: `field${String(n)}`, expected: 'e'.repeat(200), seen: 's'.repeat(200) },
  }));
  world.resource.diff = () => differs;
  const reconciliation = { mode: 'observe', until: null, by: 'ops', reason: 'they are known to differ' } as const;
  for (let nth = 0; nth < 150; nth++) {
    world.add(`a${String(nth)}`, { reconciliation });
    world.put(`object-of-a${String(nth)}`, `a${String(nth)}`, 2);
  }
  const result = await world.run();
  expect(result).toMatchObject({ status: 'read', drifted: 150, truncated: true });
  expect(result.found.length).toBeGreaterThan(20);
  expect(JSON.stringify(result).length).toBeLessThan(1_000_000);
});
