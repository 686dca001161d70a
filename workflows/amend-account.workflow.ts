import type { OperationInput, OperationResult } from '#libs/contracts/index.js';
import { applyPlan } from './apply-plan.js';

/** Brings an account to another plan, or back to the one that it stands by. Ends as `applyPlan` says. */
export async function amendAccount(input: OperationInput): Promise<OperationResult> {
  return applyPlan(input);
}
