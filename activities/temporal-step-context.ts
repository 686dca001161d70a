import { Context } from '@temporalio/activity';
import { ActivityCancelledError, ActivityNotFoundError } from '@temporalio/client';
import type { HeartbeatDetails, JsonObject } from '#libs/contracts/index.js';
import { FencedError, type HeartbeatChange, type StepContext, type Timing } from '#libs/resources/index.js';

/** How often the worker shows that an attempt lives. Temporal sends at most one in 80 % of the heartbeat timeout. */
const HEARTBEAT_MS = 1_000;
/** A confirmation slower than this says that the process stalled: what was looked at before may be stale. */
const STALLED_MS = 1_000;
/** So often a slow confirmation is asked for again: each proves anew that this attempt holds the step. A busy machine is no dead one. */
const CONFIRMATIONS = 3;

/** Opens the sealed values and references at the secret paths of a vendor body. */
export type OpenSecrets = (body: JsonObject, secretPaths: readonly string[], accountId: string) => JsonObject;

/** Seals a secret for an account. */
export type SealSecret = (text: string, accountId: string) => string;

const FRESH: HeartbeatDetails = { phase: 'looking', settled: false, firstFaultAt: null };

/** `StepContext` over the running activity's Temporal context. `stop()` ends its heartbeat. */
export class TemporalStepContext implements StepContext {
  readonly attempt: number;
  readonly startedAt = Date.now();
  readonly scheduledAt: number;
  readonly previous: HeartbeatDetails | undefined;
  readonly signal: AbortSignal;
  private readonly context = Context.current();
  private readonly beat: NodeJS.Timeout;
  private current: HeartbeatDetails;

  constructor(
    readonly timing: Timing,
    private readonly openSecrets: OpenSecrets,
    private readonly sealSecret: SealSecret,
    private readonly accountId: string,
  ) {
    const { info } = this.context;
    this.attempt = info.attempt;
    this.scheduledAt = info.scheduledTimestampMs;
    this.signal = this.context.cancellationSignal;
    this.previous = readDetails(info.heartbeatDetails);
    // Never a step back: what the attempt before recorded stays recorded until this one knows better.
    this.current = this.previous ?? FRESH;
    this.context.heartbeat(this.current);
    this.beat = setInterval(() => this.context.heartbeat(this.current), HEARTBEAT_MS);
  }

  stop(): void {
    clearInterval(this.beat);
  }

  details(): HeartbeatDetails {
    return this.current;
  }

  async confirm(change: HeartbeatChange): Promise<void> {
    const before = this.current;
    this.current = { ...before, ...change };
    // First into the SDK's buffer: what it still holds would be sent later, over the confirmed details.
    this.context.heartbeat(this.current);
    for (let tries = 1; ; tries += 1) {
      const asked = performance.now();
      await this.beatConfirmed(before);
      if (performance.now() - asked <= STALLED_MS) return;
      if (tries === CONFIRMATIONS)
        throw new FencedError('the process stalled before a write; the next attempt decides');
    }
  }

  /** One heartbeat, answered by the server. When it is not, the details are those of `before`: what was about to be done is not done. */
  private async beatConfirmed(before: HeartbeatDetails): Promise<void> {
    const { info } = this.context;
    try {
      await this.context.client.activity.heartbeat(info.taskToken, this.current, {
        serializationContext: {
          type: 'activity',
          namespace: info.namespace,
          activityId: info.activityId,
          isLocal: false,
          ...(info.workflowExecution ? { workflowId: info.workflowExecution.workflowId } : {}),
        },
      });
    } catch (error) {
      this.current = before;
      if (error instanceof ActivityCancelledError)
        throw new FencedError('the step was cancelled', { cause: error, cancelled: true });
      const why =
        error instanceof ActivityNotFoundError
          ? 'another attempt holds the step'
          : 'Temporal did not confirm the heartbeat';
      throw new FencedError(why, { cause: error });
    }
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

  open(body: JsonObject, secretPaths: readonly string[]): JsonObject {
    return this.openSecrets(body, secretPaths, this.accountId);
  }

  seal(text: string): string {
    return this.sealSecret(text, this.accountId);
  }
}

/** Details of another version, or of nobody, count as none. */
function readDetails(value: unknown): HeartbeatDetails | undefined {
  if (typeof value !== 'object' || value === null || !('phase' in value)) return undefined;
  const { phase } = value;
  if (phase !== 'looking' && phase !== 'posting') return undefined;
  const firstFaultAt = 'firstFaultAt' in value && typeof value.firstFaultAt === 'string' ? value.firstFaultAt : null;
  const stands = 'stands' in value ? readStands(value.stands) : undefined;
  return { phase, settled: 'settled' in value && value.settled === true, firstFaultAt, ...(stands ? { stands } : {}) };
}

function readStands(value: unknown): HeartbeatDetails['stands'] {
  if (typeof value !== 'object' || value === null || !('id' in value) || !('since' in value)) return undefined;
  const { id, since } = value;
  return typeof id === 'string' && typeof since === 'string' ? { id, since } : undefined;
}
