import { handoffInstruction, type Handoff, type WaitingFor } from '#libs/contracts/index.js';
import type { Job } from './job.js';

/** What a job waits for. */
export interface Wait {
  waitingFor: WaitingFor;
  /** What it waits for, in a sentence; null where the status says it all. */
  sentence: string | null;
  /** Key of the step whose own event tells the same; absent where no step does. */
  step?: string;
}

/** The task that a person is asked for now; null: none, or an answer is being checked. */
export function openHandoff(job: Job): Handoff | null {
  return !job.closed && job.handoff?.state === 'open' ? job.handoff : null;
}

/** What a person is waited for; null when none is, or while an answer waits to be judged. */
export function waitForPerson(job: Job): (Wait & { sentence: string }) | null {
  const handoff = job.answer ? null : openHandoff(job);
  const step = handoff && job.steps.get(handoff.key);
  if (!handoff || !step) return null;
  const { node } = step;
  const instruction = handoffInstruction(node.person, handoff);
  return {
    waitingFor: {
      kind: 'handoff',
      since: handoff.createdAt,
      until: handoff.dueAt,
      who: node.person?.contact ?? node.vendor,
      instruction,
    },
    sentence: [`${node.title} is in the hands of a person until ${handoff.dueAt}.`, handoff.note]
      .filter(Boolean)
      .join(' '),
  };
}
