import {
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import {
  CancellationScope,
  condition,
  makeContinueAsNewFunc,
  setCurrentDetails,
  setHandler,
  sleep,
  startChild,
  workflowInfo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import {
  accountId,
  cancelledBy,
  operationWorkflowId,
  type AccountState,
  type CloseDetails,
  type Command,
  type OnboardInput,
  type OperationRecord,
  type OperationRequest,
  type Plan,
} from '#libs/contracts/index.js';
import { attribute, clearQueued } from './attributes.js';
import { closing } from './closing.js';
import { escape } from './details.js';
import { commandSignal } from './messages.js';
import { Notifier } from './notifier.js';
import type { onboardAccount } from './onboard-account.workflow.js';

/** How long to wait before trying again to start an operation while the one before is still undoing. */
const BUSY_PAUSE = '1s';
/** Command ids remembered, so that a repeated signal is dropped. */
const COMMANDS_KEPT = 100;

/**
 * One account: what it should look like, what it owns, its queue of operations, its lock. Takes one operation, runs it as a child,
 * folds the result into the state and continues as new with the whole state as input. Ends when nothing is left of the account.
 *
 * Any later version of this code must be able to replay an idle account and one whose child runs: no command before the first
 * wait, and none between the wait and the child's start without `patched()`.
 */
export async function account(state: AccountState): Promise<void> {
  return new Account(state).run();
}

/** How an operation ended. */
type Outcome =
  | { status: 'succeeded'; state: Partial<AccountState> }
  | { status: 'undone' | 'failed'; details: CloseDetails; cancelled: boolean }
  | { status: 'interrupted' }
  /** It was not begun: this version cannot perform it. */
  | { status: 'refused'; reason: string };

class Account {
  private operation: OperationRequest | undefined;
  private scope: CancellationScope | undefined;
  private cancelled = false;
  /** A queued operation that was cancelled before it began. */
  private dropped: { operation: OperationRequest; command: Command } | undefined;

  constructor(private readonly state: AccountState) {
    const root = CancellationScope.current();
    // The root stays cancelled, so work never runs in it: a cancel of the account is one of the operation that runs.
    void root.cancelRequested.catch(() => {
      this.cancelled = true;
      this.scope?.cancel();
    });
    setHandler(commandSignal, (command) => this.onCommand(command), { description: 'cancel of a queued operation' });
  }

  async run(): Promise<void> {
    this.describe();
    await CancellationScope.nonCancellable(async () => {
      await condition(() => this.state.queue.length > 0 || this.cancelled || this.dropped !== undefined);
      const [operation] = this.state.queue;
      if (this.dropped) return this.afterDropped(this.dropped);
      if (this.cancelled || !operation) return this.cancelledWhileIdle();
      this.state.queue = this.state.queue.slice(1);
      await this.perform(operation);
    });
  }

  private async perform(operation: OperationRequest): Promise<void> {
    this.operation = operation;
    this.scope = new CancellationScope();
    const startedAt = new Date().toISOString();
    const outcome = await this.outcomeOf(operation, this.scope);
    const record = (status: OperationRecord['status'], reason: string | null): OperationRecord => ({
      id: operation.runId,
      kind: operation.kind,
      status,
      startedAt,
      endedAt: new Date().toISOString(),
      reason,
    });
    if (outcome.status === 'succeeded') {
      return this.next({ ...this.state, ...outcome.state, lastOperation: record('succeeded', null) });
    }
    if (outcome.status === 'interrupted') {
      const reason = 'terminated in Temporal; what it made may still stand';
      return this.next({ ...this.state, state: 'interrupted', lastOperation: record('interrupted', reason) });
    }
    if (outcome.status === 'refused') {
      // An account of which nothing can stand is not kept for an operation that never began.
      if (this.isUntouched()) throw ApplicationFailure.nonRetryable(outcome.reason, 'UNSUPPORTED');
      return this.next({ ...this.state, lastOperation: record('failed', outcome.reason) });
    }
    if (this.state.plan !== null) {
      return this.next({ ...this.state, state: 'live', lastOperation: record(outcome.status, outcome.details.reason) });
    }
    this.end(outcome);
  }

  /** Nothing is left of the account: its first operation was taken back. Any later start is a new one. */
  private end({ details, cancelled }: Extract<Outcome, { status: 'undone' | 'failed' }>): void {
    if (cancelled && this.cancelled) throw new CancelledFailure(details.reason);
    const type = details.status.replace('-', '_').toUpperCase();
    throw closing(type, details.reason, [details]);
  }

  private async outcomeOf(operation: OperationRequest, scope: CancellationScope): Promise<Outcome> {
    const { plan } = operation;
    if (operation.kind !== 'onboard' || !plan) {
      // A newer API may queue what an older worker does not know yet: the account and its lock must outlive that.
      const reason = `This version of the worker cannot perform the operation ${operation.kind}: nothing was done.`;
      return { status: 'refused', reason };
    }
    try {
      return await scope.run(async () => {
        const child = await this.start(operation, plan);
        clearQueued();
        const { resources, plan: corrected } = await child.result();
        return { status: 'succeeded', state: { state: 'live', plan: corrected ?? plan, resources } };
      });
    } catch (error) {
      return readOutcome(error);
    }
  }

  /** One fixed id for all operations of an account: an old one that still undoes is waited for, never run beside. */
  private async start(operation: OperationRequest, plan: Plan): Promise<ChildWorkflowHandle<typeof onboardAccount>> {
    const { tenant, account: name, chain, resources } = this.state;
    const ref = { tenant, account: name };
    const id = accountId(ref);
    const input: OnboardInput = {
      runId: operation.runId,
      by: operation.by,
      acceptedAt: operation.at,
      plan,
      baseline: resources,
      ...(operation.consoleUrl === undefined ? {} : { consoleUrl: operation.consoleUrl }),
      ...(operation.publicUrl === undefined ? {} : { publicUrl: operation.publicUrl }),
    };
    for (;;) {
      try {
        return await startChild<typeof onboardAccount>('onboardAccount', {
          workflowId: operationWorkflowId(ref),
          args: [input],
          parentClosePolicy: 'REQUEST_CANCEL',
          cancellationType: 'WAIT_CANCELLATION_COMPLETED',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `Onboard ${id}`.slice(0, 40),
          staticDetails: [`Account: ${escape(id)}`, `Chain: ${chain}`, `Started by: ${escape(operation.by)}`].join(
            '\n\n',
          ),
          memo: { runId: operation.runId },
          typedSearchAttributes: [
            attribute('Job', operation.runId),
            attribute('OnboardingStatus', 'running'),
            attribute('Tenant', tenant),
            attribute('Chain', chain),
            attribute('Account', id),
          ],
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        await sleep(BUSY_PAUSE, { summary: 'the operation before still runs' });
      }
    }
  }

  private onCommand(command: Command): void {
    const { state } = this;
    if (state.commands.includes(command.id)) return;
    state.commands = [...state.commands, command.id].slice(-COMMANDS_KEPT);
    if (command.verb !== 'cancel') return;
    if (command.runId === this.operation?.runId) return this.scope?.cancel();
    const operation = state.queue.find((queued) => queued.runId === command.runId);
    if (!operation) return;
    state.queue = state.queue.filter((queued) => queued !== operation);
    this.dropped = { operation, command };
  }

  /** A queued operation was cancelled before it began: nothing was made. */
  private async afterDropped({ operation, command }: NonNullable<Account['dropped']>): Promise<void> {
    await tellCancelled(operation, cancelledBy(command));
    if (!this.isUntouched() || this.state.queue.length > 0) return this.next(this.state);
    if (this.cancelled) throw new CancelledFailure(command.reason);
  }

  /** A native cancel while idle is no offboarding: a live account goes on, in a run whose root scope is not cancelled. */
  private async cancelledWhileIdle(): Promise<void> {
    if (!this.isUntouched()) return this.next(this.state);
    for (const operation of this.state.queue) await tellCancelled(operation, 'Cancelled in Temporal.');
    throw new CancelledFailure('cancelled before it began');
  }

  /** Whether no operation of the account has begun. */
  private isUntouched(): boolean {
    return this.state.plan === null && this.state.state === 'onboarding';
  }

  private async next(state: AccountState): Promise<void> {
    const { plan } = state;
    const hashes = plan && { specHash: plan.specHash, planHash: plan.planHash };
    const memo = { ...workflowInfo().memo, ...hashes, state: state.state };
    await makeContinueAsNewFunc<typeof account>({ memo })(state);
  }

  private describe(): void {
    const { tenant, account: name, chain, state, resources, lastOperation } = this.state;
    setCurrentDetails(
      [
        `### ${state}`,
        `Account ${escape(`${tenant}.${name}`)}, chain ${chain}, ${String(resources.length)} object${resources.length === 1 ? '' : 's'} at the vendors`,
        ...(lastOperation ? [`Last operation: ${lastOperation.kind} ${lastOperation.status}`] : []),
        `Its operations: filter by Account="${escape(`${tenant}.${name}`)}"`,
      ].join('\n\n'),
    );
  }
}

/** A job that never began has no workflow of its own that could tell. */
async function tellCancelled({ kind, plan, publicUrl, runId }: OperationRequest, reason: string): Promise<void> {
  if (kind !== 'onboard' || !plan) return;
  const notifier = new Notifier(runId, publicUrl);
  notifier.tell(plan, 'cancelled', { status: 'cancelled', reason });
  await notifier.started();
}

function readOutcome(error: unknown): Outcome {
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
  if (cause instanceof TerminatedFailure) return { status: 'interrupted' };
  if (cause instanceof ApplicationFailure && cause.details?.[0]) {
    const details = cause.details[0] as CloseDetails;
    const clean = details.status !== 'rollback-incomplete';
    return { status: clean ? 'undone' : 'failed', details, cancelled: details.status === 'cancelled' };
  }
  if (cause instanceof CancelledFailure) {
    const details: CloseDetails = { status: 'cancelled', reason: 'cancelled', code: null, step: null, leftovers: [] };
    return { status: 'undone', details, cancelled: true };
  }
  // The child broke in a way that leaves its state unknown: like a termination, a person must look.
  return { status: 'interrupted' };
}
