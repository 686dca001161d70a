import { ActivityCancelledError, ActivityPausedError } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HeartbeatDetails } from '#libs/contracts/index.js';
import { FencedError } from '#libs/resources/index.js';
import { Heartbeats } from './heartbeats.js';

const POSTING = { phase: 'posting', settled: false } as const;
/** Every field, each with another value than it has at the beginning. */
const EVERYTHING: HeartbeatDetails = {
  phase: 'posting',
  settled: true,
  writing: true,
  firstFaultAt: '2026-01-01T00:00:00.000Z',
  stands: {
    id: 'app-1',
    since: '2026-01-01T00:00:00Z',
    ownership: 'adopted',
    issued: { secret: 'sealed' },
    former: { a: 1 },
  },
  removing: [{ id: 'app-2', issued: { secret: 'sealed' } }],
};

/** One attempt as the SDK shows it: what it was told, and what was sent to the server and waits for its answer. */
class FakeAttempt {
  readonly ofSdk: HeartbeatDetails[] = [];
  readonly sent: { details: HeartbeatDetails; answer: () => void; refuse: (error: Error) => void }[] = [];
  readonly cancellation = new AbortController();
  /** In how many milliseconds the server answers a heartbeat; undefined: when the test says so. */
  answersAfterMs: number | undefined;
  readonly context = {
    info: {
      attempt: 1,
      scheduledTimestampMs: 0,
      taskToken: new Uint8Array(),
      namespace: 'default',
      activityId: 'egain.channel/ensure',
      heartbeatDetails: undefined as HeartbeatDetails | undefined,
    },
    cancellationSignal: this.cancellation.signal,
    cancellationDetails: undefined as { workerShutdown: boolean } | undefined,
    heartbeat: (details: HeartbeatDetails) => void this.ofSdk.push(details),
    client: {
      activity: {
        heartbeat: (_token: Uint8Array, details: HeartbeatDetails) =>
          new Promise<void>((answer, refuse) => {
            this.sent.push({ details, answer, refuse });
            if (this.answersAfterMs === 0) answer();
            else if (this.answersAfterMs !== undefined) setTimeout(answer, this.answersAfterMs);
          }),
      },
    },
  };

  get last(): FakeAttempt['sent'][number] {
    const last = this.sent.at(-1);
    if (!last) throw new Error('no heartbeat was sent');
    return last;
  }
}

let attempt: FakeAttempt;

vi.mock('@temporalio/activity', () => ({
  Context: { current: () => attempt.context },
  log: { debug: () => undefined },
}));

