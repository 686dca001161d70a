import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import {
  VendorError,
  type ResolvedNode,
  type StepFailureDetails,
  type Provisioned,
  type StepKnowledge,
  type VendorFault,
} from '#libs/contracts/index.js';
import { FencedError, nodeFault, type StepContext } from '#libs/resources/index.js';
import { SealError, SecretReferenceError, UnknownKeyError } from '#libs/secrets/index.js';

/** The attempt that failed. `workerStops`: it was told to end because its worker stops, not because anybody cancelled the step. */
export type FailedAttempt = StepContext & { readonly workerStops?: boolean };

/**
 * Brings what an attempt threw to what Temporal shall do next: try again after a pause, or fail for good. A retryable fault fails
 * for good once `giveUpAfterMs` has passed since the step's first one, or when the vendor asks to wait beyond that moment.
 * The first fault's time goes to the server, so that every later attempt counts from it. Every failure carries what the attempt knows
 * of its object: undo reads it.
 */
export async function toTemporalFailure(
  thrown: unknown,
  ctx: FailedAttempt,
  node: Pick<ResolvedNode, 'vendor' | 'resource'> | undefined,
): Promise<unknown> {
  const error =
    isSecretFault(thrown) && node ? nodeFault(node, 'create', 'INVALID_REQUEST', `${thrown.message}.`) : thrown;
  if (isCancellation(error, ctx)) return ctx.workerStops === true ? handedOn(ctx, error) : cancelled(ctx, error);
  if (error instanceof FencedError) return unanswered(ctx, error.message, error);
  if (!(error instanceof VendorError)) {
    const message = error instanceof Error ? error.message : 'an unknown error';
    const again = await staysWithinGiveUp(false, null, ctx);
    return ApplicationFailure.create({
      type: 'OUTCOME_UNKNOWN',
      message: `The step broke: ${message}`,
      nonRetryable: !again,
      ...(again ? { nextRetryDelay: backoffMs(ctx) } : {}),
      details: [knowledgeOf(ctx)],
      ...(error instanceof Error ? { cause: error } : {}),
    });
  }
  const { fault } = error;
  const retryable = fault.retryable && (await staysWithinGiveUp(isNoFault(fault), fault.retryAfterMs, ctx));
  const details: StepFailureDetails = { ...fault, ...knowledgeOf(ctx) };
  return ApplicationFailure.create({
    type: fault.code,
    message: fault.message,
    nonRetryable: !retryable,
    ...(retryable ? { nextRetryDelay: retryDelayMs(fault, ctx) } : {}),
    ...(fault.code === 'NOT_READY' && retryable ? { category: ApplicationFailureCategory.BENIGN } : {}),
    details: [details],
  });
}

/** What was cut short by a cancellation. A write that went out and has no clear answer is told as such, whatever came besides. */
function isCancellation(error: unknown, { signal }: StepContext): boolean {
  if (error instanceof FencedError) return error.cancelled || signal.aborted;
  return signal.aborted && !(error instanceof VendorError && error.fault.outcomeUnknown);
}

function cancelled(ctx: StepContext, error: unknown): CancelledFailure {
  const message = error instanceof FencedError ? error.message : 'the step was cancelled';
  return new CancelledFailure(message, [knowledgeOf(ctx)]);
}

/** As a failure and not as a cancellation: only with a failure does the SDK wait until it has sent the last heartbeat. */
function handedOn(ctx: StepContext, error: unknown): ApplicationFailure {
  return unanswered(ctx, 'the worker that ran the step stops; another attempt goes on', error);
}

/** Nobody has asked the vendor, so nothing is given up; Temporal paces the next attempt. */
function unanswered(ctx: StepContext, message: string, error: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'OUTCOME_UNKNOWN',
    message,
    details: [knowledgeOf(ctx)],
    ...(error instanceof Error ? { cause: error } : {}),
  });
}

/** What undo must know of a step that did not end well. */
function knowledgeOf(ctx: StepContext): StepKnowledge {
  const { stands, removing } = ctx.details();
  return {
    unclear: isUnclear(ctx),
    attempt: ctx.attempt,
    ...(stands ? { provisioned: provisionedOf(stands) } : {}),
    ...(removing ? { removing } : {}),
  };
}

function provisionedOf({ id, ownership, issued, former }: Provisioned): Provisioned {
  return { id, ownership, issued, ...(former ? { former } : {}) };
}

/** A secret that cannot be had stays so until somebody acts: the spec or the worker's settings are wrong. */
function isSecretFault(error: unknown): error is Error {
  return error instanceof SecretReferenceError || error instanceof SealError || error instanceof UnknownKeyError;
}

/** Whether a write of this step may still take effect. */
function isUnclear(ctx: StepContext): boolean {
  const { phase, settled, writing } = ctx.details();
  return (phase === 'posting' && !settled) || writing === true;
}

/**
 * A wait that the spec bounds itself (`NOT_READY`), and a call that our own limits held back: the vendor was not asked, so nothing
 * speaks for giving it up. The calls that take the turns either end well or start the clock themselves.
 */
function isNoFault({ code, heldBack }: VendorFault): boolean {
  return code === 'NOT_READY' || heldBack === true;
}

/** What is no fault starts no clock, and ends no step whose clock runs. */
async function staysWithinGiveUp(noFault: boolean, retryAfterMs: number | null, ctx: StepContext): Promise<boolean> {
  if (noFault) return true;
  const { firstFaultAt, readings = [] } = ctx.details();
  if (firstFaultAt === null) {
    // A list that could not be read has failed for a while already when the attempt ends.
    const since = readings.flatMap(({ fault }) => fault?.since ?? []).sort()[0];
    try {
      await ctx.confirm({ firstFaultAt: since ?? new Date(ctx.now()).toISOString() });
    } catch (error) {
      if (!(error instanceof FencedError)) throw error;
      return true; // the server has given the step to another attempt already; this answer no longer counts
    }
  }
  const passed = firstFaultAt === null ? 0 : ctx.now() - Date.parse(firstFaultAt);
  const { giveUpAfterMs } = ctx.timing;
  return passed < giveUpAfterMs && passed + (retryAfterMs ?? 0) <= giveUpAfterMs;
}

/**
 * Milliseconds until the next attempt. What a vendor asks for can make our own pause longer, never shorter: a pause of none would end
 * the activity for good. A wait that we bound ourselves (`NOT_READY`) is paced by whoever bounds it.
 */
function retryDelayMs({ code, retryAfterMs }: VendorFault, ctx: StepContext): number {
  if (code === 'NOT_READY' && retryAfterMs !== null) return Math.max(retryAfterMs, 1);
  return Math.max(retryAfterMs ?? 0, backoffMs(ctx));
}

function backoffMs({ attempt, timing }: StepContext): number {
  const exponential = timing.initialIntervalMs * 2 ** Math.min(attempt - 1, 20);
  const spread = 0.8 + Math.random() * 0.4; // many steps fail together when a vendor does: they shall not come back together
  return Math.max(Math.ceil(Math.min(exponential * spread, timing.maximumIntervalMs)), 1);
}
