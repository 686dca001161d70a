import { Context } from '@temporalio/activity';
import type { HeartbeatDetails, JsonObject } from '#libs/contracts/index.js';
import type { ReadOptions } from '#libs/resources/contract.js';
import { FencedError, type HeartbeatChange, type StepContext, type Timing } from '#libs/resources/index.js';
import { Heartbeats } from './heartbeats.js';
import { ReadingWatch } from './reading-watch.js';
import { serverClock } from './server-clock.js';
import { HeldSlot, WorkSlots } from './work-slots.js';

/** Opens the sealed values and references at the secret paths of a vendor body. */
export type OpenSecrets = (body: JsonObject, secretPaths: readonly string[], accountId: string) => JsonObject;

/** Seals a secret for a field of the node's body and an account. */
export type SealSecret = (text: string, field: string, accountId: string) => string;

/** The workflow of a dry run: the lists that it needs are read after those that jobs need. */
const PREVIEW = 'previewPlan';

/** `StepContext` over the running activity's Temporal context. */
export class TemporalStepContext implements StepContext {
  readonly attempt: number;
  readonly startedAt = Date.now();
  readonly scheduledAt: number;
  readonly previous: HeartbeatDetails | undefined;
  readonly signal: AbortSignal;
  readonly reads: ReadOptions;
  private readonly watch: ReadingWatch;
  private readonly slot: HeldSlot;
  private readonly heartbeats = new Heartbeats();

  constructor(
    readonly timing: Timing,
    private readonly openSecrets: OpenSecrets,
    private readonly sealSecret: SealSecret,
    private readonly accountId: string,
    slots: WorkSlots = new WorkSlots(Infinity),
  ) {
    const { info } = Context.current();
    this.attempt = info.attempt;
    this.scheduledAt = info.scheduledTimestampMs;
    this.signal = this.heartbeats.signal;
    this.previous = this.heartbeats.previous;
    serverClock.observe(info.currentAttemptScheduledTimestampMs);
    this.slot = new HeldSlot(slots, this.signal, info.priority?.priorityKey);
    this.watch = new ReadingWatch({
      signal: this.signal,
      timing,
      lane: info.workflowType === PREVIEW ? 'preview' : 'job',
      details: () => this.heartbeats.details,
      whileWaiting: (wait) => this.slot.whileWaiting(wait),
      note: (readings, pages) => this.heartbeats.note({ readings, pages }),
    });
    this.reads = this.watch.options;
  }

  /** True when the attempt was told to end because its worker stops: another attempt goes on. */
  get workerStops(): boolean {
    return this.heartbeats.workerStops;
  }

  /** Waits until the step may work; it shows that it lives meanwhile. @throws FencedError when it is cancelled first */
  async begin(): Promise<void> {
    await this.slot.take().catch(() => undefined); // only a cancellation ends the waiting
    this.throwIfCancelled();
  }

  /** Must be called before the attempt ends: what is confirmed is what the next one reads. */
  async end(): Promise<void> {
    this.slot.end();
    this.watch.end();
    await this.heartbeats.end();
  }

  details(): HeartbeatDetails {
    return this.heartbeats.details;
  }

  confirm(change: HeartbeatChange): Promise<void> {
    return this.heartbeats.confirm(change);
  }

  async pause(ms: number): Promise<void> {
    this.throwIfCancelled();
    const aborted = await new Promise<boolean>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.signal.removeEventListener('abort', done);
        resolve(this.signal.aborted);
      };
      const timer = setTimeout(done, ms);
      this.signal.addEventListener('abort', done);
    });
    if (aborted) this.throwIfCancelled();
  }

  throwIfCancelled(): void {
    if (this.signal.aborted) throw new FencedError('the step was cancelled', { cancelled: true });
  }

  now(): number {
    return Date.now();
  }

  momentOf(serverMs: number): number {
    return serverClock.momentOf(serverMs);
  }

  open(body: JsonObject, secretPaths: readonly string[]): JsonObject {
    return this.openSecrets(body, secretPaths, this.accountId);
  }

  seal(text: string, field: string): string {
    return this.sealSecret(text, field, this.accountId);
  }
}
