import { Context } from '@temporalio/activity';
import type { HeartbeatDetails, JsonObject } from '#libs/contracts/index.js';
import type { ReadOptions } from '#libs/resources/contract.js';
import { FencedError, type HeartbeatChange, type StepContext, type Timing } from '#libs/resources/index.js';
import { Heartbeats } from './heartbeats.js';
import { ReadingWatch } from './reading-watch.js';
import { serverClock } from './server-clock.js';

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
  private readonly heartbeats = new Heartbeats();

  constructor(
    readonly timing: Timing,
    private readonly openSecrets: OpenSecrets,
    private readonly sealSecret: SealSecret,
    private readonly accountId: string,
  ) {
    const { info } = Context.current();
    this.attempt = info.attempt;
    this.scheduledAt = info.scheduledTimestampMs;
    this.signal = this.heartbeats.signal;
    this.previous = this.heartbeats.previous;
    serverClock.observe(info.currentAttemptScheduledTimestampMs);
    this.reads = new ReadingWatch({
      signal: this.signal,
      timing,
      lane: info.workflowType === PREVIEW ? 'preview' : 'job',
      details: () => this.heartbeats.details,
      note: (readings) => this.heartbeats.note({ readings }),
    }).options;
  }

  /** True when the attempt was told to end because its worker stops: another attempt goes on. */
  get workerStops(): boolean {
    return this.heartbeats.workerStops;
  }

  /** Must be called before the attempt ends: what is confirmed is what the next one reads. */
  end(): Promise<void> {
    return this.heartbeats.end();
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
