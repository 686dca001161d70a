import { randomUUID } from 'node:crypto';
import { Context, log } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import {
  operationWorkflowId,
  parseAccountId,
  sweepActivityType,
  WORKFLOW_TASK_QUEUE,
  type AccountState,
  type ConnectionRef,
  type OperationResult,
  type SweepLook,
  type SweepOrder,
  type SweepOutcome,
  type SweepRequest,
  type SweepStepInput,
} from '#libs/contracts/index.js';
import { lookAtOrphans, removeOrphans, type SweepDeps } from '#libs/fleet/index.js';
import { workflowIdOf } from '#libs/registry/index.js';
import type { StepActivity } from '../index.js';

/** What the two steps of a sweep at a connection work with; each attempt brings its own signal. */
export type SweepActivityDeps<C> = Omit<SweepDeps<C>, 'pace'> & {
  vendor: ConnectionRef['vendor'];
  paceOf: (signal: AbortSignal) => SweepDeps<C>['pace'];
};

/** The two steps of a sweep at a connection. */
export function createSweepActivities<C>({ paceOf, ...deps }: SweepActivityDeps<C>): Record<string, StepActivity> {
  const withPace = (): SweepDeps<C> => ({ ...deps, pace: paceOf(Context.current().cancellationSignal) });
  return {
    [sweepActivityType(deps.vendor, 'look')]: (input: SweepStepInput): Promise<SweepLook> =>
      alive(() => lookAtOrphans(withPace(), input)),
    [sweepActivityType(deps.vendor, 'remove')]: (input: SweepStepInput): Promise<SweepOutcome[]> =>
      alive(async () => {
        const outcomes = await removeOrphans(withPace(), input);
        for (const { resource, externalId, removed, reason } of outcomes) {
          const facts = {
            accountId: `${input.account.tenant}.${input.account.account}`,
            vendor: deps.vendor,
            resource,
          };
          log.info(removed ? 'orphan removed' : 'orphan left', { ...facts, externalId, reason });
        }
        return outcomes;
      }),
  };
}

/**
 * Removes the orphans of one account that is not there: under its lock, so that no onboarding of the same id can begin meanwhile.
 * @returns what became of each; none is touched where the account has come to be since
 */
export async function sweep(client: Client, order: SweepOrder): Promise<SweepOutcome[]> {
  const ref = parseAccountId(order.account);
  if (!ref) throw new TypeError(`${order.account} is not the id of an account`);
  const left = (reason: string): SweepOutcome[] =>
    order.targets.map(({ resource, externalId }) => ({ resource, externalId, removed: false, reason }));
  const { by, connection, targets } = order;
  const runId = randomUUID();
  const queued: SweepRequest = { kind: 'sweep', runId, by, at: new Date().toISOString(), connection, targets };
  const state: AccountState = {
    ...{ version: 1, ...ref, chain: connection.vendor === 'liveperson' ? 'liveperson' : 'egain', state: 'offboarding' },
    ...{ plan: null, resources: [], queue: [queued], lastOperation: null, commands: [] },
  };
  try {
    await client.workflow.start('account', {
      workflowId: workflowIdOf(order.account),
      taskQueue: WORKFLOW_TASK_QUEUE,
      args: [state],
      workflowIdConflictPolicy: 'FAIL',
      memo: {
        state: 'offboarding',
        sweep: true,
        runId,
        chain: state.chain,
        specHash: '',
        planHash: '',
        idempotency: '',
      },
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return left('the account has come to be meanwhile');
    throw error;
  }
  const beat = setInterval(() => Context.current().heartbeat(), 2_000);
  try {
    await client.workflow.getHandle(workflowIdOf(order.account)).result();
    const operation = client.workflow.getHandle(operationWorkflowId(ref));
    const { memo } = await operation.describe();
    if (memo?.['runId'] !== runId) return left('another operation of the account came before its sweep was read');
    return ((await operation.result()) as OperationResult).swept ?? left('the sweep told nothing');
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return left('the sweep is not there any more');
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return left(cause instanceof Error ? cause.message : 'the sweep failed');
  } finally {
    clearInterval(beat);
  }
}

/** Shows that a step lives while it works. */
async function alive<R>(run: () => Promise<R>): Promise<R> {
  const { heartbeat } = Context.current();
  const beat = setInterval(() => heartbeat(), 2_000);
  try {
    return await run();
  } finally {
    clearInterval(beat);
  }
}
