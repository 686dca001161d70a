import type { JobStatus } from '#libs/contracts/index.js';
import type { VendorCall } from '../matrix/chain.js';
import type { Fault, FaultKind, Persistence } from '../matrix/faults.js';
import { PASSING, TAKES_EFFECT } from '../matrix/rule.js';
import { BACK, FORTH, WAY_OF, type WayName } from './ways.js';

/** What the operation of a cell may come to. Whatever it is, afterwards the state at the vendors is the one that belongs to it. */
export interface Expectation {
  /** One of these; several where it hangs on the moment of the fault. */
  ends: readonly JobStatus[];
  /** True when no write at all may have been sent before that end. */
  writesNothing: boolean;
  reason: string;
}

interface Rule {
  when: {
    ways?: readonly WayName[];
    vendor?: string;
    operations?: readonly string[];
    kinds?: readonly FaultKind[];
    statuses?: readonly number[];
    persistences?: readonly Persistence[];
  };
  ends: readonly JobStatus[] | 'well';
  writesNothing?: true;
  reason: string;
}

const WRITES = ['create', 'update', 'delete'];
const READS = ['token', 'list', 'get'];
const UNDONE = ['rolled-back', 'rollback-incomplete'] as const;

/** The first rule that fits decides; what `when` does not name fits. */
const RULES: readonly Rule[] = [
  {
    when: { statuses: [401], persistences: ['once'], operations: ['list', 'get', ...WRITES] },
    ends: 'well',
    reason: 'A 401 was not executed: one new token, then the same call again.',
  },
  {
    when: {
      kinds: ['unreachable', 'unavailable', 'busy', 'unanswered', 'unreadable', 'late'],
      persistences: PASSING,
    },
    ends: 'well',
    reason: 'A fault that passes within the time to give up is outlived, whether or not the call took effect.',
  },
  {
    when: { operations: ['update'], vendor: 'egain', statuses: [409], persistences: ['once'] },
    ends: 'well',
    reason: 'eGain answers 409 to a stale PUT: it is read and decided again.',
  },
  {
    when: { ways: ['observe'], operations: WRITES },
    ends: 'well',
    writesNothing: true,
    reason: 'Observing makes no such call.',
  },
  {
    when: { ways: ['observe'], operations: ['get', 'list'], statuses: [404] },
    ends: ['succeeded', 'failed'],
    writesNothing: true,
    reason: 'Not there is an answer about one object, and a fault where a list says it of a holder.',
  },
  {
    when: { ways: ['observe'] },
    ends: ['failed'],
    writesNothing: true,
    reason: 'What cannot be read is not called missing: the reconciliation has failed.',
  },
  {
    when: { ways: ['repair'] },
    ends: ['succeeded', 'failed'],
    reason: 'A repair that could not read or write a part has failed, unless the call took effect all the same.',
  },
  {
    when: { ways: FORTH, operations: WRITES, kinds: TAKES_EFFECT },
    ends: ['succeeded', ...UNDONE],
    reason:
      'The call took effect each time: whoever reads again finds it done; one that lands late may come after giving up.',
  },
  {
    when: { ways: FORTH, operations: ['list', 'token'] },
    ends: ['succeeded', ...UNDONE],
    reason: 'What can be read by its id needs no list; all else that cannot be looked at is not changed.',
  },
  {
    when: { ways: FORTH, operations: ['get'] },
    ends: ['succeeded', ...UNDONE],
    reason: 'An object that cannot be read fails the amendment; the way back may need the same read.',
  },
  {
    when: { ways: FORTH },
    ends: ['succeeded', ...UNDONE],
    reason:
      'A write that never takes effect fails the amendment; where the way back needs it too, that says so and waits.',
  },
  {
    when: { ways: BACK },
    ends: UNDONE,
    reason: 'What could not be put back and proved is never reported as rolled back.',
  },
  {
    when: { ways: ['offboard'], operations: READS },
    ends: ['succeeded', 'rollback-incomplete'],
    reason: 'What is gone is to be proved by reading; not there is what that reading is to say.',
  },
  {
    when: { ways: ['offboard'] },
    ends: ['succeeded', 'rollback-incomplete'],
    reason: 'What could not be removed is left, said so, and waits; a delete that took effect leaves nothing to do.',
  },
];

/** What is expected of a cell. @throws Error when the table has a gap */
export function expectationOf(way: WayName, call: VendorCall, fault: Fault, persistence: Persistence): Expectation {
  const rule = RULES.find(
    ({ when }) =>
      isOneOf(when.ways, way) &&
      (when.vendor === undefined || when.vendor === call.vendor) &&
      isOneOf(when.operations, call.operation) &&
      isOneOf(when.kinds, fault.kind) &&
      isOneOf(when.statuses, fault.status) &&
      isOneOf(when.persistences, persistence),
  );
  if (!rule) throw new Error(`no rule for ${fault.id} ${persistence} on ${call.operation} in ${way}`);
  const ends = rule.ends === 'well' ? [WAY_OF[way].well] : rule.ends;
  return { ends, writesNothing: rule.writesNothing ?? false, reason: rule.reason };
}

function isOneOf<T>(wanted: readonly T[] | undefined, value: T | undefined): boolean {
  return wanted === undefined || (value !== undefined && wanted.includes(value));
}
