import { describe, expect, it } from 'vitest';
import type { Handoff, Plan, Progress } from '#libs/contracts/index.js';
import { applyEvents, type StreamEvent } from './apply-event.js';
import { createJob, type Job } from './job.js';
import { computeProgress } from './progress.js';
import { at, History, live, plan } from './progress.fixture.js';

const LINKS = { self: '', events: '', temporalUi: null };

/** The fixture's plan, its first step done by a person. */
function handed(): Plan {
  const asks = { install: 'Install it.', remove: 'Remove it.' };
  const [first, ...rest] = plan().nodes;
  if (!first) throw new Error('the fixture has nodes');
  return { ...plan(), nodes: [{ ...first, person: { asks, contact: 'desk', dueInMs: 60_000 } }, ...rest] };
}

function record(change: Partial<Handoff> = {}): Handoff {
  return {
    id: 1,
    key: 'a',
    kind: 'install',
    state: 'open',
    createdAt: at(2),
    dueAt: at(62),
    fetchedAt: null,
    reminders: 0,
    refusals: 0,
    hint: null,
    note: null,
    ...change,
  };
}

/** A job whose first step has just been handed over. */
function opened(): History {
  return history().add({ type: 'handoff', handoff: record() }).add(waiting);
}

function history(): History {
  return new History().started();
}

const waiting = {
  type: 'attributes',
  values: { OnboardingStatus: 'waiting', WaitingFor: 'handoff', Step: 'a' },
} as const;
const answer = { handoff: 1, values: { clientId: 'sealed', clientSecret: 'sealed' } };

function seen(of: History, facts = live(30)): { progress: Progress; told: StreamEvent[]; job: Job } {
  const job = createJob({ kind: 'onboard', runId: 'run-1', acceptedAt: at(0), plan: handed(), from: null });
  const told = applyEvents(job, of.events);
  return { job, told, progress: computeProgress(job, facts, LINKS) };
}

