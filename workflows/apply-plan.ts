import { CancellationScope } from '@temporalio/workflow';
import { driftOfLeftovers, type Command, type OperationInput, type OperationResult } from '#libs/contracts/index.js';
import type { StepFault } from './interpreter/step-fault.js';
import { NO_ERROR, OperationRun, type OperationError } from './operation-run.js';

/**
 * Brings an account to a plan, or back to what it recorded before: the story of an onboarding and of an amendment.
 * @returns what the account owns
 * @throws ApplicationFailure `ROLLED_BACK`, `CANCELLED`, `REJECTED` or `ROLLBACK_INCOMPLETE` with `CloseDetails`; CancelledFailure
 * when an onboarding was cancelled natively and undone
 */
export async function applyPlan(input: OperationInput): Promise<OperationResult> {
  const run = new OperationRun(input);
  const fault = await applyUntilDecided(run);
  if (fault !== null) return CancellationScope.nonCancellable(() => takeBack(run, fault));
  run.move('succeeded');
  await run.told();
  return { resources: run.transition.resources(), ...(run.corrected ? { plan: run.corrected } : {}) };
}

/** Applies the plan, and again after each `retry` of a held operation. Null when it stands; else what makes it go back. */
async function applyUntilDecided(run: OperationRun): Promise<StepFault | null> {
  for (;;) {
    const { onFailure } = run.plan;
    const fault = (await run.cancellable(() => run.transition.apply(onFailure === 'rollback'))) ?? null;
    if (run.isCancelled()) return fault ?? { step: '', code: 'OUTCOME_UNKNOWN', message: 'Cancelled.' };
    if (fault === null) return null;
    run.reason = fault.message;
    if (fault.then === 'reject' || (onFailure === 'rollback' && fault.then !== 'hold')) return fault;
    const command = await hold(run, fault);
    if (command?.verb !== 'retry') return fault;
    const { plan } = command;
    if (!plan) continue;
    await CancellationScope.nonCancellable(() => run.transition.replan(plan));
    run.corrected = plan;
  }
}

/** Parks the operation until somebody retries, rolls back or cancels it. Undefined when it was cancelled. */
async function hold(run: OperationRun, fault: StepFault): Promise<Command | undefined> {
  run.move('held', { waitingFor: 'operator', errorCode: fault.code, step: fault.step });
  const command = await run.cancellable(() => run.nextAnswer());
  if (command?.verb === 'retry') {
    run.reason = null;
    run.move('running');
  }
  return command;
}

async function takeBack(run: OperationRun, fault: StepFault): Promise<never> {
  const { transition } = run;
  const cancelled = run.isCancelled();
  run.reason = cancelled ? run.cancelReason : fault.message;
  const rejected = fault.then === 'reject' && !cancelled;
  const error: OperationError =
    cancelled || rejected
      ? { ...NO_ERROR, step: rejected ? fault.step : null }
      : { errorCode: fault.code, step: fault.step };
  for (;;) {
    run.move('rolling-back', error);
    const leftovers = await transition.undo();
    if (leftovers.length === 0) break;
    run.move('rollback-incomplete', { ...error, waitingFor: 'operator' });
    const command = await run.nextAnswer();
    if (command.verb === 'accept-leftovers') {
      return run.close('ROLLBACK_INCOMPLETE', 'rollback-incomplete', fault, error, standing(run));
    }
  }
  if (cancelled) return run.close('CANCELLED', 'cancelled', fault, error, standing(run));
  return rejected
    ? run.close('REJECTED', 'rejected', fault, error, standing(run))
    : run.close('ROLLED_BACK', 'rolled-back', fault, error, standing(run));
}

/** What an account that goes on under its former plan records; nothing where there was none. */
function standing({ input, transition }: OperationRun): Parameters<OperationRun['close']>[4] {
  if (!input.from) return {};
  const leftovers = transition.leftovers();
  const drift =
    leftovers.length > 0 ? { drift: driftOfLeftovers(leftovers, input.from.plan, new Date().toISOString()) } : {};
  return { resources: transition.standing(), ...drift };
}
