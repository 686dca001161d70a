import { Context, log } from '@temporalio/activity';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
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
import { chainsOf, lookAtOrphans, removeOrphans, type SweepDeps } from '#libs/fleet/index.js';
import { accountNow, workflowIdOf, type RegistryAccess } from '#libs/registry/index.js';
import { grpcCode } from '#libs/temporal/grpc-errors.js';
import type { StepActivity } from '../index.js';
import { alive } from './alive.js';
import { operationIdOf } from './operation-id.js';
import { isRunCancelled } from './run-cancelled.js';

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
 * Removes the orphans of one account that is not there: under its lock, so that no onboarding of the same id can begin meanwhile. An
 * attempt that follows another takes up the sweep that is under way, or has ended.
 * @returns what became of each; none is touched where the account has come to be since, or was cut off
 */
export function sweep(access: RegistryAccess, client: Client, order: SweepOrder): Promise<SweepOutcome[]> {
  return alive(() => new Sweep(access, client, order).run());
}

class Sweep {
  private readonly ref: { tenant: string; account: string };
  private readonly runId: string;

  constructor(
    private readonly access: RegistryAccess,
    private readonly client: Client,
    private readonly order: SweepOrder,
  ) {
    const { account, connection, run } = order;
    const ref = parseAccountId(account);
    if (!ref) throw new TypeError(`${account} is not the id of an account`);
    this.ref = ref;
    this.runId = operationIdOf(run, `${connection.vendor}/${connection.name} ${account}`);
  }

  async run(): Promise<SweepOutcome[]> {
    if (!(await this.isBegun())) {
      const { status } = await accountNow(this.access, this.order.account);
      if (status === 'cut-off') return this.left('the account was cut off meanwhile, and may be brought back');
      if (status !== 'absent') return this.left('the account has come to be meanwhile');
      if (!(await this.begin())) return this.left('the account has come to be meanwhile');
    }
    return this.followed();
  }

  private get handle(): WorkflowHandle {
    return this.client.workflow.getHandle(workflowIdOf(this.order.account));
  }

  /** Whether an attempt before this one has begun it. */
  private async isBegun(): Promise<boolean> {
    try {
      return (await this.handle.describe()).memo?.['runId'] === this.runId;
    } catch (error) {
      // What cannot be decoded was written with a key that is gone: it is of somebody else's time.
      if (error instanceof WorkflowNotFoundError || grpcCode(error) === undefined) return false;
      throw error;
    }
  }

  /** False when the account is there. */
  private async begin(): Promise<boolean> {
    const { ref, runId } = this;
    const { by, connection, targets, account } = this.order;
    const queued: SweepRequest = { kind: 'sweep', runId, by, at: new Date().toISOString(), connection, targets };
    const chain = chainsOf(connection.vendor)[0] ?? connection.vendor;
    const state: AccountState = {
      ...{ version: 1, ...ref, chain, state: 'offboarding' },
      ...{ plan: null, resources: [], queue: [queued], lastOperation: null, commands: [] },
    };
    const hashes = { specHash: '', planHash: '', idempotency: '' };
    try {
      await this.client.workflow.start('account', {
        workflowId: workflowIdOf(account),
        taskQueue: WORKFLOW_TASK_QUEUE,
        args: [state],
        workflowIdConflictPolicy: 'FAIL',
        memo: { state: 'offboarding', sweep: true, runId, chain, ...hashes },
      });
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }

  private async followed(): Promise<SweepOutcome[]> {
    const { cancellationSignal: signal, cancelled } = Context.current();
    try {
      await Promise.race([this.handle.result(), cancelled]);
      const operation = this.client.workflow.getHandle(operationWorkflowId(this.ref));
      const { memo } = await operation.describe();
      if (memo?.['runId'] !== this.runId) return this.left('another operation came before its sweep was read');
      return ((await operation.result()) as OperationResult).swept ?? this.left('the sweep told nothing');
    } catch (error) {
      if (isRunCancelled(signal)) return this.left('its removal had begun as the run was cancelled, and goes on');
      if (error instanceof WorkflowNotFoundError) return this.left('the sweep is not there any more');
      if (!(error instanceof WorkflowFailedError)) throw error;
      return this.left(`it could not be done: ${error.cause?.message ?? error.message}`);
    }
  }

  private left(reason: string): SweepOutcome[] {
    return this.order.targets.map(({ resource, externalId }) => ({ resource, externalId, removed: false, reason }));
  }
}
