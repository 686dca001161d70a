import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { CancellationScope, condition, setCurrentDetails, setHandler } from '@temporalio/workflow';
import {
  CANCELLED_IN_TEMPORAL,
  cancelledBy,
  commandFits,
  notifyEventOf,
  stepName,
  type CloseDetails,
  type CloseType,
  type Command,
  type ErrorCode,
  type JobStatus,
  type NotifyEvent,
  type OperationInput,
  type Plan,
} from '#libs/contracts/index.js';
import { upsertChanged, type JobAttributes } from './attributes.js';
import { closing } from './interpreter/closing.js';
import { jobDetails, nextStep } from './details.js';
import { escape } from './interpreter/escape.js';
import { HandoffDesk } from './interpreter/handoff-desk.js';
import { Transition, type TransitionOptions } from './interpreter/transition.js';
import type { StepFault } from './interpreter/step-fault.js';
import { commandSignal } from './messages.js';
import { Notifier, type NotifyFacts } from './notifier.js';

/** What an operation's error leaves in its attributes. */
export interface OperationError {
  errorCode: ErrorCode | null;
  step: string | null;
}

export const NO_ERROR: OperationError = { errorCode: null, step: null };

/**
 * One run of an operation, whatever its kind: its transition, its status as people and lists see it, the commands that steer it, whom it
 * tells of what it comes to. How the parts follow one another is the kind's own story.
 */
export class OperationRun {
  readonly transition: Transition;
  /** The plan that took the place of the first one. */
  corrected: Plan | undefined;
  /** Why the operation stands as it does; null: there is nothing to say. */
  reason: string | null = null;
  private attributes: JobAttributes = { status: 'running', waitingFor: null, errorCode: null, step: null };
  private readonly seen = new Set<string>();
  private cancelCommand: Command | undefined;
  private answer: Command | undefined;
  private readonly root = CancellationScope.current();
  private readonly work = new CancellationScope();
  private readonly desk: HandoffDesk;
  private readonly notifier: Notifier;

  constructor(
    readonly input: OperationInput,
    options: Pick<TransitionOptions, 'urgency' | 'rewriteSecrets' | 'ignored'> = {},
  ) {
    const { runId, kind, publicUrl, from, to, interrupted, interruptedBefore } = input;
    this.notifier = new Notifier(runId, kind, publicUrl);
    this.desk = new HandoffDesk({ changed: () => this.progressed(), reminder: () => this.tell('reminder') });
    const changed = (): void => this.progressed();
    const cutOff = [...(interrupted ? [interrupted] : []), ...(interruptedBefore ?? [])];
    this.transition = new Transition({ ...options, from, to, cutOff, changed, desk: this.desk });
    setHandler(commandSignal, (command) => this.onCommand(command), {
      description: 'cancel, retry, rollback, accept-leftovers, handoff',
    });
    this.describe();
  }

  /** The plan that counts: whose notifications are sent, and whose rule for failures holds. */
  get plan(): Plan {
    const plan = this.corrected ?? this.input.to ?? this.input.from?.plan ?? this.input.interrupted;
    if (!plan) throw ApplicationFailure.nonRetryable('an operation needs a plan');
    return plan;
  }

  get status(): JobStatus {
    return this.attributes.status;
  }

  /** By the scope, not by an error's kind: a cancelled step may also end well, or by a heartbeat timeout. */
  isCancelled(): boolean {
    return this.work.consideredCancelled || this.root.consideredCancelled;
  }

  /** Why the operation was cancelled. */
  get cancelReason(): string {
    return this.cancelCommand?.reason ?? CANCELLED_IN_TEMPORAL;
  }

  /** Runs what a cancel ends. Undefined when it was cancelled amid it. */
  async cancellable<T>(run: () => Promise<T>): Promise<T | undefined> {
    try {
      return await this.work.run(run);
    } catch (error) {
      if (error instanceof CancelledFailure) return undefined;
      throw error;
    }
  }

  /** Waits for the next command that decides how to go on. */
  async nextAnswer(): Promise<Command> {
    this.answer = undefined;
    await condition(() => this.answer !== undefined);
    // `condition` has just seen it; the compiler cannot know that a handler sets it.
    const answer = this.answer as Command | undefined;
    this.answer = undefined;
    if (!answer) throw ApplicationFailure.nonRetryable('no command arrived');
    return answer;
  }

