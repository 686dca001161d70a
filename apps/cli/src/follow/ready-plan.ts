import { setTimeout as pause } from 'node:timers/promises';
import type { PendingPlan, PlanAnswer } from '../api/answers.js';
import type { ApiAnswer } from '../api/client.js';
import { note, type CliContext } from '../context.js';

/** How often it is asked whether a plan is ready, in milliseconds. */
const ASK_EVERY_MS = 1_000;
/** How often it is told how far the reading is, in milliseconds. */
const TELL_EVERY_MS = 5_000;

/**
 * Waits for a plan whose vendors take long to be read, and tells how far that is.
 * @throws {ApiProblem} when the look fails, or is not there any more
 */
export async function readyPlan(
  context: CliContext,
  answer: ApiAnswer<PlanAnswer | PendingPlan>,
): Promise<ApiAnswer<PlanAnswer>> {
  let now = answer;
  let toldAt = -Infinity;
  let told = '';
  while (isPending(now)) {
    const { id } = now.body;
    const line = progressLine(now.body);
    if (line !== told && performance.now() - toldAt >= TELL_EVERY_MS) {
      note(context, line);
      toldAt = performance.now();
      told = line;
    }
    await pause(ASK_EVERY_MS, undefined, { signal: context.signal });
    now = await context.client().call<PlanAnswer | PendingPlan>('GET', `/plans/${encodeURIComponent(id)}`);
  }
  return now as ApiAnswer<PlanAnswer>;
}

function isPending(answer: ApiAnswer<PlanAnswer | PendingPlan>): answer is ApiAnswer<PendingPlan> {
  return answer.status === 202;
}

/** How far the reading is, for people. */
function progressLine({ pages, of }: PendingPlan): string {
  if (pages === 0) return "reading the vendors' lists ...";
  return `reading the vendors' lists: ${pages} pages${of === null ? '' : ` of about ${Math.max(of, pages)}`} ...`;
}
