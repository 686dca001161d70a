import type { Progress } from '#libs/contracts/progress.js';

import { runEvents } from '../api/event-stream.js';
import type { CliContext } from '../context.js';
import type { Acceptance } from '../render/job-report.js';

/**
 * Who took the leftovers of a job that has ended with some as they are: its events hold that, its progress does not. Null for every
 * other job, and when somebody stops waiting for it.
 */
export async function acceptanceOf(context: CliContext, progress: Progress): Promise<Acceptance | null> {
  const { id, runId, status, closedAt } = progress;
  if (status !== 'rollback-incomplete' || closedAt === null) return null;
  for await (const { event, data } of runEvents(context.client(), id, runId, { signal: context.signal })) {
    const { verb, by, reason, ignored } = data;
    if (event !== 'command' || verb !== 'accept-leftovers' || ignored === true) continue;
    if (typeof by === 'string' && typeof reason === 'string') return { by, reason };
  }
  return null;
}
