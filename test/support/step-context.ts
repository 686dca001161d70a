import type { HeartbeatDetails, JsonObject } from '#libs/contracts/index.js';
import { FencedError, type HeartbeatChange, type StepContext, type Timing } from '#libs/resources/index.js';

/** An attempt outside Temporal, on the real clock: for tests that run the algorithms on a vendor without a server. */
export class LocalStepContext implements StepContext {
  readonly startedAt = Date.now();
  readonly scheduledAt = Date.now();
  readonly signal = new AbortController().signal;
  readonly reads = { signal: this.signal };
  private current: HeartbeatDetails;

  constructor(
    readonly timing: Timing,
    readonly attempt = 1,
    readonly previous?: HeartbeatDetails,
  ) {
    this.current = previous ?? { phase: 'looking', settled: false, firstFaultAt: null };
  }

  details(): HeartbeatDetails {
    return this.current;
  }

  confirm(change: HeartbeatChange): Promise<void> {
    this.current = { ...this.current, ...change };
    return Promise.resolve();
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  throwIfCancelled(): void {
    if (this.signal.aborted) throw new FencedError('the step was cancelled');
  }

  now(): number {
    return Date.now();
  }

  /** Nothing is asked of a server here: every question is asked now. */
  momentOf(): number {
    return performance.now();
  }

  /** The factories' plans hold secrets that only look sealed (`test/factories/plans.ts`). */
  open(body: JsonObject): JsonObject {
    const text = JSON.stringify(body, (_key, value: unknown) =>
      typeof value === 'string' && value.startsWith('sealed:v1:test:')
        ? Buffer.from(value.slice('sealed:v1:test:'.length), 'base64').toString()
        : value,
    );
    return JSON.parse(text) as JsonObject;
  }

  seal(text: string): string {
    return `sealed:v1:test:${Buffer.from(text).toString('base64')}`;
  }
}
