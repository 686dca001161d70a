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
  setHandler,
  sleep,
  startChild,
  upsertMemo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import {
  accountId,
  CANCELLED_IN_TEMPORAL,
  cancelledBy,
  isOperation,
  operationWorkflowId,
  QUEUE_LIMIT,
  requestedPlan,
  type AccountNote,
  type AccountState,
  type CloseDetails,
  type Command,
  type LineEntry,
  type OperationInput,
  type OperationRecord,
  type OperationRequest,
  type OperationResult,
} from '#libs/contracts/index.js';
import { describeAccount, nextRun } from './account-surface.js';
import { attribute, clearQueued } from './attributes.js';
import { closing } from './interpreter/closing.js';
import { escape } from './interpreter/escape.js';
import { jsonBytes } from './json-bytes.js';
import { commandSignal, operationSignal } from './messages.js';
import { Notifier } from './notifier.js';
import { afterCutOff, afterFailure, operationRow, withDrift, type OperationRow } from './operations.js';
import { growingPause } from './pauses.js';

/** First pause before trying again to start an operation while the one before is still undoing. */
const BUSY_PAUSE_MS = 1_000;
/** Ids of commands and requests remembered, so that a repeated signal is dropped. */
const IDS_KEPT = 100;
/** Largest state that is carried on, in bytes of its JSON: Temporal refuses 2 MiB, and encryption adds little. */
const STATE_LIMIT = 1_900_000;

type Operation = (input: OperationInput) => Promise<OperationResult>;

/**
 * One account: what it should look like, what it owns, its line of operations, its lock. Takes one operation, runs it as a child, folds
 * the result into the state and continues as new with the whole state as input. Ends when nothing is left of the account.
 *
 * Any later version of this code must be able to replay an idle account and one whose child runs: no command before the first
 * wait, and none between the wait and the child's start without `patched()`.
 */
export async function account(state: AccountState): Promise<void> {
  const entity = new Account(state);
  setHandler(commandSignal, (command) => entity.onCommand(command), { description: 'cancel of a queued operation' });
  setHandler(operationSignal, (entry) => entity.onEntry(entry), { description: 'an operation, or a note' });
  return entity.run();
}

/** How an operation ended. */
type Outcome =
  | { status: 'succeeded'; result: OperationResult }
  | { status: 'undone' | 'failed'; details: CloseDetails; cancelled: boolean }
  | { status: 'interrupted' }
  /** It was not begun: the account, or this version, cannot perform it. */
  | { status: 'refused'; reason: string; record: 'undone' | 'failed' };

class Account {
  private operation: OperationRequest | undefined;
  private scope: CancellationScope | undefined;
  private cancelled = false;
  private readonly notes: AccountNote[] = [];
  /** Operations of the line that were cancelled before they began, and why. */
  private readonly dropped: { operation: OperationRequest; reason: string }[] = [];

  constructor(private state: AccountState) {
    const root = CancellationScope.current();
    // The root stays cancelled, so work never runs in it: a cancel of the account is one of the operation that runs.
    void root.cancelRequested.catch(() => {
      this.cancelled = true;
      this.scope?.cancel();
    });
  }

  async run(): Promise<void> {
    describeAccount(this.state);
    await CancellationScope.nonCancellable(async () => {
      const { notes, dropped } = this;
      await condition(() => this.state.queue.length > 0 || this.cancelled || dropped.length > 0 || notes.length > 0);
      if (dropped.length > 0) return this.afterDropped();
      if (this.cancelled) return this.cancelledWhileIdle();
      this.takeNotes();
      const [operation] = this.state.queue;
      if (!operation) return this.next(this.state);
      this.state = { ...this.state, queue: this.state.queue.slice(1) };
      await this.perform(operation);
    });
  }

  private async perform(operation: OperationRequest): Promise<void> {
    this.operation = operation;
    this.scope = new CancellationScope();
    const startedAt = new Date().toISOString();
    const outcome = await this.outcomeOf(operation, this.scope);
    this.takeNotes(); // what came amid an operation was said of the account before it
    const now = new Date().toISOString();
    const record = (status: OperationRecord['status'], reason: string | null): Pick<AccountState, 'lastOperation'> => ({
      lastOperation: { id: operation.runId, kind: operation.kind, status, startedAt, endedAt: now, reason },
    });
    const { state } = this;
    switch (outcome.status) {
      case 'succeeded': {
        const folded = operationRow(operation)?.fold(state, operation, outcome.result, now);
        if (!folded) return this.leave(operation);
        return this.next({ ...folded, ...record('succeeded', null), revision: revisionAfter(state) });
      }
      case 'interrupted': {
        const reason = 'terminated in Temporal; what it made may still stand';
        const next = afterCutOff(state, operation, now);
        if (!next) throw closing('INTERRUPTED', 'It was cut off: what it has not removed still stands.');
        return this.next({ ...next, ...record('interrupted', reason) });
      }
      case 'refused': {
        // An account of which nothing can stand is not kept for an operation that never began.
        if (this.isUntouched()) throw ApplicationFailure.nonRetryable(outcome.reason, 'UNSUPPORTED');
        await tellCancelled(operation, state, outcome.reason);
        return this.next({ ...state, ...record(outcome.record, outcome.reason) });
      }
      default:
        return this.unfinished(operation, outcome, record(outcome.status, outcome.details.reason));
    }
  }

