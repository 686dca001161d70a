import { describe, expect, it } from 'vitest';
import { applyEvents, type StreamEvent } from './apply-event.js';
import { liveEvents } from './live.js';
import { leftoversOf } from './job.js';
import { computeProgress } from './progress.js';
import { at, History, job, live, plan, refusal } from './progress.fixture.js';

function told(history: History): StreamEvent[] {
  return applyEvents(job(), history.events);
}

const WHOLE = new History()
  .started()
  .done('a')
  .failed('b')
  .status('rolling-back')
  .removed('b')
  .removed('a')
  .closed('failed', {
    details: { status: 'rolled-back', reason: 'eGain refuses it', code: 'INVALID_REQUEST', step: 'b', leftovers: [] },
  });

describe('what a stream tells', () => {
  it('is at most one event per history event, numbered by it', () => {
    const events = told(WHOLE);
    const seqs = events.map(({ seq }) => seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => Number(a) - Number(b)));
    expect(events.every(({ seq, data }) => data.seq === seq && data.message.length > 0)).toBe(true);
  });

  it('begins with started, tells each step, and ends with closed', () => {
    const events = told(WHOLE);
    expect(events.map(({ event }) => event)).toEqual([
      'started',
      ...['step', 'step', 'step', 'step'],
      'status',
      ...['step', 'step', 'step', 'step'],
      'closed',
    ]);
    expect(events[0]?.data).toMatchObject({
      status: 'running',
      message: 'The job has started: 4 steps at eGain and Sinch.',
    });
    expect(events.at(-1)?.data).toMatchObject({ status: 'rolled-back', closedAt: at(11), leftovers: [] });
  });

  it('holds only the fields of a step that changed', () => {
    const [, scheduled, completed] = told(new History().started().done('a', 'adopted'));
    expect(scheduled?.data).toEqual({
      seq: 2,
      at: at(2),
      key: 'a',
      status: 'running',
      attempt: 1,
      startedAt: at(2),
      message: 'Step a: started at eGain.',
    });
    expect(completed?.data).toEqual({
      seq: 3,
      at: at(3),
      key: 'a',
      status: 'done',
      origin: 'adopted',
      externalId: 'id-a',
      endedAt: at(3),
      message: 'Step a: taken over.',
    });
  });

  it.each([
    ['cancel', new History().started().command('cancel'), false],
    ['retry of a job that runs', new History().started().command('retry'), true],
    ['retry of a held job', new History().started().status('held').command('retry'), false],
    ['a command of another run', new History().started().command('cancel', { runId: 'run-0' }), true],
    ['a repeated command', new History().started().command('cancel', { id: 'x' }).command('cancel', { id: 'x' }), true],
  ])('%s', (_, history, ignored) => {
    const last = told(history).at(-1);
    expect(last?.event).toBe('command');
    expect(last?.data['ignored'] ?? false).toBe(ignored);
    expect(last?.data).toMatchObject({ by: 'ops', reason: 'why not' });
  });
});

describe('the sentences of a stream', () => {
  const messages = (history: History): string[] => told(history).map(({ data }) => data.message);
  const own = { httpStatus: null, vendorCode: null, externalId: 'x' };

  it('name a step once, also where the fault names it too', () => {
    const failed = { ...own, code: 'AMBIGUOUS', message: 'Step a: two are there.' } as const;
    const stuck = { ...own, code: 'STILL_REFERENCED', message: 'Step a: x cannot be removed.' } as const;
    const history = new History().started().failed('a', failed).status('rolling-back').failed('a', stuck, 'remove');
    expect(messages(history)).toEqual(
      expect.arrayContaining([
        'Step a failed: two are there.',
        'Step a could not be taken back: STILL_REFERENCED: x cannot be removed.',
      ]),
    );
    const conflict = {
      key: 'b',
      status: 'foreign',
      externalId: 'x',
      before: [],
      action: 'conflict',
      reason: 'not ours',
    };
    const looked = new History()
      .started()
      .scheduled('egain/egain-main', 'look')
      .end({ type: 'completed', result: { findings: [conflict] } });
    expect(messages(looked).at(-1)).toBe('Step b failed: not ours.');
  });

  it('say what is still waited for', () => {
    const history = new History().started().done('a').scheduled('ready').done('b').done('c').status('waiting');
    expect(messages(history).at(-1)).toBe('All else is done; still waited for: Step ready.');
  });

  it('tell of a job that was ended with leftovers who took them, how many they are, and why it failed', () => {
    const leftovers = [{ key: 'b', externalId: 'id-b', reason: 'PERMISSION_DENIED: not allowed' }];
    const history = new History()
      .started()
      .done('b')
      .failed('c')
      .status('rolling-back')
      .failed('b', refusal(), 'remove')
      .status('rollback-incomplete')
      .command('accept-leftovers')
      .closed('failed', {
        details: { status: 'rollback-incomplete', reason: 'no', code: 'INVALID_REQUEST', step: 'c', leftovers },
      });
    const closing = told(history).at(-1);
    expect(closing).toMatchObject({ event: 'closed', data: { status: 'rollback-incomplete', leftovers } });
    expect(closing?.data.message).toBe(
      'The job has ended and leaves one object that could not be taken back, accepted by ops (why not). INVALID_REQUEST: eGain refuses it',
    );
  });
});

