import { CancellationScope } from '@temporalio/workflow';
import {
  driftOfStopped,
  leftoverCode,
  type Leftover,
  type OperationInput,
  type OperationResult,
} from '#libs/contracts/index.js';
import { NO_ERROR, OperationRun, type OperationError } from './operation-run.js';

/**
 * Takes an account off again: removes what it made, puts back what it took over, and proves by one reading of each list that nothing of
 * it stands. What fails for good does not stop the others; it parks for an operator. A cancel ends the open calls and begins no other.
 * @returns nothing that stands
 * @throws ApplicationFailure `CANCELLED` with what stands still; `ROLLBACK_INCOMPLETE` when what is left was accepted
 */
export async function offboardAccount(input: OperationInput): Promise<OperationResult> {
  const run = new OperationRun(input);
  for (;;) {
    const leftovers = (await run.cancellable(() => run.transition.leave(() => run.isCancelled()))) ?? [];
    if (run.isCancelled()) return CancellationScope.nonCancellable(() => stop(run));
    if (leftovers.length === 0) break;
    const command = await CancellationScope.nonCancellable(() => park(run, leftovers));
    if (command === 'cancel') return CancellationScope.nonCancellable(() => stop(run));
    if (command === 'accept-leftovers') {
      const fault = { message: reasonOf(leftovers) };
      return run.close('ROLLBACK_INCOMPLETE', 'rollback-incomplete', fault, errorOf(leftovers));
    }
    run.reason = null;
    run.move('running');
  }
  run.move('succeeded');
  await run.told();
  return { resources: [] };
}

async function park(run: OperationRun, leftovers: readonly Leftover[]): Promise<string> {
  run.reason = reasonOf(leftovers);
  run.move('rollback-incomplete', { waitingFor: 'operator', ...errorOf(leftovers) });
  return (await run.nextAnswer()).verb;
}

/** The account goes on with what still stands; what is gone is drift. */
async function stop(run: OperationRun): Promise<never> {
  const { from } = run.input;
  const resources = run.transition.standing();
  const stands = new Set(resources.map(({ key }) => key));
  const gone = (from?.resources ?? []).filter(({ key }) => !stands.has(key)).map(({ key }) => key);
  run.reason = run.cancelReason;
  const restored = run.transition.runs.flatMap(({ node, undone }) =>
    undone?.outcome === 'restored' ? [node.key] : [],
  );
  const now = new Date().toISOString();
  const differs = gone.length > 0 || restored.length > 0;
  const drift = differs ? { drift: driftOfStopped({ removed: gone, restored }, now) } : {};
  return run.close('CANCELLED', 'cancelled', { message: run.cancelReason }, NO_ERROR, { resources, ...drift });
}

function reasonOf([first, ...others]: readonly Leftover[]): string {
  if (!first) return 'Something could not be removed.';
  const more = others.length === 0 ? '' : ` ${String(others.length)} more could not be removed.`;
  return `${first.key} could not be removed. ${first.reason}${more}`;
}

function errorOf([first]: readonly Leftover[]): OperationError {
  return first ? { errorCode: leftoverCode(first), step: first.key } : NO_ERROR;
}
