import { describe, expect, it } from 'vitest';
import { activityId, keyOfStep, parseActivityId, stepName, type Plan } from '#libs/contracts/index.js';
import { applyEvents } from './apply-event.js';
import { createJob, openPending, type Job } from './job.js';
import { at, History, live, plan, refusal } from './progress.fixture.js';

const NAME = 'egain.channel.0123456789abcdef';

/** The plan of the tests, in which `b` has a key that does not stand in clear. */
function hashed(): Plan {
  const made = plan();
  return { ...made, nodes: made.nodes.map((node) => (node.key === 'b' ? { ...node, stepName: NAME } : node)) };
}

function jobOf(history: History): Job {
  const job = createJob({ kind: 'onboard', runId: 'run-1', acceptedAt: at(0), plan: hashed(), from: null });
  applyEvents(job, history.events);
  return job;
}

describe('the name of a step in Temporal', () => {
  it('is the key where that stands in clear, and leads back to it', () => {
    const { nodes } = hashed();
    for (const node of nodes) expect(keyOfStep(nodes, stepName(node))).toBe(node.key);
    expect(stepName({ key: 'a' })).toBe('a');
    expect(keyOfStep(nodes, 'of another plan')).toBe('of another plan');
  });

  it('stands before the verb in an activity id', () => {
    expect(parseActivityId(activityId(NAME, 'ensure'))).toEqual({ key: NAME, verb: 'ensure' });
  });

  it('is told as the key of its node: by events, by the failed step, and by what is pending', () => {
    const history = new History().started().done('a').scheduled(NAME);
    const job = jobOf(history);
    const facts = live(9, { key: NAME, attempt: 4, state: 'scheduled', nextAttemptAt: at(12), lastFault: refusal() });
    expect(openPending(job, facts)).toMatchObject([{ key: 'b', attempt: 4 }]);
    const failed = jobOf(
      new History().started().done('a').failed(NAME).status('held', { ErrorCode: 'INVALID_REQUEST', Step: NAME }),
    );
    expect(failed.failedStep).toBe('b');
    expect(failed.steps.get('b')).toMatchObject({ phase: 'failed' });
    expect([...failed.steps.keys()]).toEqual(['a', 'b', 'c', 'ready']);
  });

  it('still leads to a step that a corrected spec has dropped', () => {
    const { nodes, ...rest } = hashed();
    const corrected = { ...rest, nodes: nodes.filter(({ key }) => key === 'a' || key === 'ready') };
    const history = new History()
      .started()
      .done('a')
      .done(NAME)
      .failed('c')
      .status('held', { ErrorCode: 'INVALID_REQUEST', Step: 'c' })
      .command('retry', { plan: corrected })
      .removed(NAME);
    expect(jobOf(history).steps.get('b')).toMatchObject({ phase: 'undone' });
  });
});
