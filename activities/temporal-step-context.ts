import { Context, log } from '@temporalio/activity';
import { ActivityCancelledError, ActivityNotFoundError } from '@temporalio/client';
import {
  isJsonObject,
  ORIGINS,
  type HeartbeatDetails,
  type Issued,
  type IssuedFor,
  type JsonObject,
} from '#libs/contracts/index.js';
import type { ReadOptions } from '#libs/resources/contract.js';
import { FencedError, type HeartbeatChange, type StepContext, type Timing } from '#libs/resources/index.js';
import { ReadingWatch } from './reading-watch.js';
import { serverClock } from './server-clock.js';
import { HeldSlot, WorkSlots } from './work-slots.js';

/** How long after the last heartbeat the next one shows that the attempt lives. */
const HEARTBEAT_MS = 1_000;
/**
 * How often the SDK is told that the attempt lives. It gives up an attempt that is silent for the heartbeat timeout and 5 s more,
 * and holds back what comes within 80 % of that timeout (4 s).
 */
const SDK_HEARTBEAT_MS = 4_500;
/** How long the SDK may take to hear of a cancellation that the server has told us of. */
const SDK_CANCEL_MS = 10_000;
/** A confirmation slower than this says that the process stalled: what was looked at before may be stale. */
const STALLED_MS = 1_000;
/** So often a slow confirmation is asked for again: each proves anew that this attempt holds the step. A busy machine is no dead one. */
const CONFIRMATIONS = 3;

/** Opens the sealed values and references at the secret paths of a vendor body. */
export type OpenSecrets = (body: JsonObject, secretPaths: readonly string[], accountId: string) => JsonObject;

/** Seals a secret for an account. */
export type SealSecret = (text: string, accountId: string) => string;

/** The workflow of a dry run: the lists that it needs are read after those that jobs need. */
const PREVIEW = 'previewPlan';

const FRESH: HeartbeatDetails = { phase: 'looking', settled: false, firstFaultAt: null };

/**
 * `StepContext` over the running activity's Temporal context.
 *
 * Its heartbeats go to the server one after the other, so that none overtakes a confirmed one. The SDK's own heartbeats go their own
 * way and may land later than what was confirmed after them: what they carry always says that a write may be under way, so that
 * a stale one costs the next attempt a wait, never the knowledge of a create.
 */
export class TemporalStepContext implements StepContext {
  readonly attempt: number;
  readonly startedAt = Date.now();
  readonly scheduledAt: number;
  readonly previous: HeartbeatDetails | undefined;
  readonly signal: AbortSignal;
  readonly reads: ReadOptions;
  private readonly watch: ReadingWatch;
  private readonly slot: HeldSlot;
  private readonly context = Context.current();
  private readonly cancellation = new AbortController();
  private readonly sdkBeat: NodeJS.Timeout;
  private beat: NodeJS.Timeout;
  private current: HeartbeatDetails;
  /** Ends with the last heartbeat that was asked for; never rejects. */
  private underWay: Promise<unknown> = Promise.resolve();
  /** True once a heartbeat was not answered: it may land later, over whatever is confirmed then. */
  private unanswered = false;
  /** How many heartbeats the SDK was given, and how many of them ours have come after. */
  private sdkBeats = 0;
  private sdkBeatsCorrected = 0;
  private stopped = false;

  constructor(
    readonly timing: Timing,
    private readonly openSecrets: OpenSecrets,
    private readonly sealSecret: SealSecret,
    private readonly accountId: string,
    slots: WorkSlots = new WorkSlots(Infinity),
  ) {
    const { info } = this.context;
    this.attempt = info.attempt;
    this.scheduledAt = info.scheduledTimestampMs;
    this.signal = this.cancellation.signal;
    const { cancellationSignal } = this.context;
    if (cancellationSignal.aborted) this.cancellation.abort();
    cancellationSignal.addEventListener('abort', () => this.cancellation.abort());
    this.previous = readDetails(info.heartbeatDetails);
    // Never a step back: what the attempt before recorded stays recorded until this one knows better.
    this.current = this.previous ?? FRESH;
    serverClock.observe(info.currentAttemptScheduledTimestampMs);
    this.slot = new HeldSlot(slots, this.signal, info.priority?.priorityKey);
    this.watch = new ReadingWatch({
      signal: this.signal,
      timing,
      lane: info.workflowType === PREVIEW ? 'preview' : 'job',
      details: () => this.current,
      whileWaiting: (wait) => this.slot.whileWaiting(wait),
      note: (readings) => (this.current = { ...this.current, readings }),
    });
    this.reads = this.watch.options;
    this.beat = this.nextBeat();
    this.sdkBeat = setInterval(() => this.beatOfSdk(), SDK_HEARTBEAT_MS);
  }

  /** Waits until the step may work; it shows that it lives meanwhile. @throws FencedError when it is cancelled first */
  async begin(): Promise<void> {
    await this.slot.take().catch(() => undefined); // only a cancellation ends the waiting
    this.throwIfCancelled();
  }

