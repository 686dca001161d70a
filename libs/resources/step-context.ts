import type { HeartbeatDetails, JsonObject } from '#libs/contracts/index.js';
import type { ReadOptions } from './contract.js';
import type { Timing } from './timing.js';

/** Thrown when an attempt must not write any more: the server gave the step to another attempt, or it was cancelled. */
export class FencedError extends Error {
  override name = 'FencedError';
  /** True when the reason is a cancellation. */
  readonly cancelled: boolean;

  constructor(message: string, options: { cause?: unknown; cancelled?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.cancelled = options.cancelled ?? false;
  }
}

/** A change of the recorded details. */
export type HeartbeatChange = Partial<
  Pick<HeartbeatDetails, 'phase' | 'settled' | 'writing' | 'firstFaultAt' | 'stands' | 'removing'>
>;

/**
 * What an algorithm on a resource needs of the attempt that runs it. The activity provides it over Temporal's context; tests
 * provide their own.
 */
export interface StepContext {
  /** 1 for the first attempt of a scheduling. */
  readonly attempt: number;
  /** When this attempt began, milliseconds of the worker's clock. */
  readonly startedAt: number;
  /** When the step was first scheduled, milliseconds since the epoch. */
  readonly scheduledAt: number;
  /** Details of the attempt before; undefined when there was none or it left none. */
  readonly previous?: HeartbeatDetails | undefined;
  readonly timing: Timing;
  /** Aborted by a cancellation; given to reads only. */
  readonly signal: AbortSignal;
  /** For every read of the step: what ends it, and who is told how far the lists are that it waits for. */
  readonly reads: ReadOptions;
  /** The details that the next attempt and a heartbeat timeout will see. */
  details(): HeartbeatDetails;
  /**
   * Records details at the server and returns when it has them. Must stand before every write.
   * @throws FencedError when this attempt no longer holds the step, or when the answer took over a second: the process stalled, so the next attempt decides
   */
  confirm(change: HeartbeatChange): Promise<void>;
  /** Waits; ends early with `FencedError` on a cancellation. */
  pause(ms: number): Promise<void>;
  /** Throws `FencedError` when the step was cancelled. Asked before every write, never during one. */
  throwIfCancelled(): void;
  now(): number;
  /**
   * Returns for `ReadOptions.begunAfter` a moment that is not before what was at the Temporal server at `serverMs`, milliseconds since
   * the epoch: since then the question has been open.
   */
  momentOf(serverMs: number): number;
  /** Opens sealed values and references at the secret paths of a body. */
  open(body: JsonObject, secretPaths: readonly string[]): JsonObject;
  /** Seals a secret for the account and node of the step, and for this field of the node's body (`Located.field`). */
  seal(text: string, field: string): string;
}