  /** Moves to a status: told to lists, to people and to whoever asked for it. */
  move(status: JobStatus, facts: Partial<Omit<JobAttributes, 'status'>> = {}): void {
    const next: JobAttributes = { status, waitingFor: null, errorCode: null, ...facts, step: this.nameOf(facts.step) };
    upsertChanged(this.attributes, next);
    const event = status === this.attributes.status ? undefined : notifyEventOf(status);
    this.attributes = next;
    this.describe();
    if (event) this.tell(event);
  }

  /** The name under which Temporal keeps a step in clear. */
  private nameOf(step: string | null = null): string | null {
    const node = this.plan.nodes.find(({ key }) => key === step);
    return node ? stepName(node) : step;
  }

  /** Tells whoever asked for it what has come about; the operation goes on at once. */
  tell(event: NotifyEvent, facts: Partial<NotifyFacts> = {}): void {
    const { cancelCommand, desk } = this;
    const { status, errorCode } = this.attributes;
    const why = this.reason !== null && errorCode !== null ? `${errorCode}: ${this.reason}` : this.reason;
    const reason =
      status === 'cancelled' && cancelCommand ? cancelledBy(cancelCommand) : (why ?? desk.instruction ?? null);
    this.notifier.tell(this.plan, event, { status, reason, ...facts });
  }

  /** Must stand before the end: what is told as an operation closes would be lost otherwise. */
  told(): Promise<void> {
    return this.notifier.started();
  }

  /**
   * Ends the operation as one that did not succeed.
   * @throws ApplicationFailure always; CancelledFailure where an onboarding was cancelled natively and nothing is left of it
   */
  async close(
    type: CloseType,
    status: CloseDetails['status'],
    fault: Pick<StepFault, 'message'>,
    error: OperationError,
    facts: Pick<CloseDetails, 'resources' | 'drift'> = {},
  ): Promise<never> {
    this.move(status, error);
    await this.told();
    const reason = this.reason ?? fault.message;
    // Temporal shows a job as cancelled only if it was cancelled natively and says so itself; its close then carries nothing else.
    const bare = this.input.kind === 'onboard' && this.input.from === null;
    if (bare && status === 'cancelled' && this.root.consideredCancelled) throw new CancelledFailure(reason);
    const details: CloseDetails = {
      status,
      reason,
      code: error.errorCode,
      step: error.step,
      leftovers: this.transition.leftovers(),
      ...facts,
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
    if (!commandFits(command.verb, this.attributes.status, this.input.kind)) return; // the progress shows it as ignored
    if (command.verb !== 'cancel') {
      this.answer ??= command;
      return;
    }
    this.cancelCommand = command;
    this.work.cancel();
    if (this.attributes.status === 'rollback-incomplete') this.answer ??= command;
  }

  private progressed(): void {
    const { status, waitingFor, errorCode, step } = this.attributes;
    const { current } = this.desk;
    const asked = current?.state === 'open';
    if (status === 'running' && (this.transition.onlyWaits || (asked && this.input.kind === 'offboard'))) {
      this.move('waiting', asked ? { waitingFor: 'handoff', step: current.key } : { waitingFor: 'vendor' });
    } else if (status === 'waiting' && waitingFor === 'handoff' && !asked) {
      this.move('running');
    } else if (status === 'rolling-back' && asked !== (waitingFor === 'handoff')) {
      this.move('rolling-back', { errorCode, step, waitingFor: asked ? 'handoff' : null });
    } else {
      this.describe();
    }
  }

  private describe(): void {
    const { status, waitingFor } = this.attributes;
    const { instruction } = this.desk;
    setCurrentDetails(
      jobDetails({
        status,
        reason: this.reason,
        next:
          instruction === undefined
            ? nextStep(this.input.kind, status, waitingFor, this.transition.awaited)
            : `a person answers the hand-off: ${escape(instruction)}`,
        runs: this.transition.runs,
        leftovers: this.transition.leftovers(),
      }),
    );
  }
}
