import { scheduleActivity } from '@temporalio/workflow';
import { vendorStep } from '#workflows/interpreter/activity-options.js';
import { ATTEMPT, type Outcome, type Scenario } from './scenario.js';

/** One step with the options of every vendor step. Returns what its second attempt read. */
export function attempts(taskQueue: string, scenario: Scenario): Promise<Outcome> {
  return scheduleActivity<Outcome>(ATTEMPT, [scenario], vendorStep(taskQueue, ATTEMPT, ATTEMPT, 1, 'acme'));
}