describe('the progress of a hand-off', () => {
  it('tells who is asked for what, since when and until when', () => {
    const { progress, told } = seen(opened());
    expect(progress).toMatchObject({
      status: 'waiting',
      reason: expect.stringContaining('in the hands of a person') as string,
    });
    expect(progress.waitingFor).toEqual({
      kind: 'handoff',
      since: at(2),
      until: at(62),
      who: 'desk',
      instruction: 'Install it.',
    });
    expect(progress.steps[0]).toMatchObject({ status: 'waiting', startedAt: at(2) });
    expect(told.map(({ event }) => event)).toEqual(['started', 'step', 'status']);
    expect(told.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(told[2]?.data).toMatchObject({ status: 'waiting', waitingFor: progress.waitingFor });
  });

  it('tells why an answer was not accepted, and of a check that runs', () => {
    const answered = opened().command('handoff', { answer });
    expect(seen(answered).progress.waitingFor).toBeNull();
    const checking = answered
      .add({ type: 'handoff', handoff: record({ state: 'checking' }) })
      .add({ type: 'attributes', values: { OnboardingStatus: 'running', WaitingFor: null } })
      .scheduled('a', 'check');
    expect(seen(checking).progress).toMatchObject({ status: 'running', steps: [{ status: 'running' }, {}, {}, {}] });
    const again = checking
      .end({ type: 'completed', result: { state: 'refused', message: 'It is mistyped.' } })
      .add({ type: 'handoff', handoff: record({ refusals: 1, note: 'It is mistyped.' }) })
      .add(waiting);
    const { progress, job } = seen(again);
    expect(progress.waitingFor?.instruction).toBe('Install it. It is mistyped.');
    expect(progress.steps[0]).toMatchObject({
      status: 'waiting',
      lastError: { code: 'CREDENTIALS_REJECTED', message: 'It is mistyped.' },
    });
    expect(job.answer).toBeNull();
  });

  it('is done with the id that was handed back', () => {
    const result = { state: 'accepted', externalId: 'app-1', issued: {}, level: 'verified', message: '' };
    const done = opened()
      .command('handoff', { answer })
      .add({ type: 'handoff', handoff: record({ state: 'checking' }) })
      .scheduled('a', 'check')
      .end({ type: 'completed', result })
      .add({ type: 'handoff', handoff: record({ state: 'accepted' }) });
    expect(seen(done).progress.steps[0]).toMatchObject({ status: 'done', externalId: 'app-1', lastError: null });
  });

  it.each<[string, Handoff['state'], string]>([
    ['nobody answered', 'overdue', 'failed'],
    ['the person refused', 'rejected', 'failed'],
    ['the job goes back', 'stopped', 'undoing'],
  ])('ends when %s', (_why, state, status) => {
    const { progress } = seen(opened().add({ type: 'handoff', handoff: record({ state, note: 'so it is' }) }));
    expect([progress.steps[0]?.status, progress.waitingFor?.kind]).not.toContain('handoff');
    expect(progress.steps[0]?.status).toBe(status);
  });

  it('says by whom a job was rejected', () => {
    const rejected = opened()
      .command('handoff', { answer: { handoff: 1, rejected: true }, reason: 'Not allowed' })
      .add({ type: 'handoff', handoff: record({ state: 'rejected', note: 'Rejected by ops: Not allowed' }) })
      .status('rolling-back')
      .closed('failed', { details: { status: 'rejected', reason: '', code: null, step: null, leftovers: [] } });
    expect(seen(rejected).progress).toMatchObject({ status: 'rejected', reason: 'Rejected by ops: Not allowed' });
  });

  it('tells of a reminder and of who took the file, once', () => {
    const { told, job } = seen(
      opened()
        .command('handoff-fetched', { id: 'f', answer: { handoff: 1 }, at: at(5) })
        .command('handoff-fetched', { id: 'f', answer: { handoff: 1 }, at: at(6) })
        .add({ type: 'handoff', handoff: record({ reminders: 1 }) }),
    );
    expect(told.slice(3).map(({ data }) => data.message)).toEqual([
      'ops fetched the file of the hand-off.',
      expect.stringMatching(/^Reminder 1: .*Install it\./),
    ]);
    expect(job.handoff?.fetchedAt).toBe(at(5));
  });

  it('of an undo waits in rolling-back, and leaves over what is refused', () => {
    const back = opened()
      .command('cancel')
      .add({ type: 'handoff', handoff: record({ state: 'stopped' }) })
      .status('rolling-back')
      .add({ type: 'handoff', handoff: record({ id: 2, kind: 'remove' }) });
    expect(seen(back).progress).toMatchObject({
      status: 'rolling-back',
      waitingFor: { kind: 'handoff', instruction: 'Remove it.' },
      steps: [{ status: 'undoing' }, {}, {}, {}],
    });
    const refused = back
      .add({ type: 'handoff', handoff: record({ id: 2, kind: 'remove', state: 'rejected', note: 'needed' }) })
      .status('rollback-incomplete');
    expect(seen(refused).progress.leftovers).toEqual([
      { key: 'a', externalId: '', reason: 'PERMISSION_DENIED: needed' },
    ]);
    const untouched = opened()
      .command('cancel')
      .add({ type: 'handoff', handoff: record({ state: 'stopped' }) })
      .status('rolling-back')
      .add({ type: 'handoff', handoff: record({ id: 2, kind: 'remove', state: 'skipped' }) });
    const skipped = seen(untouched);
    expect(skipped.progress.steps[0]?.status).toBe('skipped');
  });

  it.each<[string, Parameters<History['command']>[1], boolean]>([
    ['fits', { answer }, false],
    ['is for another one', { answer: { ...answer, handoff: 2 } }, true],
    ['is of a form that nobody asked for', { answer: { handoff: 1, done: true } }, true],
    ['carries nothing', {}, true],
  ])('an answer that %s is told so', (_what, change, ignored) => {
    expect(seen(opened().command('handoff', change)).told.at(-1)?.data['ignored']).toBe(ignored ? true : undefined);
  });

  it('shows a missing worker rather than a person once an answer is not picked up', () => {
    const facts = { ...live(30), taskWaitsSince: at(10) };
    expect(seen(opened().command('handoff', { answer }), facts).progress.waitingFor?.kind).toBe('worker');
  });
});