  /** Ends the heartbeats. The last one tells the next attempt how things really are. */
  async stop(): Promise<void> {
    this.slot.end();
    this.watch.end();
    this.stopped = true;
    clearTimeout(this.beat);
    clearInterval(this.sdkBeat);
    await this.underWay;
    if (this.signal.aborted) return this.sdkCancelled();
    if (this.sdkBeatsCorrected < this.sdkBeats) await this.send().catch(() => undefined); // without it the next attempt only waits longer
  }

  details(): HeartbeatDetails {
    return this.current;
  }

  async confirm(change: HeartbeatChange): Promise<void> {
    const before = this.current;
    this.current = { ...before, ...change };
    for (let tries = 1; ; tries += 1) {
      let tookMs: number;
      try {
        tookMs = await this.send();
        if (this.unanswered) throw new Error('a heartbeat before it was not answered');
      } catch (error) {
        this.current = before; // what was about to be done is not done
        throw fenced(error);
      }
      if (tookMs <= STALLED_MS) return;
      if (tries === CONFIRMATIONS)
        throw new FencedError('the process stalled before a write; the next attempt decides');
    }
  }

  private nextBeat(): NodeJS.Timeout {
    return setTimeout(() => {
      void this.send()
        .catch((error: unknown) => {
          log.debug('a heartbeat failed', { error: String(error) });
        })
        .finally(() => {
          if (!this.stopped) this.beat = this.nextBeat();
        });
    }, HEARTBEAT_MS);
  }

  /** Sends the details as they are by the time the heartbeat before has been answered. Answers in how many milliseconds the server did. */
  private send(): Promise<number> {
    const sent = this.underWay.then(() => this.answered());
    this.underWay = sent.catch(() => undefined);
    return sent;
  }

  private async answered(): Promise<number> {
    const { info, client } = this.context;
    const { sdkBeats } = this;
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
      else if (!(error instanceof ActivityNotFoundError)) this.unanswered = true;
      throw error;
    }
    this.sdkBeatsCorrected = sdkBeats;
    return performance.now() - asked;
  }

  private beatOfSdk(): void {
    this.sdkBeats += 1;
    this.context.heartbeat({ ...this.current, phase: 'posting', settled: false } satisfies HeartbeatDetails);
  }

  /** An attempt may end as cancelled only once the SDK has heard of it, which may be after the server answered a heartbeat of ours. */
  private async sdkCancelled(): Promise<void> {
    const { cancellationSignal } = this.context;
    if (cancellationSignal.aborted) return;
    this.beatOfSdk();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, SDK_CANCEL_MS);
      cancellationSignal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
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

  seal(text: string): string {
    return this.sealSecret(text, this.accountId);
  }
}

function fenced(error: unknown): FencedError {
  if (error instanceof ActivityCancelledError)
    return new FencedError('the step was cancelled', { cause: error, cancelled: true });
  const why =
    error instanceof ActivityNotFoundError
      ? 'another attempt holds the step'
      : 'Temporal did not confirm the heartbeat';
  return new FencedError(why, { cause: error });
}

/** Details of another version, or of nobody, count as none. */
function readDetails(value: unknown): HeartbeatDetails | undefined {
  if (typeof value !== 'object' || value === null || !('phase' in value)) return undefined;
  const { phase } = value;
  if (phase !== 'looking' && phase !== 'posting') return undefined;
  const firstFaultAt = 'firstFaultAt' in value && typeof value.firstFaultAt === 'string' ? value.firstFaultAt : null;
  const stands = 'stands' in value ? readStands(value.stands) : undefined;
  return {
    phase,
    settled: 'settled' in value && value.settled === true,
    ...('writing' in value && value.writing === true ? { writing: true } : {}),
    firstFaultAt,
    ...(stands ? { stands } : {}),
    ...('removing' in value && Array.isArray(value.removing)
      ? { removing: value.removing.flatMap(readIssuedFor) }
      : {}),
  };
}

function readStands(value: unknown): HeartbeatDetails['stands'] {
  if (typeof value !== 'object' || value === null || !('id' in value) || !('since' in value)) return undefined;
  const { id, since } = value;
  const origin = ORIGINS.find((each) => 'origin' in value && each === value.origin);
  if (typeof id !== 'string' || typeof since !== 'string' || !origin) return undefined;
  const former = 'former' in value && isJsonObject(value.former) ? { former: value.former } : {};
  return { id, since, origin, issued: 'issued' in value ? readIssued(value.issued) : {}, ...former };
}

function readIssuedFor(value: unknown): IssuedFor[] {
  if (typeof value !== 'object' || value === null || !('id' in value) || typeof value.id !== 'string') return [];
  return [{ id: value.id, issued: 'issued' in value ? readIssued(value.issued) : {} }];
}

function readIssued(value: unknown): Issued {
  const entries: [string, unknown][] = Object.entries(typeof value === 'object' && value !== null ? value : {});
  return Object.fromEntries(entries.flatMap(([name, each]) => (typeof each === 'string' ? [[name, each]] : [])));
}
