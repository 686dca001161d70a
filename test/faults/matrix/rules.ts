import type { Target } from './chain.js';
import type { Fault, Persistence } from './faults.js';
import { ADOPTION_RULES } from './adoption-rules.js';
import { LIVEPERSON_RULES } from './liveperson-rules.js';
import { PASSING, TAKES_EFFECT, type End, type Rule } from './rule.js';

export interface Expectation {
  end: End;
  /** True when no write at all may have been sent before that end. */
  writesNothing: boolean;
  reason: string;
}

/** The one table from a fault to its outcome. The first rule that fits decides. */
export const RULES: readonly Rule[] = [
  ...LIVEPERSON_RULES,
  {
    when: { operations: ['token'], statuses: [401], direction: 'forward' },
    end: 'rolled-back',
    writesNothing: true,
    reason: 'The credentials are not accepted: there is nothing else to try, and nothing was written yet.',
  },
  {
    when: { operations: ['token'], statuses: [401], direction: 'back' },
    end: 'rollback-incomplete',
    reason: 'Without a token nothing can be removed, and a refused credential is not tried again by itself.',
  },
  {
    when: { statuses: [401], persistences: ['once'] },
    end: 'well',
    reason: 'A 401 was not executed: one new token, then the same call again.',
  },
  {
    when: {
      kinds: ['unreachable', 'unavailable', 'busy', 'unanswered', 'unreadable', 'late'],
      persistences: PASSING,
    },
    end: 'well',
    reason: 'A fault that passes within the time to give up is outlived, whether or not the call took effect.',
  },
  {
    when: { operations: ['update'], vendor: 'egain', statuses: [409], persistences: ['once'] },
    end: 'well',
    reason: 'eGain answers 409 to a stale PUT: it is read and decided again.',
  },
  ...ADOPTION_RULES,
  {
    when: { direction: 'forward', operations: ['list'], standing: ['changed'], marked: false, statuses: [404] },
    end: 'rolled-back',
    reason:
      'The list under a holder that is not there is empty, so a create is tried; the vendor refuses it as a duplicate, which fails the job.',
  },
  {
    when: { direction: 'forward', operations: ['token', 'list'] },
    end: 'rolled-back',
    writesNothing: true,
    reason: 'A job that cannot look at what stands must not write.',
  },
  {
    when: { direction: 'forward', operations: ['create', 'update', 'delete'], kinds: TAKES_EFFECT },
    end: 'succeeded',
    reason: 'The call took effect each time; whoever reads again after an unclear answer finds it done.',
  },
  {
    when: { direction: 'forward', operations: ['create', 'update'] },
    end: 'rolled-back',
    reason:
      'The write never takes effect: the job gives up and takes back what it made, for which that call is not needed.',
  },
  {
    when: { direction: 'forward', operations: ['delete'], marked: false, statuses: [404] },
    end: 'succeeded',
    reason: 'What belongs to a spare goes with it when that is deleted, whatever its own delete answered.',
  },
  {
    when: { direction: 'forward', operations: ['delete'], persistences: ['for good'] },
    end: 'rollback-incomplete',
    reason: 'A spare that cannot be removed fails the job, and for the same reason its undo.',
  },
  {
    when: { direction: 'forward', operations: ['delete'] },
    end: 'rolled-back',
    reason: 'A refused delete of a spare fails the job; its undo comes when the fault has passed.',
  },
  {
    when: { direction: 'forward', operations: ['get'], statuses: [404] },
    end: 'rolled-back',
    reason:
      'An object that is never there when it is read cannot be brought to the plan; gone is also what its undo proves.',
  },
  {
    when: { operations: ['get'], kinds: ['unreadable'] },
    end: 'rolled-back',
    reason: 'Without its body an object cannot be compared; that one is gone is said by the status alone.',
  },
  {
    when: { direction: 'forward', operations: ['get'], standing: ['shared'] },
    end: 'rolled-back',
    reason: 'Success needs proof that the shared object stands; undo does not touch it, so it needs no read.',
  },
  {
    when: { direction: 'forward', operations: ['get'], persistences: PASSING },
    end: 'rolled-back',
    reason: 'A clear refusal fails the job; its undo comes when the fault has passed.',
  },
  {
    when: { direction: 'forward', operations: ['get'], standing: ['nothing', 'corrected'] },
    end: 'rollback-incomplete',
    reason: 'The object that the job made is deleted, but that cannot be proved by reading.',
  },
  {
    when: { direction: 'forward', operations: ['get'], kinds: ['refusal'] },
    end: 'rollback-incomplete',
    reason: 'The read that proves a removal is refused, which is not the same as gone.',
  },
  {
    when: { direction: 'forward', operations: ['get'], asksToWait: true },
    end: 'rollback-incomplete',
    reason: 'The vendor asks to wait beyond the moment of giving up, so the proof of the removal fails at once.',
  },
  {
    when: { direction: 'forward', operations: ['get'] },
    end: 'rolled-back',
    reason: 'Undo tries again after an unclear read, and the list then proves that the object is gone.',
  },
  {
    when: { direction: 'back', operations: ['delete'], kinds: TAKES_EFFECT },
    end: 'rolled-back',
    reason: 'The delete took effect; undo finds nothing more to delete.',
  },
  {
    when: { direction: 'back', operations: ['list'], marked: false, statuses: [404] },
    end: 'rolled-back',
    reason: 'What the job recorded is read by its id even where the list of its holder says that there is none.',
  },
  {
    when: { direction: 'back', operations: ['get'], statuses: [404] },
    end: 'rolled-back',
    reason: 'Not there is what the read after a delete is to prove.',
  },
  {
    when: { direction: 'back' },
    end: 'rollback-incomplete',
    reason: 'What could not be undone and proved is never reported as rolled back.',
  },
];

/** What is expected of a cell. @throws Error when the table has a gap */
export function expectationOf(target: Target, fault: Fault, persistence: Persistence): Expectation {
  const rule = RULES.find(({ when }) => fits(when, target, fault, persistence));
  if (!rule) throw new Error(`no rule for ${fault.id} ${persistence} on ${target.operation} ${target.direction}`);
  const well: End = target.direction === 'forward' ? 'succeeded' : 'rolled-back';
  return {
    end: rule.end === 'well' ? well : rule.end,
    writesNothing: rule.writesNothing ?? false,
    reason: rule.reason,
  };
}

function fits(when: Rule['when'], target: Target, fault: Fault, persistence: Persistence): boolean {
  return (
    is(when.direction, target.direction) &&
    is(when.vendor, target.vendor) &&
    is(when.resource, target.resource) &&
    isOneOf(when.operations, target.operation) &&
    isOneOf(when.standing, target.standing) &&
    is(when.marked, target.marked) &&
    is(when.byPerson, target.byPerson ?? false) &&
    isOneOf(when.kinds, fault.kind) &&
    isOneOf(when.statuses, fault.status) &&
    is(when.asksToWait, fault.asksToWait ?? false) &&
    isOneOf(when.persistences, persistence)
  );
}

function is<T>(wanted: T | undefined, value: T): boolean {
  return wanted === undefined || wanted === value;
}

function isOneOf<T>(wanted: readonly T[] | undefined, value: T | undefined): boolean {
  return wanted === undefined || (value !== undefined && wanted.includes(value));
}
