import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import type { Chain, JobStatus, Vendor } from '#libs/contracts/index.js';

/** Id of the rule that holds a call open: the point is reached when it has fired. */
export const HELD = 'held';
/** Id of the rule that keeps a job waiting shortly before its point, until all lanes have come as far. */
export const GATE = 'gate';

/** D of a lane, and how long its call is held; milliseconds. */
export interface Hold {
  timeoutMs: number;
  holdMs: number;
  /** True where the call comes right after the gate: such gates open last, so that the crash comes early in the hold. */
  last: boolean;
}

/** What is held ends before the heartbeat timeout (5 s) is over: before the next attempt looks. */
export const SHORT: Hold = { timeoutMs: 5_000, holdMs: 4_500, last: true };
/** Long enough for the others to come to their points. */
export const LONG: Hold = { timeoutMs: 12_000, holdMs: 11_000, last: false };
/** What is held takes effect long after the next attempt has looked: only one that waits D will not make a second. */
export const LATE: Hold = { timeoutMs: 15_000, holdMs: 14_000, last: true };

type Operation = NonNullable<NonNullable<FaultRuleInput['match']>['operation']>;
export interface Call {
  resource: string;
  operation: Operation;
}

/** A resource at which the worker is hit, with its neighbours in the chain. */
export interface Target {
  name: string;
  chain: Chain;
  vendor: Vendor;
  resource: string;
  /** The last call before the target's own create. */
  former: Call;
  /** What follows it: refused where the job shall go back, held where the crash shall come after the target's create. */
  next: Call;
  refusal: Pick<FaultRuleInput, 'nth' | 'effect'>;
  /** How many reads of the object undo makes before the one that proves that it is gone. */
  readsBeforeProof: number;
}

const REFUSED: FaultRuleInput['effect'] = {
  kind: 'status',
  status: 400,
  body: { code: '400-152', developerMessage: 'refused by the test', details: [] },
};

function create(resource: string): Call {
  return { resource, operation: 'create' };
}

/** The chain at eGain and Sinch: what follows is another create, and undo reads for proof alone. */
const IN_EGAIN = { chain: 'egain', refusal: { effect: REFUSED }, readsBeforeProof: 0 } as const;

export const TARGETS: readonly Target[] = [
  {
    name: 'a resource with a unique key',
    ...IN_EGAIN,
    vendor: 'egain',
    resource: 'clientApplication',
    former: create('authentication'),
    next: create('orchestration'),
  },
  {
    name: 'an orchestration (no unique key)',
    ...IN_EGAIN,
    vendor: 'egain',
    resource: 'orchestration',
    former: create('clientApplication'),
    next: create('account'),
  },
  {
    name: 'a Sinch app (no unique key)',
    ...IN_EGAIN,
    vendor: 'sinch',
    resource: 'app',
    former: { resource: 'app', operation: 'list' },
    next: create('webhook'),
  },
];

/** Them, and the one of the liveperson chain. */
const ALL_TARGETS: readonly Target[] = [
  ...TARGETS,
  {
    name: 'a LivePerson app (no marker)',
    chain: 'liveperson',
    vendor: 'liveperson',
    resource: 'app',
    former: { resource: 'app', operation: 'list' },
    next: { resource: 'token', operation: 'token' },
    // A token that is none fails the verification at once; those after the delete are refused as they are.
    refusal: { nth: 1, effect: { kind: 'status', status: 200, body: { access_token: 'none' } } },
    readsBeforeProof: 1, // for the revision that the delete names
  },
];

/** A moment in a job at which the worker is hit. */
export interface Point {
  name: string;
  hold: Hold;
  /** The call at which the job waits until all lanes have come as far; all that does not need it stands by then. */
  gate: (target: Target) => Call;
  /** What brings the job from the gate to the moment and holds it there. */
  rules: (target: Target) => FaultRuleInput[];
  /** How the job ends. */
  ends: JobStatus;
  /** True: the job is cancelled right after the crash. */
  cancel?: true;
}

