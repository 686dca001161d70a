import type { JobStatus, Progress } from '#libs/contracts/progress.js';

/** Something that a person can do about a job: what it is for, and the command as it can be pasted. */
export interface NextStep {
  purpose: string;
  command: string;
}

const REASON = "--reason '<why>'";

/** What a status leaves to a person. A status that is not here needs nobody. */
const BY_STATUS: { readonly [status in JobStatus]?: (id: string) => NextStep[] } = {
  held: (id) => [
    { purpose: 'go on', command: `retry ${id} ${REASON}` },
    { purpose: 'go on by a corrected spec', command: `retry ${id} ${REASON} -f spec.yaml` },
    { purpose: 'undo what it made', command: `rollback ${id} ${REASON}` },
  ],
  'rollback-incomplete': (id) => [
    { purpose: 'try again, once the cause is gone', command: `rollback ${id} ${REASON}` },
    { purpose: 'free the account, and leave what stands', command: `accept-leftovers ${id} ${REASON}` },
  ],
};

/** Returns the commands that a person may give to a job now; none for one that moves on by itself, or has ended. */
export function nextSteps({ id, status, closedAt, waitingFor }: Progress): NextStep[] {
  if (closedAt !== null) return [];
  const steps = BY_STATUS[status]?.(id) ?? [];
  if (waitingFor?.kind === 'handoff') {
    steps.push({ purpose: 'see what is asked for, and how to answer', command: `handoff ${id}` });
  }
  return steps.map((step) => ({ ...step, command: commandLine(step.command) }));
}

/** A command of this program as it can be pasted in the checkout: the package is private, so nothing puts it on the PATH. */
export function commandLine(rest: string): string {
  return `npx gangway ${rest}`;
}
