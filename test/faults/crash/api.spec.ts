import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { accountWorkflowId, operationWorkflowId, type Progress } from '#libs/contracts/index.js';
import { document } from '#test/support/api.js';
import { othersAtVendors, ownedAtVendors, startEngine, type Engine } from '#test/support/engine.js';
import { startApiProcess, type ApiProcess } from '#test/support/processes.js';
import { until } from '#test/support/until.js';
import { oneOfEach, WHOLE } from './round.js';

const ALL = process.env['GANGWAY_FAULTS'] === 'all';
/** How long after a start was sent the API dies: before it was read, while it is planned and sealed, after Temporal has it. */
const KILLED_AFTER_MS = ALL ? [0, 1, 2, 4, 6, 8, 12, 16, 24, 40, 80] : [1, 12];
const ENDED_WITHIN_MS = 60_000;
/** Every vendor call takes so long, so that the API can be killed several times on a job's way. */
const CALL_MS = 600;
const LEAST_KILLS = 3;
const TEST_TIMEOUT_MS = 180_000;

let engine: Engine;
let api: ApiProcess;
let before: string;
let id: string;
let spec: ReturnType<typeof oneOfEach>;
let count = 0;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { timeoutMs: 10_000 });
  api = await startApiProcess(engine);
});
afterAll(async () => {
  await api.stop();
  await engine.stop();
});
beforeEach(() => {
  count += 1;
  engine.sandbox.reset();
  spec = oneOfEach(`apikill${String(count)}`);
  id = `${spec.tenant}.${spec.account}`;
  before = othersAtVendors(engine.sandbox, id);
});

/** The API gone without a word and started again on its port. */
async function restart(): Promise<void> {
  await api.kill();
  api = await startApiProcess(engine, {}, api.port);
}

/** Sends a request whose answer nobody hears: the API dies under it. */
function unheard(method: string, path: string, body: unknown): Promise<number | undefined> {
  return api.call(method, path, { body }).then(
    ({ status }) => status,
    () => undefined, // the connection went with the API
  );
}

function holdOrchestration(ms: number): void {
  const match = { vendor: 'egain', resource: 'orchestration', operation: 'create' as const };
  engine.sandbox.setFaults([{ match, nth: 1, effect: { kind: 'delay', ms, effectFirst: true } }]);
}

async function orchestrationCalled(): Promise<void> {
  const called = (): boolean =>
    engine.sandbox
      .state({ objects: false })
      .ledger.some((entry) => entry.resource === 'orchestration' && entry.operation === 'create');
  await until(() => called() || undefined, 'the orchestration to be created', ENDED_WITHIN_MS);
}

async function ended(): Promise<Progress> {
  return until(
    async () => {
      const progress = await api.progress(id);
      return progress.closedAt === null ? undefined : progress;
    },
    'the job to end',
    ENDED_WITHIN_MS,
  );
}

function standing(): string[] {
  return ownedAtVendors(engine.sandbox, id).sort();
}

describe('an API that is killed', { timeout: TEST_TIMEOUT_MS }, () => {
  it('in the middle of a job: the job goes on, its progress is there again, and the same start replays', async () => {
    holdOrchestration(1_500);
    const started = await api.start(document(engine, spec));
    expect(started.status).toBe(202);
    await orchestrationCalled();
    await restart();
    const progress = await ended();
    expect(progress).toMatchObject({ status: 'succeeded', runId: started.body['runId'] });
    const again = await api.start(document(engine, spec));
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body['runId']).toBe(started.body['runId']);
    expect(standing()).toEqual(WHOLE);
    expect(othersAtVendors(engine.sandbox, id)).toBe(before);
  });

  it('after a start, before its answer was read: the same start answers the run that it began', async () => {
    const answer = unheard('POST', '/v1/onboardings', document(engine, spec));
    const account = engine.client.workflow.getHandle(accountWorkflowId(spec));
    const begun = await until(
      async () =>
        account.describe().then(
          ({ memo }) => memo?.['runId'],
          () => undefined,
        ),
      'the account to be started',
    );
    await restart();
    await answer;
    const again = await api.start(document(engine, spec));
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body['runId']).toBe(begun);
    expect(await ended()).toMatchObject({ status: 'succeeded', runId: begun });
    expect(standing()).toEqual(WHOLE);
    expect(othersAtVendors(engine.sandbox, id)).toBe(before);
  });

  it.each(KILLED_AFTER_MS)('%i ms after a start was sent: the same start ends in one account', async (ms) => {
    const answer = unheard('POST', '/v1/onboardings', document(engine, spec));
    await pause(ms);
    await restart();
    await answer;
    const again = await api.start(document(engine, spec));
    expect(again.status).toBe(202);
    expect(await ended()).toMatchObject({ status: 'succeeded', runId: again.body['runId'] });
    expect((await api.call('GET', `/v1/accounts/${id}`)).body).toMatchObject({
      lastOperation: { status: 'succeeded' },
    });
    expect(standing()).toEqual(WHOLE);
    expect(othersAtVendors(engine.sandbox, id)).toBe(before);
  });

  it('again and again, forward and back: the job is undone, and its events have no gap', async () => {
    const refusal = { kind: 'status', status: 400, body: { code: '400-143', message: 'no' } } as const;
    engine.sandbox.setFaults([
      { match: { vendor: 'egain', resource: 'account', operation: 'create' }, effect: refusal },
      { effect: { kind: 'delay', ms: CALL_MS, effectFirst: false } },
    ]);
    const started = await api.start(document(engine, spec));
    expect(started.status).toBe(202);
    const operation = engine.client.workflow.getHandle(operationWorkflowId(spec));
    const begun = (): Promise<unknown> => operation.describe().catch(() => undefined);
    await until(begun, 'the operation to begin');
    const over = async (): Promise<boolean> => (await operation.describe()).closeTime !== undefined;
    let kills = 0;
    for (; !(await over()); kills += 1) await restart();
    expect(kills).toBeGreaterThanOrEqual(LEAST_KILLS);
    expect(await ended()).toMatchObject({ status: 'rolled-back', runId: started.body['runId'], leftovers: [] });
    const whole = await api.stream(`/v1/onboardings/${id}/events`);
    const ids = whole.map((event) => event.id);
    expect(new Set(ids).size).toBe(ids.length);
    const middle = ids[Math.floor(ids.length / 2)];
    await restart();
    const rest = await api.stream(`/v1/onboardings/${id}/events`, { headers: { 'last-event-id': middle ?? '' } });
    expect(rest.map((event) => event.id)).toEqual(ids.slice(ids.indexOf(middle) + 1));
    expect(standing()).toEqual([]);
    expect(othersAtVendors(engine.sandbox, id)).toBe(before);
  });

  it('after a cancel, before its answer was read: the job is cancelled and nothing of it stands', async () => {
    holdOrchestration(2_500);
    await api.start(document(engine, spec));
    await orchestrationCalled();
    const answer = unheard('POST', `/v1/onboardings/${id}/cancel`, { reason: 'killed under it' });
    const operation = engine.client.workflow.getHandle(operationWorkflowId(spec));
    await until(async () => {
      const { events } = await operation.fetchHistory();
      return events?.some((event) => event.workflowExecutionSignaledEventAttributes != null) || undefined;
    }, 'the cancel to be recorded');
    await restart();
    await answer;
    expect(await ended()).toMatchObject({ status: 'cancelled', leftovers: [] });
    await engine.sandbox.settled();
    expect(standing()).toEqual([]);
    expect(othersAtVendors(engine.sandbox, id)).toBe(before);
  });
});
