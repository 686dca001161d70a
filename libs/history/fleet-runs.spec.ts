import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import type { Engine } from './engine.js';
import { readFleetEnd } from './fleet-runs.js';

it('tells why a run broke, and not only that an activity of it did', async () => {
  const cause = ApplicationFailure.nonRetryable('The run adhoc.x is no observe run that has ended.', 'NO_SUCH_RUN');
  const failure = new ActivityFailure(
    'Activity task failed',
    'fleet.begin',
    'begin',
    'NON_RETRYABLE_FAILURE',
    'w',
    cause,
  );
  const history = { events: [{ workflowExecutionFailedEventAttributes: { failure: {} } }] };
  const engine = {
    call: (run: () => Promise<unknown>) => run(),
    service: { getWorkflowExecutionHistory: () => Promise.resolve({ history }) },
    decoder: { failure: () => Promise.resolve(failure) },
  } as unknown as Engine;
  expect(await readFleetEnd(engine, { workflowId: 'reconciliation/adhoc.y', runId: 'r' })).toEqual({
    reason: 'The run adhoc.x is no observe run that has ended.',
  });
});
