import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { CancellationScope, condition, setCurrentDetails, setHandler } from '@temporalio/workflow';
import {
  cancelledBy,
  commandFits,
  notifyEventOf,
  stepName,
  type CloseDetails,
  type CloseType,
  type Command,
  type CommandVerb,
  type JobStatus,
  type NotifyEvent,
  type OnboardInput,
  type OnboardResult,
  type Plan,
  type WaitKind,
} from '#libs/contracts/index.js';
import { upsertChanged, type JobAttributes } from './attributes.js';
import { escape, jobDetails } from './details.js';
import { HandoffDesk } from './handoff-desk.js';
import { closing } from './closing.js';
import { commandSignal } from './messages.js';
import { Notifier } from './notifier.js';
import { Saga, type SagaFault } from './saga.js';

/**
 * Takes one account on board: brings its plan to stand at the vendors, or leaves nothing of it.
 * @returns what the account owns
 * @throws ApplicationFailure `ROLLED_BACK`, `CANCELLED` or `ROLLBACK_INCOMPLETE` with `CloseDetails`; CancelledFailure when it was
 * cancelled natively and undone
 */
export async function onboardAccount(input: OnboardInput): Promise<OnboardResult> {
  return new Job(input).run();
}

class Job {
  private attributes: JobAttributes = { status: 'running', waitingFor: null, errorCode: null, step: null };
  private reason: string | null = null;
  private readonly seen = new Set<string>();
  private cancelCommand: Command | undefined;
  private answer: Command | undefined;
  /** The plan that took the place of the first one. */
  private corrected: Plan | undefined;
  private readonly root = CancellationScope.current();
  private readonly work = new CancellationScope();
  private readonly desk: HandoffDesk;
  private readonly saga: Saga;
  private readonly notifier: Notifier;

  constructor(private readonly input: OnboardInput) {
    this.notifier = new Notifier(input.runId, input.publicUrl);
    this.desk = new HandoffDesk({ changed: () => this.progressed(), reminder: () => this.remind() });
    this.saga = new Saga(input.plan, input.baseline, () => this.progressed(), this.desk);
    setHandler(commandSignal, (command) => this.onCommand(command), {
      description: 'cancel, retry, rollback, accept-leftovers, handoff',
    });
  }

  async run(): Promise<OnboardResult> {
    this.describe();
    const fault = await this.applyUntilDecided();
    if (fault === null) {
      this.transition('succeeded');
      await this.notifier.started();
      return { resources: this.saga.resources(), ...(this.corrected ? { plan: this.corrected } : {}) };
    }
    return CancellationScope.nonCancellable(() => this.takeBack(fault));
  }

  /** Applies the plan, and again after each `retry` of a held job. Null when it stands; else what makes it go back. */
  private async applyUntilDecided(): Promise<SagaFault | null> {
    for (;;) {
      const { onFailure } = this.corrected ?? this.input.plan;
      const fault = await this.attempt(onFailure === 'rollback');
      if (this.cancelled) return fault ?? { step: '', code: 'OUTCOME_UNKNOWN', message: 'Cancelled.' };
      if (fault === null) return null;
      this.reason = fault.message;
      if (fault.then === 'reject' || (onFailure === 'rollback' && fault.then !== 'hold')) return fault;
      const command = await this.hold(fault);
      if (command?.verb !== 'retry') return fault;
      if (command.plan) {
        const { plan } = command;
        await CancellationScope.nonCancellable(() => this.saga.replan(plan));
        this.corrected = plan;
      }
    }
  }

  private async attempt(failFast: boolean): Promise<SagaFault | null> {
    try {
      return await this.work.run(() => this.saga.apply(failFast));
    } catch (error) {
      if (error instanceof CancelledFailure) return null;
      throw error;
    }
  }

  /** Parks the job until somebody retries, rolls back or cancels it. Undefined when it was cancelled. */
  private async hold(fault: SagaFault): Promise<Command | undefined> {
    this.transition('held', { waitingFor: 'operator', errorCode: fault.code, step: fault.step });
    try {
      return await this.work.run(() => this.nextAnswer());
    } catch (error) {
      if (error instanceof CancelledFailure) return undefined;
      throw error;
    } finally {
      if (this.answer?.verb === 'retry') {
        this.reason = null;
        this.transition('running');
      }
      this.answer = undefined;
    }
  }

  private async takeBack(fault: SagaFault): Promise<never> {
    const { cancelled } = this;
    this.reason = cancelled ? (this.cancelCommand?.reason ?? 'Cancelled in Temporal.') : fault.message;
    const rejected = fault.then === 'reject' && !cancelled;
    const error =
      cancelled || rejected
        ? { errorCode: null, step: rejected ? fault.step : null }
        : { errorCode: fault.code, step: fault.step };
    for (;;) {
      this.transition('rolling-back', error);
      const leftovers = await this.saga.undo();
      if (leftovers.length === 0) break;
      this.transition('rollback-incomplete', { ...error, waitingFor: 'operator' });
      const command = await this.nextAnswer();
      this.answer = undefined;
      if (command.verb === 'accept-leftovers')
        return this.close('ROLLBACK_INCOMPLETE', 'rollback-incomplete', fault, error);
    }
    if (cancelled) return this.close('CANCELLED', 'cancelled', fault, error);
    return rejected
      ? this.close('REJECTED', 'rejected', fault, error)
      : this.close('ROLLED_BACK', 'rolled-back', fault, error);
  }