/** The rule that keeps a job at a point's gate: a clear refusal, tried again at most a second later. */
export function gated(point: Point, target: Target): FaultRuleInput {
  const match = { vendor: target.vendor, ...point.gate(target) };
  return { id: GATE, match, effect: { kind: 'status', status: 429 } };
}

/** A target at a point, as one lane runs it. */
export interface Cell {
  target: Target;
  point: Point;
}

/** How the held call is held. */
export type Manner = 'before its effect' | 'after its effect' | 'never';

export function held(
  { vendor, readsBeforeProof }: Target,
  call: Call,
  { holdMs }: Hold,
  manner: Manner = 'before its effect',
  nth = call.operation === 'get' ? readsBeforeProof + 1 : 1,
): FaultRuleInput {
  const effect: FaultRuleInput['effect'] =
    manner === 'never' ? { kind: 'hang' } : { kind: 'delay', ms: holdMs, effectFirst: manner === 'after its effect' };
  return { id: HELD, match: { vendor, ...call }, nth, effect };
}

/** Refused for good, so that everything made before is taken back. */
function refused({ vendor, next, refusal }: Target): FaultRuleInput {
  return { match: { vendor, ...next }, ...refusal };
}

/** Turned away once: the second attempt looks for itself before it creates. */
function throttledOnce({ vendor, resource }: Target): FaultRuleInput {
  return { match: { vendor, resource, operation: 'create' }, nth: 1, effect: { kind: 'status', status: 429 } };
}

export const own =
  (operation: Operation) =>
  ({ resource }: Target): Call => ({ resource, operation });
const whatFollows = ({ next }: Target): Call => next;

export function forward(
  name: string,
  hold: Hold,
  call: Point['gate'],
  {
    manner,
    gate = ({ former }) => former,
    before,
  }: { manner?: Manner; gate?: Point['gate']; before?: typeof refused } = {},
): Point {
  const rules = (target: Target): FaultRuleInput[] => [
    ...(before ? [before(target)] : []),
    held(target, call(target), hold, manner),
  ];
  return { name, hold, gate, rules, ends: 'succeeded' };
}

/** On the way back, after what follows the target's create was refused. */
function backward(name: string, operation: Operation, manner?: Manner): Point {
  return {
    ...forward(name, LONG, own(operation), { gate: whatFollows, before: refused, ...(manner ? { manner } : {}) }),
    ends: 'rolled-back',
  };
}

const IN_CREATE: readonly Point[] = [
  forward('in a create that never takes effect', SHORT, own('create'), { manner: 'never' }),
  forward('in a create, before its effect', SHORT, own('create')),
  forward('in a create, after its effect', LONG, own('create'), { manner: 'after its effect' }),
  forward('in a create that takes effect after the next attempt has looked', LATE, own('create')),
];

/** The shifts of a whole run; the quick one takes the first. */
export const SHIFTS: readonly number[] = ALL_TARGETS.map((_target, i) => i);

/** Every moment: on the way forward, after a cancel that comes with the crash, and on the way back. */
export const POINTS: readonly Point[] = [
  forward('in the look', LONG, own('list'), { gate: own('list') }),
  forward('in the look before a create', LONG, own('list'), { before: throttledOnce }),
  ...IN_CREATE,
  forward('after a create', LONG, whatFollows),
  ...IN_CREATE.map((point): Point => ({ ...point, name: `cancelled ${point.name}`, ends: 'cancelled', cancel: true })),
  backward('in the look of undo', 'list'),
  backward('in a delete, before its effect', 'delete'),
  backward('in a delete, after its effect', 'delete', 'after its effect'),
  backward('in the proof that it is gone', 'get'),
];

/** Every point once, the targets in turn, begun with another target for each `shift`: all shifts are every point at every target. */
export function cellsOf(points: readonly Point[], shift: number, targets = ALL_TARGETS): Cell[] {
  return points.flatMap((point, i) => {
    const target = targets[(i + shift) % targets.length];
    return target ? [{ point, target }] : [];
  });
}
