import type { LedgerEntry } from '#apps/sandbox/src/ledger.js';
import type { JobStatus } from '#libs/contracts/index.js';
import { PATIENT_MS, REFUSED, type Schedule } from './schedule.js';

/** How the job of a schedule may end. */
export interface Expectation {
  ends: readonly JobStatus[];
  reason: string;
}

/** What came about of a schedule while its job ran. */
export interface Happened {
  ledger: readonly LedgerEntry[];
  /** Whether the job was cancelled before it was seen to have ended. */
  cancelSent: boolean;
}

/**
 * The ends that the events of a schedule allow: one, unless it depends on the moment at which two of them met. Crashes of workers are
 * no event here: they change no job's end.
 */
export function expectedOf(schedule: Schedule, happened: Happened): Expectation {
  const { ends, reason } = withoutCancel(schedule, happened);
  if (!happened.cancelSent) return { ends, reason };
  return { ends: ['cancelled', ...ends], reason: `It was cancelled, perhaps too late. Else: ${reason}` };
}

function withoutCancel(schedule: Schedule, { ledger }: Happened): Expectation {
  const { giveUpAfterMs, onFailure, whenHeld } = schedule;
  const failed: JobStatus = onFailure === 'hold' && whenHeld === 'retry' ? 'succeeded' : 'rolled-back';
  const how = onFailure === 'hold' ? `it is held and answered with ${whenHeld}` : 'it is rolled back';
  const refused = ledger.find(({ fault }) => fault === REFUSED);
  if (refused) {
    if (!mayStand(schedule, refused.resource)) {
      return { ends: [failed], reason: `A create was refused for good: ${how}.` };
    }
    const reason = `A create was refused, perhaps after one of its kind whose effect came late: ${how}, or the object is found.`;
    return { ends: ['succeeded', failed], reason };
  }
  if (giveUpAfterMs < PATIENT_MS) {
    return { ends: ['succeeded', failed], reason: `A fault may outlast the time to give up: ${how}.` };
  }
  return { ends: ['succeeded'], reason: 'All faults pass within the time to give up, and nobody cancels.' };
}

/** Whether a create of a kind may have taken effect though its caller does not know. */
function mayStand({ rules }: Schedule, resource: string): boolean {
  return rules.some(({ id, match, effect }) => {
    if (id === REFUSED || match?.resource !== resource || match.operation !== 'create') return false;
    if (effect.kind === 'status') return effect.apply === true;
    return !['refuse', 'reset-before', 'hang'].includes(effect.kind);
  });
}
