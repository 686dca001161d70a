import type { OperationInput, OperationResult } from '#libs/contracts/index.js';
import { applyPlan } from './apply-plan.js';

/** Takes one account on board: brings its plan to stand at the vendors, or leaves nothing of it. Ends as `applyPlan` says. */
export async function onboardAccount(input: OperationInput): Promise<OperationResult> {
  return applyPlan(input);
}
