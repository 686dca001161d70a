import { ActivityCancelledError } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HeartbeatDetails } from '#libs/contracts/index.js';
import { FencedError, type Timing } from '#libs/resources/index.js';
import { TemporalStepContext } from './temporal-step-context.js';

const TIMING: Timing = {
  deadlineMs: 10_000,
  settleMs: [2_000],
  initialIntervalMs: 1_000,
  maximumIntervalMs: 60_000,
  giveUpAfterMs: 1_800_000,
};
const POSTING = { phase: 'posting', settled: false } as const;

/** One attempt as the SDK shows it: what it was told, and what was sent to the server and waits for its answer. */
class FakeAttempt {
  readonly ofSdk: HeartbeatDetails[] = [];
  readonly sent: { details: HeartbeatDetails; answer: () => void; refuse: (error: Error) => void }[] = [];
  readonly cancellation = new AbortController();
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
    heartbeat: (details: HeartbeatDetails) => void this.ofSdk.push(details),
    client: {
      activity: {
        heartbeat: (_token: Uint8Array, details: HeartbeatDetails) =>
          new Promise<void>((answer, refuse) => this.sent.push({ details, answer, refuse })),
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

function begin(): TemporalStepContext {
  return new TemporalStepContext(
    TIMING,
    (body) => body,
    (text) => text,
    'acme.support',
  );
}

beforeEach(() => {
  vi.useFakeTimers();
  attempt = new FakeAttempt();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('TemporalStepContext', () => {
  it('lets the SDK send only what costs the next attempt a wait: its heartbeats may land after a confirmed one', async () => {
    const step = begin();
    for (let second = 0; second < 20; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      attempt.last.answer();
    }
    expect(attempt.ofSdk.length).toBeGreaterThan(2);
    for (const details of attempt.ofSdk) expect(details).toMatchObject(POSTING);
    expect(attempt.sent.length).toBeGreaterThan(10);
    for (const { details } of attempt.sent) expect(details.phase).toBe('looking');
    const over = step.stop();
    await vi.advanceTimersByTimeAsync(0);
    attempt.last.answer();
    await over;
  });

  it('has one heartbeat under way at a time, so that the confirmed one is the last', async () => {
    const step = begin();
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
    await step.stop();
  });

  it('confirms no write once a heartbeat was not answered: it could land over the intent', async () => {
    const step = begin();
    await vi.advanceTimersByTimeAsync(1_000);
    attempt.last.refuse(new Error('connection lost'));
    const confirming = expect(step.confirm(POSTING)).rejects.toBeInstanceOf(FencedError);
    await vi.advanceTimersByTimeAsync(0);
    attempt.last.answer();
    await confirming;
    expect(step.details().phase).toBe('looking');
    await step.stop();
  });

  it.each([
    { slow: 2, confirmed: true },
    { slow: 3, confirmed: false },
  ])(
    'asks again when the answer took over a second, three times in all: $slow slow ones',
    async ({ slow, confirmed }) => {
      const step = begin();
      const outcome = step.confirm(POSTING).then(
        () => true,
        (error: unknown) => !(error instanceof FencedError),
      );
      let asked = 0;
      let answered = 0;
      const over = outcome.then(() => (asked = Infinity));
      while (asked < 20) {
        await vi.advanceTimersByTimeAsync(0);
        const open = attempt.sent[answered];
        if (open) {
          // Those between are the regular ones: they carry the same.
          if (asked < 2 * slow) await vi.advanceTimersByTimeAsync(1_100);
          open.answer();
          answered += 1;
        }
        asked += 1;
      }
      await over;
      expect(await outcome).toBe(confirmed);
      const last = step.stop();
      for (; answered < attempt.sent.length; answered += 1) attempt.sent[answered]?.answer();
      await last;
    },
  );

  it('never steps back behind what the attempt before has recorded', async () => {
    const recorded: HeartbeatDetails = {
      ...POSTING,
      firstFaultAt: null,
      stands: { id: 'app-1', since: '2026-01-01T00:00:00Z', ownership: 'created', issued: { secret: 'sealed' } },
      removing: [{ id: 'app-2', issued: { secret: 'sealed' } }],
    };
    attempt.context.info.heartbeatDetails = recorded;
    const step = begin();
    expect(step.previous).toEqual(recorded);
    expect(step.details()).toEqual(recorded);
    await step.stop();
  });

  it('ends as cancelled only once the SDK knows of it too', async () => {
    const step = begin();
    const confirming = expect(step.confirm(POSTING)).rejects.toMatchObject({ cancelled: true });
    await vi.advanceTimersByTimeAsync(0);
    attempt.last.refuse(new ActivityCancelledError('cancelled'));
    await confirming;
    expect(step.signal.aborted).toBe(true);
    let stopped = false;
    const over = step.stop().then(() => (stopped = true));
    await vi.advanceTimersByTimeAsync(100);
    expect(stopped).toBe(false);
    attempt.cancellation.abort();
    await over;
  });

  it('tells the next attempt at the end that nothing was sent, where the SDK has said less', async () => {
    const step = begin();
    await vi.advanceTimersByTimeAsync(1_000);
    const [beat] = attempt.sent;
    await vi.advanceTimersByTimeAsync(4_000);
    expect(attempt.ofSdk).toHaveLength(1);
    const over = step.stop();
    beat?.answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(attempt.sent).toHaveLength(2);
    attempt.last.answer();
    await over;
  });
});
