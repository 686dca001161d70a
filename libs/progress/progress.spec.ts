import { describe, expect, it } from 'vitest';
import type { Progress } from '#libs/contracts/index.js';
import { applyEvents } from './apply-event.js';
import type { LiveFacts } from './events.js';
import { computeProgress } from './progress.js';
import { at, History, job, live, refusal } from './progress.fixture.js';

const LINKS = { self: '', events: '', temporalUi: null };

function progressOf(history: History, facts: LiveFacts | null = live(60)): Progress {
  const state = job();
  applyEvents(state, history.events);
  return computeProgress(state, facts, LINKS);
}

function statuses(progress: Progress): Record<string, string> {
  return Object.fromEntries(progress.steps.map(({ key, status }) => [key, status]));
}

const unavailable = refusal({
  code: 'VENDOR_UNAVAILABLE',
  message: 'eGain answers 503.',
  httpStatus: 503,
  vendorCode: null,
});

const CASES: {
  name: string;
  history: History;
  facts?: LiveFacts;
  status: Progress['status'];
  steps: Record<string, string>;
  wait?: string | null;
  percent?: number;
  reason?: RegExp | null;
}[] = [
  {
    name: 'accepted a moment ago',
    history: new History(),
    facts: live(1),
    status: 'queued',
    steps: { a: 'pending', b: 'pending', c: 'pending', ready: 'pending' },
    wait: null,
    percent: 0,
    reason: null,
  },
  {
    name: 'accepted, and nobody picks it up for more than 5 s',
    history: new History(),
    facts: live(6),
    status: 'queued',
    steps: { a: 'pending', b: 'pending', c: 'pending', ready: 'pending' },
    wait: 'worker',
    reason: /No worker is running/,
  },
  {
    name: 'its first step runs',
    history: new History().started().scheduled('a'),
    facts: live(10, { key: 'a' }),
    status: 'running',
    steps: { a: 'running', b: 'pending', c: 'pending', ready: 'pending' },
    wait: null,
    reason: null,
  },
  {
    name: 'a step backs off: it says why, when and which attempt comes',
    history: new History().started().scheduled('a'),
    facts: live(10, { state: 'scheduled', attempt: 4, lastFault: unavailable, nextAttemptAt: at(18) }),
    status: 'running',
    steps: { a: 'retrying', b: 'pending', c: 'pending', ready: 'pending' },
    wait: 'retry',
    reason: /^eGain answers 503; trying again in 8 s \(attempt 4\)$/,
  },
  {
    name: 'the look backs off: the first step of its connection speaks for it',
    history: new History().started().scheduled('egain/egain-main', 'look'),
    facts: live(10, {
      key: 'egain/egain-main',
      verb: 'look',
      state: 'scheduled',
      attempt: 2,
      lastFault: unavailable,
      nextAttemptAt: at(12),
    }),
    status: 'running',
    steps: { a: 'retrying', b: 'pending', c: 'pending', ready: 'pending' },
    wait: 'retry',
    reason: /attempt 2/,
  },
  {
    name: 'no worker takes the step of a connection',
    history: new History().started().scheduled('a'),
    facts: live(20, { state: 'scheduled', scheduledAt: at(10) }),
    status: 'running',
    steps: { a: 'running', b: 'pending', c: 'pending', ready: 'pending' },
    wait: 'worker',
    reason: /No worker is free for eGain \(connection egain-main\)/,
  },
  {
    name: 'the workflow itself has no worker',
    history: new History().started(),
    facts: { ...live(20), taskWaitsSince: at(10) },
    status: 'running',
    steps: { a: 'pending', b: 'pending', c: 'pending', ready: 'pending' },
    wait: 'worker',
    reason: /No worker is running/,
  },
  {
    name: 'its own task fails, whatever its steps do meanwhile',
    history: new History().started().scheduled('a'),
    facts: { ...live(20), taskFailure: { since: at(10), failed: 4, cause: 'NonDeterministicError' } },
    status: 'running',
    steps: { a: 'running', b: 'pending', c: 'pending', ready: 'pending' },
    wait: 'engine',
    reason: /^Temporal cannot carry the job on: .* has failed 4 times \(NonDeterministicError\)\. Nothing is undone/,
  },
  {
    name: 'accepted, and a task of its account fails',
    history: new History(),
    facts: { ...live(20), taskFailure: { since: at(10), failed: 2, cause: null } },
    status: 'queued',
    steps: { a: 'pending', b: 'pending', c: 'pending', ready: 'pending' },
    wait: 'engine',
    reason: /has failed 2 times\. Nothing is undone/,
  },
  {
    name: 'held, and a command to it cannot be taken up',
    history: new History().started().scheduled('a').status('held'),
    facts: { ...live(20), taskFailure: { since: at(10), failed: 2, cause: null } },
    status: 'held',
    steps: { a: 'running', b: 'pending', c: 'pending', ready: 'pending' },
    wait: 'engine',
    reason: /^Temporal cannot carry the job on/,
  },
  {
    name: 'only the channels have to become active',
    history: new History().started().done('a').done('b').done('c').scheduled('ready').status('waiting'),
    facts: live(20, {
      key: 'ready',
      state: 'scheduled',
      attempt: 3,
      lastFault: refusal({ code: 'NOT_READY', message: 'WHATSAPP is PENDING.', httpStatus: null }),
      nextAttemptAt: at(25),
    }),
    status: 'waiting',
    steps: { a: 'done', b: 'done', c: 'done', ready: 'waiting' },
    wait: 'vendor',
    percent: 75,
    reason: /^WHATSAPP is PENDING; looking again in 5 s \(attempt 3\)$/,
  },
  {
    name: 'held: it names what failed and waits for an operator',
    history: new History().started().done('a').failed('b').status('held', { ErrorCode: 'INVALID_REQUEST', Step: 'b' }),
    status: 'held',
    steps: { a: 'done', b: 'failed', c: 'pending', ready: 'pending' },
    wait: 'operator',
    reason: /^INVALID_REQUEST: eGain refuses it$/,
  },
  {
    name: 'succeeded',
    history: new History()
      .started()
      .done('a')
      .done('b', 'shared')
      .done('c', 'adopted')
      .done('ready')
      .closed('completed'),
    status: 'succeeded',
    steps: { a: 'done', b: 'done', c: 'done', ready: 'done' },
    wait: null,
    percent: 100,
    reason: null,
  },
  {
    name: 'its last status counts only once it has closed',
    history: new History().started().done('a').done('b').done('c').done('ready').status('succeeded'),
    status: 'running',
    steps: { a: 'done', b: 'done', c: 'done', ready: 'done' },
    percent: 99,
  },
  {
    name: 'rolling back: undoing and undone, with the cause; a cut off step is undone too',
    history: new History()
      .started()
      .done('a')
      .cancelled('ready')
      .failed('b')
      .status('rolling-back', { ErrorCode: 'INVALID_REQUEST', Step: 'b' })
      .removed('b', 'absent')
      .scheduled('a', 'remove'),
    facts: live(30, { key: 'a', verb: 'remove' }),
    status: 'rolling-back',
    steps: { a: 'undoing', b: 'undone', c: 'pending', ready: 'undoing' },
    wait: null,
    percent: 0,
    reason: /eGain refuses it/,
  },
  {
    name: 'rolled back: what was there before is kept, what never began is skipped',
    history: new History()
      .started()
      .done('a', 'shared')
      .failed('b')
      .status('rolling-back', { Step: 'b' })
      .removed('b')
      .removed('a', 'kept')
      .closed('failed', {
        details: {
          status: 'rolled-back',
          reason: 'eGain refuses it',
          code: 'INVALID_REQUEST',
          step: 'b',
          leftovers: [],
        },
      }),
    status: 'rolled-back',
    steps: { a: 'kept', b: 'undone', c: 'skipped', ready: 'skipped' },
    wait: null,
    reason: /^INVALID_REQUEST: eGain refuses it$/,
  },
  {
    name: 'undo failed for one step, and what it may refer to was not tried',
    history: new History()
      .started()
      .done('a')
      .done('b')
      .failed('c')
      .status('rolling-back')
      .removed('c')
      .failed('b', refusal({ code: 'PERMISSION_DENIED', message: 'not allowed', externalId: 'id-b' }), 'remove')
      .status('rollback-incomplete'),
    status: 'rollback-incomplete',
    steps: { a: 'undo-failed', b: 'undo-failed', c: 'undone', ready: 'pending' },
    wait: 'operator',
  },
  {
    name: 'cancelled natively after a command: it names who and why',
    history: new History()
      .started()
      .done('a')
      .command('cancel')
      .status('rolling-back')
      .removed('a')
      .closed('cancelled'),
    status: 'cancelled',
    steps: { a: 'undone', b: 'skipped', c: 'skipped', ready: 'skipped' },
    wait: null,
    reason: /^Cancelled by ops: why not$/,
  },
  {
    name: 'terminated in Temporal: nothing is known of the open step',
    history: new History().started().done('a').scheduled('b').closed('terminated'),
    status: 'interrupted',
    steps: { a: 'done', b: 'failed', c: 'skipped', ready: 'skipped' },
    wait: null,
    reason: /may still stand/,
  },
  {
    name: 'a failure that is none of ours is no clean end',
    history: new History().started().done('a').closed('failed'),
    status: 'interrupted',
    steps: { a: 'done', b: 'skipped', c: 'skipped', ready: 'skipped' },
  },
  {
    name: 'a conflict that the look saw fails its step before anything was written',
    history: new History()
      .started()
      .scheduled('egain/egain-main', 'look')
      .end({
        type: 'completed',
        result: {
          findings: [
            {
              key: 'b',
              status: 'foreign',
              externalId: 'x',
              before: ['x'],
              action: 'conflict',
              reason: 'it is not ours',
            },
          ],
        },
      })
      .status('rolling-back', { ErrorCode: 'FOREIGN_RESOURCE', Step: 'b' }),
    status: 'rolling-back',
    steps: { a: 'pending', b: 'failed', c: 'pending', ready: 'pending' },
    reason: /^FOREIGN_RESOURCE: Step b: it is not ours\.$/,
  },
];