describe('a step that a correction moves to another connection', () => {
  const [ONE, TWO] = ['egain/egain-main', 'egain/egain-two'];
  const moved = { ...plan() };
  moved.nodes = moved.nodes.map((node) => (node.key === 'a' ? { ...node, connection: 'egain-two' } : node));
  const held = (): History =>
    new History()
      .started()
      .done('a', 'created', ONE)
      .failed('b')
      .status('held')
      .command('retry', { plan: moved })
      .status('running');
  const stepA = (history: History): unknown => {
    const state = job();
    applyEvents(state, history.events);
    return computeProgress(state, live(60), { self: '', events: '', temporalUi: null }).steps[0];
  };

  it('begins anew there', () => {
    expect(stepA(held())).toMatchObject({ key: 'a', status: 'pending', externalId: null, origin: null, attempt: 0 });
  });

  it.each([
    { order: 'before it is made there', history: held().removed('a', 'removed', ONE).done('a', 'adopted', TWO) },
    { order: 'after it was made there', history: held().done('a', 'adopted', TWO).removed('a', 'removed', ONE) },
  ])('is not told as undone when what stood before is, $order', ({ history }) => {
    expect(stepA(history)).toMatchObject({ status: 'done', origin: 'adopted', externalId: 'id-a' });
    const former = told(history).filter(({ data }) => data['formerConnection'] === ONE);
    expect(former.map(({ data }) => data.message)).toEqual([
      'Step a at egain-main: being taken back.',
      'Step a at egain-main: removed',
    ]);
    expect(former.every(({ data }) => !('status' in data))).toBe(true);
  });

  it('leaves what could not be undone before in the list of leftovers', () => {
    const history = held()
      .scheduled('a', 'remove', ONE)
      .end({ type: 'failed', fault: refusal({ externalId: 'id-a' }) })
      .status('rolling-back')
      .scheduled('a', 'remove', ONE)
      .end({ type: 'failed', fault: refusal({ externalId: 'id-a' }) })
      .status('rollback-incomplete');
    const state = job();
    applyEvents(state, history.events);
    expect(leftoversOf(state)).toEqual([{ key: 'a', externalId: 'id-a', reason: expect.any(String) as string }]);
  });
});

describe('what the history does not tell', () => {
  it('is told once per change, without a number', () => {
    const state = job();
    applyEvents(state, new History().started().scheduled('a').events);
    const memory = new Map<string, string>();
    const failing = {
      state: 'scheduled' as const,
      attempt: 2,
      lastFault: refusal({ httpStatus: 503, code: 'VENDOR_UNAVAILABLE' }),
    };
    expect(liveEvents(state, live(10), memory)).toEqual([]);
    expect(liveEvents(state, live(10, {}), memory)).toEqual([]);
    const [retry, ...none] = liveEvents(state, live(11, { ...failing, nextAttemptAt: at(15) }), memory);
    expect(none).toEqual([]);
    expect(retry).toMatchObject({
      event: 'step',
      seq: null,
      data: { key: 'a', status: 'retrying', attempt: 2, lastError: { httpStatus: 503, retryAt: at(15) } },
    });
    expect(retry?.data.message).toBe('Step a: eGain answers 503; trying again in 4 s (attempt 2)');
    expect(liveEvents(state, live(12, { ...failing, nextAttemptAt: at(15) }), memory)).toEqual([]);
    expect(liveEvents(state, live(16, { ...failing, attempt: 3, nextAttemptAt: at(19) }), memory)).toHaveLength(1);
  });
});
