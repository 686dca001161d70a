import { Context, log } from '@temporalio/activity';
import {
  ActivityCancelledError,
  ActivityNotFoundError,
  ActivityPausedError,
  ActivityResetError,
} from '@temporalio/client';
import type { HeartbeatDetails } from '#libs/contracts/index.js';
import { FencedError, type HeartbeatChange } from '#libs/resources/index.js';
import { FRESH, readDetails, unsure } from './heartbeat-details.js';

/** How long after the last heartbeat the next one shows that the attempt lives. */
const HEARTBEAT_MS = 1_000;
/**
 * How often the SDK is told that the attempt lives. It gives up an attempt that is silent for the heartbeat timeout and 5 s more,
 * and holds back what comes sooner than its throttle lets it (`maxHeartbeatThrottleInterval` of the worker).
 */
const SDK_HEARTBEAT_MS = 4_500;
/** How long the SDK may take to hear of a cancellation that the server has told us of. */
const SDK_CANCEL_MS = 10_000;
/** A confirmation slower than this says that the process stalled: what was looked at before may be stale. */
const STALLED_MS = 1_000;
/** So often a slow confirmation is asked for again: each proves anew that this attempt holds the step. A slow machine is not a dead one. */
const CONFIRMATIONS = 3;

/**
 * The heartbeats of the running attempt. Whatever it has confirmed is what the next attempt reads, however this one ends: by a result
 * that Temporal refuses, a failure, the stop of its worker, or a death that only the heartbeat timeout tells.
 *
 * Ours go to the server one after the other, so that none overtakes a confirmed one. The SDK sends heartbeats of its own, which it
 * needs to believe that the attempt lives, and which go their own way:
 * - it holds them back and may send one after what was confirmed later: so it is told again whenever the details change, and ours
 *   follow each of its own at once
 * - one that is on its way already may still land later: so those say that a write may be under way, which costs the next attempt a
 *   wait, never the knowledge of a write
 * - when an attempt fails, it sends the last one that it was told along with the failure, in place of what the server has: so the last
 *   one that it is told is the truth
 */
export class Heartbeats {
  /** Details of the attempt before; undefined when there was none or it left none. */
  readonly previous: HeartbeatDetails | undefined;
  /** Aborted by a cancellation, whoever hears of it first. */
  readonly signal: AbortSignal;
  private readonly context = Context.current();
  private readonly cancellation = new AbortController();
  private readonly sdkBeat: NodeJS.Timeout;
  private beat: NodeJS.Timeout;
  private current: HeartbeatDetails;
  /** Ends with the last heartbeat that was asked for; never rejects. */
  private underWay: Promise<unknown> = Promise.resolve();
  /** True once a heartbeat was not answered: it may land later, over whatever is confirmed then. */
  private unanswered = false;
  /** True once the SDK was given details, which it sends along with a failure. */
  private sdkTold = false;
  private ended = false;

  constructor() {
    const { info, cancellationSignal } = this.context;
    this.signal = this.cancellation.signal;
    if (cancellationSignal.aborted) this.cancellation.abort();
    cancellationSignal.addEventListener('abort', () => this.cancellation.abort());
    this.previous = readDetails(info.heartbeatDetails);
    // Never a step back: what the attempt before recorded stays recorded until this one knows better.
    this.current = this.previous ?? FRESH;
    this.beat = this.nextBeat();
    this.sdkBeat = setInterval(() => this.beatOfSdk(), SDK_HEARTBEAT_MS);
  }

  /** What is confirmed. */
  get details(): HeartbeatDetails {
    return this.current;
  }

  /** True when the attempt was told to end because its worker stops: another attempt goes on. */
  get workerStops(): boolean {
    return this.context.cancellationDetails?.workerShutdown === true;
  }

