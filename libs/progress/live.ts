import type { StreamEvent } from './apply-event.js';
import type { LiveFacts } from './events.js';
import { openPending, stepFacts, stepOf, titled, type Job } from './job.js';
import { stepRetrySentence } from './sentences.js';
import { stepProgress } from './steps.js';

/** What was told last of each open activity; made empty, kept by whoever follows a job. */
export type LiveMemory = Map<string, string>;

/**
 * What the history does not tell: steps whose attempts fail and start again. Answers one event, without a `seq`, for each open
 * activity whose attempt, state or next time has changed since `memory`, which is brought up to date.
 */
export function liveEvents(job: Job, live: LiveFacts, memory: LiveMemory): StreamEvent[] {
  const seen = new Set<string>();
  const told: StreamEvent[] = [];
  for (const pending of openPending(job, live)) {
    const step = stepOf(job, pending);
    if (!step) continue;
    const id = `${pending.key}:${pending.verb}`;
    const facts = JSON.stringify([pending.state, pending.attempt, pending.nextAttemptAt]);
    seen.add(id);
    if (memory.get(id) === facts) continue;
    memory.set(id, facts);
    if (!pending.lastFault) continue; // a first attempt: its `scheduled` event has told it
    const { status, attempt, lastError } = stepProgress(step, pending, false);
    const message = stepRetrySentence(titled(job, step).node, pending, live.at);
    told.push({
      event: 'step',
      seq: null,
      data: { at: live.at, ...stepFacts(job, step, { status, attempt, lastError }), message },
    });
  }
  for (const id of memory.keys()) if (!seen.has(id)) memory.delete(id);
  return told;
}
