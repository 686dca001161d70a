import type { EnsureInput, EnsureResult } from '#libs/contracts/index.js';
import type { Resource } from './contract.js';
import { nodeFault } from './faults.js';
import type { StepContext } from './step-context.js';

/** First and longest pause between two readiness looks (`docs/vendors/sinch.md` §3.4, polling plan). */
const FIRST_POLL_MS = 2_000;
const LONGEST_POLL_MS = 30_000;

/**
 * Asks once whether a node's condition holds. Not yet is a retryable `NOT_READY` with the pause to the next look, so that the wait
 * is durable and visible; past `readyWithinMs` since the step was scheduled it has failed for good.
 */
export async function ensureReady<C>(
  resource: Resource<C>,
  client: C,
  ctx: StepContext,
  { node }: EnsureInput,
): Promise<EnsureResult> {
  if (!resource.ready) throw new TypeError(`${resource.vendor}.${resource.name} declares no readiness`);
  const readiness = await resource.ready(client, node.body, { signal: ctx.signal });
  if (readiness.state === 'ready') {
    const parent = node.needs[0] ?? node.key;
    return {
      externalId: parent,
      ownership: 'created',
      outcome: 'unchanged',
      outputs: {},
      settle: false,
      inFlightUntil: null,
      message: 'ready',
    };
  }
  if (readiness.state === 'failed') throw nodeFault(node, 'ready', 'NOT_READY', readiness.message);
  const remaining = ctx.scheduledAt + (resource.readyWithinMs?.(node.body) ?? Infinity) - ctx.now();
  if (remaining <= 0) {
    throw nodeFault(node, 'ready', 'NOT_READY', `${readiness.message} The time to wait for it is over.`);
  }
  const first = Math.min(FIRST_POLL_MS, ctx.timing.initialIntervalMs * 2);
  const pause = Math.min(first * 2 ** Math.min(ctx.attempt - 1, 10), LONGEST_POLL_MS, remaining);
  throw nodeFault(node, 'ready', 'NOT_READY', readiness.message, { retryable: true, retryAfterMs: Math.ceil(pause) });
}