describe('computeProgress', () => {
  it.each(CASES)('$name', ({ history, facts, status, steps, wait, percent, reason }) => {
    const progress = progressOf(history, facts ?? live(60));
    expect(progress.status).toBe(status);
    expect(statuses(progress)).toEqual(steps);
    if (wait !== undefined) expect(progress.waitingFor?.kind ?? null).toBe(wait);
    if (percent !== undefined) expect(progress.percent).toBe(percent);
    if (reason === null) expect(progress.reason).toBeNull();
    else if (reason) expect(progress.reason).toMatch(reason);
  });

  it('lists leftovers in plan order, those that were not tried with the reason', () => {
    const { history } = CASES.find(({ status }) => status === 'rollback-incomplete') ?? { history: new History() };
    expect(progressOf(history).leftovers).toEqual([
      { key: 'a', externalId: 'id-a', reason: 'STILL_REFERENCED: Step b could not be undone and may refer to it' },
      { key: 'b', externalId: 'id-b', reason: 'PERMISSION_DENIED: not allowed' },
    ]);
  });

  it('forgets leftovers when undo is tried again', () => {
    const { history } = CASES.find(({ status }) => status === 'rollback-incomplete') ?? { history: new History() };
    const again = new History();
    again.events.push(...history.events);
    const more = (status: string): Progress => {
      const state = job();
      const eventId = again.events.length + 1;
      applyEvents(state, [
        ...again.events,
        { eventId, at: at(eventId), type: 'attributes', values: { OnboardingStatus: status } },
      ]);
      return computeProgress(state, live(60), LINKS);
    };
    expect(more('rolling-back').leftovers).toEqual([]);
  });

  it('takes the facts of the last attempt from its event', () => {
    const history = new History()
      .started()
      .scheduled('a')
      .add({ type: 'attempt', scheduledEventId: 2, attempt: 3, lastFault: unavailable })
      .add({ type: 'completed', scheduledEventId: 2, result: { externalId: 'id-a', outcome: 'created' } });
    expect(progressOf(history).steps[0]).toMatchObject({
      status: 'done',
      attempt: 3,
      externalId: 'id-a',
      origin: 'created',
      startedAt: at(2),
      endedAt: at(4),
      lastError: { code: 'VENDOR_UNAVAILABLE', retryAt: null },
    });
  });

  it('leaves out what `describe` knows of a step that the history has ended', () => {
    const progress = progressOf(new History().started().done('a'), live(10, { attempt: 9, lastFault: unavailable }));
    expect(progress.steps[0]).toMatchObject({ status: 'done', lastError: null });
    expect(progress.waitingFor).toBeNull();
  });

  it('goes on with a corrected plan: new steps are there, those that are gone stay until they are undone', () => {
    const corrected = { ...job().plan };
    corrected.nodes = corrected.nodes
      .filter(({ key }) => key !== 'c')
      .concat({ ...corrected.nodes[0], key: 'd', title: 'Step d', needs: ['b'] } as never);
    const history = new History()
      .started()
      .done('a')
      .done('b')
      .failed('c')
      .status('held')
      .command('retry', { plan: corrected });
    expect(statuses(progressOf(history))).toEqual({
      a: 'done',
      b: 'done',
      ready: 'pending',
      d: 'pending',
      c: 'failed',
    });
  });
});