  /** An account that goes on records what its operation left; one of which nothing is left ends. */
  private async unfinished(
    operation: OperationRequest,
    outcome: Extract<Outcome, { status: 'undone' | 'failed' }>,
    record: Pick<AccountState, 'lastOperation'>,
  ): Promise<void> {
    const { lastOperation } = record;
    const next = lastOperation && afterFailure(this.state, operation, outcome.details, lastOperation);
    if (next) return this.next({ ...next, revision: revisionAfter(this.state) });
    this.end(outcome);
  }

  /** Nothing is left of the account: its first operation was taken back, or what is left was accepted. Any later start is a new one. */
  private end({ details, cancelled }: Extract<Outcome, { status: 'undone' | 'failed' }>): void {
    if (cancelled && this.cancelled) throw new CancelledFailure(details.reason);
    throw closing(details.status.replace('-', '_').toUpperCase(), details.reason, [details]);
  }

  /** Nothing is left of the account: it was taken off. What still waits in its line has nothing to work on. */
  private async leave({ runId }: OperationRequest): Promise<void> {
    for (const queued of this.state.queue)
      await tellCancelled(queued, this.state, `The account was taken off by ${runId}.`);
  }

  private async outcomeOf(operation: OperationRequest, scope: CancellationScope): Promise<Outcome> {
    const row = operationRow(operation);
    if (!row) {
      // A newer API may queue what an older worker does not know yet: the account and its lock must outlive that.
      const reason = `This version of the worker cannot perform the operation ${operation.kind}: nothing was done.`;
      return { status: 'refused', reason, record: 'failed' };
    }
    const reason = row.refusal(this.state, operation);
    if (reason !== undefined) return { status: 'refused', reason, record: 'undone' };
    try {
      return await scope.run(async () => {
        const child = await this.start(row, operation);
        if (operation.kind === 'onboard') clearQueued();
        if (row.during !== this.state.state) upsertMemo({ state: row.during });
        return { status: 'succeeded', result: await child.result() };
      });
    } catch (error) {
      return readOutcome(error);
    }
  }

