import { describe, expect, it } from 'vitest';
import { applyEvents, type StreamEvent } from './apply-event.js';
import { liveEvents } from './live.js';
import { at, History, job, live, refusal } from './progress.fixture.js';

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