  private async close(
    type: CloseType,
    status: CloseDetails['status'],
    fault: SagaFault,
    error: Pick<JobAttributes, 'errorCode' | 'step'>,
  ): Promise<never> {
    this.transition(status, error);
    await this.notifier.started();
    const reason = this.reason ?? fault.message;
    // Temporal shows a job as cancelled only if it was cancelled natively and says so itself.
    if (status === 'cancelled' && this.root.consideredCancelled) throw new CancelledFailure(reason);
    const details: CloseDetails = {
      status,
      reason,
      code: error.errorCode,
      step: error.step,
      leftovers: this.saga.leftovers(),
    };
    throw closing(type, reason, [details]);
  }

  private onCommand(command: Command): void {
    if (command.runId !== this.input.runId || this.seen.has(command.id)) return;
    this.seen.add(command.id);
    if (command.verb === 'handoff' || command.verb === 'handoff-fetched') {
      this.desk.take(command);
      return;
    }
    if (!commandFits(command.verb, this.attributes.status)) return; // the progress shows it as ignored
    if (command.verb === 'cancel') {
      this.cancelCommand = command;
      this.work.cancel();
    } else {
      this.answer ??= command;
    }
  }

  private async nextAnswer(): Promise<Command> {
    this.answer = undefined;
    await condition(() => this.answer !== undefined);
    // `condition` has just seen it; the compiler cannot know that a handler sets it.
    const answer = this.answer as Command | undefined;
    if (!answer) throw ApplicationFailure.nonRetryable('no command arrived');
    return answer;
  }

  /** By the scope, not by an error's kind: a cancelled step may also end well, or by a heartbeat timeout. */
  private get cancelled(): boolean {
    return this.work.consideredCancelled || this.root.consideredCancelled;
  }

  private progressed(): void {
    const { status, waitingFor, errorCode, step } = this.attributes;
    const { current } = this.desk;
    const asked = current?.state === 'open';
    if (status === 'running' && this.saga.onlyWaits) {
      this.transition('waiting', asked ? { waitingFor: 'handoff', step: current.key } : { waitingFor: 'vendor' });
    } else if (status === 'waiting' && waitingFor === 'handoff' && current?.state === 'checking') {
      this.transition('running');
    } else if (status === 'rolling-back' && asked !== (waitingFor === 'handoff')) {
      this.transition('rolling-back', { errorCode, step, waitingFor: asked ? 'handoff' : null });
    } else {
      this.describe();
    }
  }

  private remind(): void {
    this.notify('reminder');
  }

  private transition(status: JobStatus, facts: Partial<Omit<JobAttributes, 'status'>> = {}): void {
    const next: JobAttributes = { status, waitingFor: null, errorCode: null, ...facts, step: this.nameOf(facts.step) };
    upsertChanged(this.attributes, next);
    const event = status === this.attributes.status ? undefined : notifyEventOf(status);
    this.attributes = next;
    this.describe();
    if (event) this.notify(event);
  }

  /** The name under which Temporal keeps a step in clear. */
  private nameOf(step: string | null = null): string | null {
    const { nodes } = this.corrected ?? this.input.plan;
    const node = nodes.find(({ key }) => key === step);
    return node ? stepName(node) : step;
  }

  /** Tells whoever asked for it what has come about; the job goes on at once. */
  private notify(event: NotifyEvent): void {
    const { cancelCommand, desk } = this;
    const { status, errorCode } = this.attributes;
    const why = this.reason !== null && errorCode !== null ? `${errorCode}: ${this.reason}` : this.reason;
    const reason =
      status === 'cancelled' && cancelCommand ? cancelledBy(cancelCommand) : (why ?? desk.instruction ?? null);
    this.notifier.tell(this.corrected ?? this.input.plan, event, { status, reason });
  }

  private describe(): void {
    const { status, waitingFor } = this.attributes;
    setCurrentDetails(
      jobDetails({
        status,
        reason: this.reason,
        next:
          this.desk.instruction === undefined
            ? nextStep(status, waitingFor)
            : `a person answers the hand-off: ${escape(this.desk.instruction)}`,
        runs: this.saga.runs,
        leftovers: this.saga.leftovers(),
        consoleUrl: this.input.consoleUrl,
      }),
    );
  }
}

/** What a support person can expect or do. */
function nextStep(status: JobStatus, waitingFor: WaitKind | null): string {
  const verbs = (...allowed: CommandVerb[]): string => allowed.join(', ');
  switch (status) {
    case 'held':
      return `an operator decides: ${verbs('retry', 'rollback', 'cancel')}`;
    case 'rollback-incomplete':
      return waitingFor === null
        ? 'nothing, the job has ended with what is left over'
        : `an operator decides: ${verbs('rollback', 'accept-leftovers')}`;
    case 'rolling-back':
      return 'what was made is taken back, in reverse order';
    case 'waiting':
      return waitingFor === 'vendor'
        ? 'the vendor activates the channels; nothing to do'
        : 'a person answers the hand-off';
    case 'queued':
    case 'running':
      return 'the remaining steps run by themselves';
    default:
      return 'nothing, the job has ended';
  }
}