  /** One fixed id for all operations of an account: an old one that still undoes is waited for, never run beside. */
  private async start(row: OperationRow, operation: OperationRequest): Promise<ChildWorkflowHandle<Operation>> {
    const { tenant, account: name, chain } = this.state;
    const ref = { tenant, account: name };
    const id = accountId(ref);
    const { kind, runId, by, at, publicUrl } = operation;
    const input: OperationInput = {
      kind,
      runId,
      by,
      acceptedAt: at,
      tenant,
      account: name,
      ...row.transition(this.state, operation),
      ...(publicUrl === undefined ? {} : { publicUrl }),
    };
    for (let tries = 1; ; tries++) {
      try {
        return await startChild<Operation>(row.workflow, {
          workflowId: operationWorkflowId(ref),
          args: [input],
          parentClosePolicy: 'REQUEST_CANCEL',
          cancellationType: 'WAIT_CANCELLATION_COMPLETED',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `${row.verb} ${id}`.slice(0, 40),
          staticDetails: [`Account: ${escape(id)}`, `Chain: ${chain}`, `Started by: ${escape(by)}`].join('\n\n'),
          memo: { runId },
          typedSearchAttributes: [
            attribute('Job', runId),
            attribute('OnboardingStatus', 'running'),
            attribute('Tenant', tenant),
            attribute('Chain', chain),
            attribute('Account', id),
          ],
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        await sleep(growingPause(BUSY_PAUSE_MS, tries), { summary: 'the operation before still runs' });
      }
    }
  }

  onCommand(command: Command): void {
    if (!this.isNew(command.id) || command.verb !== 'cancel') return;
    if (command.runId === this.operation?.runId) return this.scope?.cancel();
    const operation = this.state.queue.find((queued) => queued.runId === command.runId);
    if (operation) this.drop(operation, cancelledBy(command));
  }

  onEntry(entry: LineEntry): void {
    if (!this.isNew(isOperation(entry) ? entry.runId : entry.id)) return;
    if (!isOperation(entry)) {
      this.notes.push(entry);
      return;
    }
    const { queue } = this.state;
    const offboards = [...(this.operation ? [this.operation] : []), ...queue].some(({ kind }) => kind === 'offboard');
    if (offboards) this.dropped.push({ operation: entry, reason: 'The account is being taken off.' });
    else if (queue.length >= QUEUE_LIMIT) {
      this.dropped.push({ operation: entry, reason: `${String(QUEUE_LIMIT)} operations wait already.` });
    } else this.state = { ...this.state, queue: [...queue, entry] };
  }

  private isNew(id: string): boolean {
    if (this.state.commands.includes(id)) return false;
    this.state = { ...this.state, commands: [...this.state.commands, id].slice(-IDS_KEPT) };
    return true;
  }

  private drop(operation: OperationRequest, reason: string): void {
    this.state = { ...this.state, queue: this.state.queue.filter((queued) => queued !== operation) };
    this.dropped.push({ operation, reason });
  }

  /** What a run over the fleet has seen counts while the account is as it was then; what a person set counts always. */
  private takeNotes(): void {
    for (const note of this.notes.splice(0)) {
      if (note.kind === 'cap') {
        this.state = { ...this.state, reconciliation: note.cap };
        continue;
      }
      if (note.revision !== (this.state.revision ?? 0) || this.state.state !== 'live') continue;
      const status = note.drift.entries.length > 0 ? ('drifted' as const) : ('in-sync' as const);
      const lastReconciliation = { at: note.at, mode: note.mode, status };
      this.state = { ...withDrift(this.state, note.drift), lastReconciliation };
    }
  }

  /** Operations of the line were cancelled before they began: nothing was made. */
  private async afterDropped(): Promise<void> {
    const [first] = this.dropped;
    for (const { operation, reason } of this.dropped.splice(0)) await tellCancelled(operation, this.state, reason);
    if (!this.isUntouched() || this.state.queue.length > 0) return this.next(this.state);
    if (this.cancelled) throw new CancelledFailure(first?.reason ?? CANCELLED_IN_TEMPORAL);
  }

  /** A native cancel while idle is no offboarding: a live account goes on, in a run whose root scope is not cancelled. */
  private async cancelledWhileIdle(): Promise<void> {
    if (!this.isUntouched()) return this.next(this.state);
    for (const operation of this.state.queue) await tellCancelled(operation, this.state, CANCELLED_IN_TEMPORAL);
    throw new CancelledFailure('cancelled before it began');
  }

  /** Whether no operation of the account has begun. */
  private isUntouched(): boolean {
    return this.state.plan === null && this.state.state === 'onboarding';
  }

  /** Goes on with a state, less the last of the line that it cannot carry: two who accept at once may accept too much. */
  private async next(state: AccountState): Promise<void> {
    let carried = { ...state, queue: this.state.queue, commands: this.state.commands };
    while (carried.queue.length > 0 && jsonBytes(carried) > STATE_LIMIT) {
      const last = carried.queue.at(-1);
      if (last)
        await tellCancelled(
          last,
          carried,
          'The line of the account was full: it did not fit beside what waited before it.',
        );
      carried = { ...carried, queue: carried.queue.slice(0, -1) };
    }
    const run = nextRun(carried);
    await makeContinueAsNewFunc<typeof account>(run)(carried);
  }
}

function revisionAfter({ revision }: AccountState): number {
  return (revision ?? 0) + 1;
}

/** An operation that never began has no workflow of its own that could tell. */
async function tellCancelled(operation: OperationRequest, state: AccountState, reason: string): Promise<void> {
  const plan = requestedPlan(operation) ?? state.plan;
  if (!plan) return;
  const notifier = new Notifier(operation.runId, operation.kind, operation.publicUrl);
  notifier.tell(plan, 'cancelled', { status: 'cancelled', reason });
  await notifier.started();
}

function readOutcome(error: unknown): Outcome {
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
  if (cause instanceof TerminatedFailure) return { status: 'interrupted' };
  if (cause instanceof ApplicationFailure && cause.details?.[0]) {
    const details = cause.details[0] as CloseDetails;
    const clean = details.status !== 'rollback-incomplete' && details.status !== 'failed';
    return { status: clean ? 'undone' : 'failed', details, cancelled: details.status === 'cancelled' };
  }
  if (cause instanceof CancelledFailure) {
    const details: CloseDetails = { status: 'cancelled', reason: 'cancelled', code: null, step: null, leftovers: [] };
    return { status: 'undone', details, cancelled: true };
  }
  // The child broke in a way that leaves its state unknown: like a termination, a person must look.
  return { status: 'interrupted' };
}