  /**
   * Records a change at the server, and returns when it has it.
   * @throws FencedError when this attempt no longer holds the step, or when the process stalled: nothing may be written then
   */
  async confirm(change: HeartbeatChange): Promise<void> {
    const before = this.current;
    this.become({ ...before, ...change });
    for (let tries = 1; ; tries += 1) {
      let tookMs: number;
      try {
        tookMs = await this.send();
        if (this.unanswered) throw new Error('a heartbeat before it was not answered');
      } catch (error) {
        this.become(before); // what was about to be done is not done
        throw fenced(error);
      }
      if (tookMs <= STALLED_MS) return;
      if (tries === CONFIRMATIONS)
        throw new FencedError('the process stalled before a write; the next attempt decides');
    }
  }

  /** Ends the heartbeats; must be called before the attempt ends. What is confirmed is the last word of it. */
  async end(): Promise<void> {
    this.ended = true;
    clearTimeout(this.beat);
    clearInterval(this.sdkBeat);
    await this.underWay;
    if (this.signal.aborted) await this.sdkCancelled();
    if (this.sdkTold) this.context.heartbeat(this.current);
  }

  /** Notes something for whoever follows the step; it goes with the next heartbeat. */
  note(change: Pick<HeartbeatDetails, 'readings' | 'pages'>): void {
    this.current = { ...this.current, ...change };
  }

  private become(details: HeartbeatDetails): void {
    this.current = details;
    if (this.sdkTold) this.tellSdk();
  }

  private nextBeat(): NodeJS.Timeout {
    return setTimeout(() => {
      void this.beatNow().finally(() => {
        if (!this.ended) this.beat = this.nextBeat();
      });
    }, HEARTBEAT_MS);
  }

  private beatOfSdk(): void {
    this.tellSdk();
    void this.beatNow();
  }

  private tellSdk(): void {
    this.sdkTold = true;
    this.context.heartbeat(unsure(this.current));
  }

  private async beatNow(): Promise<void> {
    try {
      await this.send();
    } catch (error) {
      log.debug('a heartbeat failed', { error: String(error) });
    }
  }

  /** Sends the details as they are by the time the heartbeat before has been answered. Returns in how many milliseconds the server did. */
  private send(): Promise<number> {
    const sent = this.underWay.then(() => this.answered());
    this.underWay = sent.catch(() => undefined);
    return sent;
  }

  private async answered(): Promise<number> {
    const { info, client } = this.context;
    const asked = performance.now();
    try {
      await client.activity.heartbeat(info.taskToken, this.current, {
        serializationContext: {
          type: 'activity',
          namespace: info.namespace,
          activityId: info.activityId,
          isLocal: false,
          ...(info.workflowExecution ? { workflowId: info.workflowExecution.workflowId } : {}),
        },
      });
    } catch (error) {
      if (error instanceof ActivityCancelledError) this.cancellation.abort();
      else if (!isAnswer(error)) this.unanswered = true;
      throw error;
    }
    return performance.now() - asked;
  }

  /** An attempt may end as cancelled only once the SDK has heard of it, which may be after the server answered a heartbeat of ours. */
  private async sdkCancelled(): Promise<void> {
    const { cancellationSignal } = this.context;
    if (cancellationSignal.aborted) return;
    this.tellSdk();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, SDK_CANCEL_MS);
      cancellationSignal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** Whether an error is what the server said to a heartbeat: it lands no more, or has landed. */
function isAnswer(error: unknown): boolean {
  return (
    error instanceof ActivityNotFoundError ||
    error instanceof ActivityPausedError ||
    error instanceof ActivityResetError
  );
}

function fenced(error: unknown): FencedError {
  if (error instanceof ActivityCancelledError)
    return new FencedError('the step was cancelled', { cause: error, cancelled: true });
  if (error instanceof ActivityNotFoundError)
    return new FencedError('another attempt holds the step', { cause: error });
  if (error instanceof ActivityPausedError || error instanceof ActivityResetError) {
    return new FencedError(`the step was ${error.message} by an operator`, { cause: error });
  }
  return new FencedError('Temporal did not confirm the heartbeat', { cause: error });
}