beforeEach(() => {
  vi.useFakeTimers();
  attempt = new FakeAttempt();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('heartbeats', () => {
  it('lets the SDK send only what costs the next attempt a wait: its heartbeats may land after a confirmed one', async () => {
    attempt.answersAfterMs = 0;
    const step = new Heartbeats();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(attempt.ofSdk.length).toBeGreaterThan(2);
    for (const details of attempt.ofSdk) expect(details).toMatchObject({ ...POSTING, writing: true });
    expect(attempt.sent.length).toBeGreaterThan(10);
    for (const { details } of attempt.sent) expect(details.phase).toBe('looking');
    await step.end();
  });

  it('follows each heartbeat of the SDK at once by one that says how things are', async () => {
    attempt.answersAfterMs = 0;
    const step = new Heartbeats();
    await vi.advanceTimersByTimeAsync(4_499);
    const before = attempt.sent.length;
    await vi.advanceTimersByTimeAsync(1);
    expect(attempt.ofSdk).toHaveLength(1);
    expect(attempt.sent.length).toBe(before + 1);
    await step.end();
  });

  it('tells the SDK of every change that it may hold an older word of', async () => {
    attempt.answersAfterMs = 0;
    const step = new Heartbeats();
    await step.confirm({ firstFaultAt: EVERYTHING.firstFaultAt });
    expect(attempt.ofSdk, 'it was never told anything, so it holds nothing').toEqual([]);
    await vi.advanceTimersByTimeAsync(4_500);
    await step.confirm(EVERYTHING);
    expect(attempt.ofSdk.at(-1)).toEqual({ ...EVERYTHING, settled: false });
    await step.end();
  });

  it('has one heartbeat under way at a time, so that the confirmed one is the last', async () => {
    const step = new Heartbeats();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(attempt.sent).toHaveLength(1);
    let confirmed = false;
    const confirming = step.confirm(POSTING).then(() => (confirmed = true));
    await vi.advanceTimersByTimeAsync(100);
    expect(attempt.sent).toHaveLength(1);
    attempt.last.answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(attempt.sent).toHaveLength(2);
    expect(attempt.last.details).toMatchObject(POSTING);
    expect(confirmed).toBe(false);
    attempt.last.answer();
    await confirming;
    await step.end();
  });

  it('confirms no write once a heartbeat was not answered: it could land over the intent', async () => {
    const step = new Heartbeats();
    await vi.advanceTimersByTimeAsync(1_000);
    attempt.last.refuse(new Error('connection lost'));
    const confirming = expect(step.confirm(POSTING)).rejects.toBeInstanceOf(FencedError);
    await vi.advanceTimersByTimeAsync(0);
    attempt.last.answer();
    await confirming;
    expect(step.details.phase).toBe('looking');
    await step.end();
  });

  it.each([
    { slowForMs: 2_500, confirmed: true, reason: 'the third try is quick: a slow machine is not a dead one' },
    { slowForMs: 60_000, confirmed: false, reason: 'three slow answers say that the process stands still' },
  ])('ask again when the answer took over a second: $reason', async ({ slowForMs, confirmed }) => {
    attempt.answersAfterMs = 1_100;
    setTimeout(() => (attempt.answersAfterMs = 0), slowForMs);
    const step = new Heartbeats();
    const outcome = step.confirm(POSTING).then(
      () => true,
      (error: unknown) => !(error instanceof FencedError),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await outcome).toBe(confirmed);
    const end = step.end();
    await vi.advanceTimersByTimeAsync(2_000);
    await end;
  });

  it('never steps back behind what the attempt before has recorded', async () => {
    attempt.context.info.heartbeatDetails = EVERYTHING;
    const step = new Heartbeats();
    expect(step.previous).toEqual(EVERYTHING);
    expect(step.details).toEqual(EVERYTHING);
    await step.end();
  });

  it('ends as cancelled only once the SDK knows of it too', async () => {
    const step = new Heartbeats();
    const confirming = expect(step.confirm(POSTING)).rejects.toMatchObject({ cancelled: true });
    await vi.advanceTimersByTimeAsync(0);
    attempt.last.refuse(new ActivityCancelledError('cancelled'));
    await confirming;
    expect(step.signal.aborted).toBe(true);
    let stopped = false;
    const over = step.end().then(() => (stopped = true));
    await vi.advanceTimersByTimeAsync(100);
    expect(stopped).toBe(false);
    attempt.cancellation.abort();
    await over;
  });

  const ends = [
    { afterMs: 0, told: [], reason: 'a short attempt: the server keeps what it has when the SDK sends nothing along' },
    {
      afterMs: 4_600,
      told: [EVERYTHING],
      reason: 'the SDK was told an older word before, and sends its last one along',
    },
    { afterMs: 30_000, told: [EVERYTHING], reason: 'longer than every throttle and the heartbeat timeout' },
  ];
  it.each(ends)('leave the SDK with what was confirmed as its last word: $reason', async ({ afterMs, told }) => {
    attempt.answersAfterMs = 0;
    const step = new Heartbeats();
    await vi.advanceTimersByTimeAsync(afterMs);
    await step.confirm(EVERYTHING);
    await step.end();
    expect(attempt.ofSdk.slice(-1)).toEqual(told);
    expect(attempt.last.details).toEqual(EVERYTHING);
  });

  it('leave the SDK with what was confirmed, not with what was not', async () => {
    attempt.answersAfterMs = 0;
    const step = new Heartbeats();
    await vi.advanceTimersByTimeAsync(4_600);
    await step.confirm({ firstFaultAt: EVERYTHING.firstFaultAt });
    attempt.answersAfterMs = undefined;
    const refused = expect(step.confirm(POSTING)).rejects.toBeInstanceOf(FencedError);
    await vi.advanceTimersByTimeAsync(0);
    attempt.last.refuse(new Error('connection lost'));
    await refused;
    await step.end();
    expect(attempt.ofSdk.at(-1)).toEqual({ phase: 'looking', settled: false, firstFaultAt: EVERYTHING.firstFaultAt });
  });

  it('confirm no write of a step that an operator has paused, and know that they were heard', async () => {
    const step = new Heartbeats();
    const confirming = expect(step.confirm(POSTING)).rejects.toThrow('the step was paused by an operator');
    await vi.advanceTimersByTimeAsync(0);
    attempt.last.refuse(new ActivityPausedError('paused'));
    await confirming;
    attempt.answersAfterMs = 0;
    await step.confirm({ firstFaultAt: EVERYTHING.firstFaultAt });
    await step.end();
  });

  it('know a stop of the worker from a cancellation of the step', async () => {
    const step = new Heartbeats();
    expect(step.workerStops).toBe(false);
    attempt.context.cancellationDetails = { workerShutdown: true };
    attempt.cancellation.abort();
    expect([step.workerStops, step.signal.aborted]).toEqual([true, true]);
    await step.end();
  });
});
