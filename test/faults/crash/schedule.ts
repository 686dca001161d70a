import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import { seededRandom, type Random } from '#apps/sandbox/src/random.js';

/** Every so many seeds one is a job of the liveperson chain. */
const LIVEPERSON_EVERY = 4;
/** Seeds that share their worker processes, and so their crashes. */
export const BATCH = 8;
/** D of the lanes in turn: around the heartbeat timeout (5 s), so that effects come before and after the next attempt's look. */
const DEADLINES_MS = [1_500, 3_000, 8_000] as const;
/**
 * Longer than all faults of a schedule together can trouble one step: six calls that each take D, and the wait of D and the settle pauses
 * after each, and as much for each of three crashes beside their 5 s until they are noticed and 8 s in which a worker is frozen.
 */
export const PATIENT_MS = 240_000;
/** Some give up sooner than all faults may have passed. */
const BRIEF_MS = 20_000;
/** Id of the rule that refuses for good. */
export const REFUSED = 'refused';
/** A call that has come to the vendor this long before its deadline is over takes effect within it. */
const IN_TIME_MS = 300;

type Effect = FaultRuleInput['effect'];
type Operation = NonNullable<NonNullable<FaultRuleInput['match']>['operation']>;

/** What happens to the job of one seed. */
export interface Schedule {
  seed: number;
  /** D of its connections. */
  timeoutMs: number;
  /** After the first fault of a step. */
  giveUpAfterMs: number;
  chain: Chain;
  /** Of the egain chain: the twelve nodes, or one of each kind. */
  whole: boolean;
  onFailure: 'rollback' | 'hold';
  rules: FaultRuleInput[];
  /** Cancelled once the vendors have seen so many calls of the job. */
  cancelAfter: number | undefined;
  /** How an operator answers when the job parks as held. */
  whenHeld: 'retry' | 'rollback';
}

/** What happens to one of the worker processes. */
export interface Crash {
  signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP';
  /** Comes once the vendors have seen so many calls of this lane's job; all lanes share the workers. */
  lane: number;
  afterCalls: number;
  /** Which of the workers. */
  victim: number;
  /** How long a stopped one is frozen. */
  frozenMs: number;
}

/** The schedule of a seed; the same for the same seed. */
export function scheduleOf(seed: number): Schedule {
  const random = seededRandom(seed * 7_919 + 1);
  const timeoutMs = DEADLINES_MS[seed % DEADLINES_MS.length] ?? DEADLINES_MS[0];
  const chain = chainOf(seed);
  const rules = Array.from({ length: below(random, 4) }, () => passing(random, chain, timeoutMs));
  if (random() < 0.3) rules.push(refusal(random, chain));
  return {
    seed,
    timeoutMs,
    chain,
    whole: random() < 0.3,
    onFailure: random() < 0.75 ? 'rollback' : 'hold',
    rules,
    cancelAfter: random() < 0.3 ? callsUpTo(random, chain, 5, 40) : undefined,
    whenHeld: random() < 0.5 ? 'retry' : 'rollback',
    giveUpAfterMs: random() < 0.2 ? BRIEF_MS : PATIENT_MS,
  };
}

/** The crashes of a batch of seeds; the same for the same batch. */
export function crashesOf(batch: number): Crash[] {
  const random = seededRandom(batch * 104_729 + 3);
  return Array.from({ length: 2 + below(random, 2) }, () => {
    const signal = pick<Crash['signal']>(random, ['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGSTOP']);
    const lane = below(random, BATCH);
    return {
      signal,
      lane,
      afterCalls: callsUpTo(random, chainOf(lane), 4, 30),
      victim: below(random, 2),
      frozenMs: 1_000 + below(random, 7_000),
    };
  });
}

function chainOf(seed: number): Chain {
  return seed % LIVEPERSON_EVERY === LIVEPERSON_EVERY - 1 ? 'liveperson' : 'egain';
}

/** Some calls of a job, so many at least and fewer than as many more; one at LivePerson makes about a quarter of them. */
function callsUpTo(random: Random, chain: Chain, least: number, more: number): number {
  return chain === 'egain' ? least + below(random, more) : 1 + below(random, Math.ceil(more / 4));
}

/** A fault that passes: the first calls of a kind, or one somewhat later. */
function passing(random: Random, chain: Chain, timeoutMs: number): FaultRuleInput {
  const { vendor, resource } = pick<Place>(random, RESOURCES[chain]);
  const operation = resource === 'token' ? 'token' : pick(random, OPERATIONS);
  const writes = operation === 'create' || operation === 'delete';
  return {
    match: { vendor, resource, operation },
    from: 1 + below(random, 2),
    times: 1 + below(random, 2),
    effect: pick(
      random,
      writes ? [...harmless(random, timeoutMs), ...unclear(random, timeoutMs)] : harmless(random, timeoutMs),
    ),
  };
}

/** Of no effect at the vendor beyond the call's own. */
function harmless(random: Random, timeoutMs: number): Effect[] {
  return [
    { kind: 'refuse' },
    { kind: 'reset-before' },
    { kind: 'hang' },
    { kind: 'delay', ms: below(random, timeoutMs - IN_TIME_MS) },
    { kind: 'status', status: 503 },
    { kind: 'status', status: 429, headers: { 'Retry-After': String(below(random, 2)) } },
  ];
}

/** The engine cannot know whether, or when, the call has taken effect. */
function unclear(random: Random, timeoutMs: number): Effect[] {
  const ms = below(random, timeoutMs - IN_TIME_MS);
  return [
    { kind: 'reset-after' },
    { kind: 'truncated' },
    { kind: 'body' },
    { kind: 'status', status: 503, apply: true },
    { kind: 'delay', ms: timeoutMs - IN_TIME_MS, effectFirst: true },
    { kind: 'late', ms },
    { kind: 'late', ms, reply: 'reset' },
    { kind: 'late', ms, reply: { status: 503 } },
  ];
}

/** A create that is refused for good. */
function refusal(random: Random, chain: Chain): FaultRuleInput {
  const body = { code: '400-152', developerMessage: 'refused by the test', details: [] };
  return {
    id: REFUSED,
    match: { ...pick<Place>(random, MADE[chain]), operation: 'create' },
    effect: { kind: 'status', status: 400, body },
  };
}

const OPERATIONS: readonly Operation[] = ['list', 'get', 'create', 'create', 'create', 'create', 'delete', 'delete'];

/** The chains that are played. */
type Chain = 'egain' | 'liveperson';

type Place = Pick<NonNullable<FaultRuleInput['match']>, 'vendor' | 'resource'>;

const EGAIN = [
  { vendor: 'egain', resource: 'authentication' },
  { vendor: 'egain', resource: 'clientApplication' },
  { vendor: 'egain', resource: 'channel' },
  { vendor: 'egain', resource: 'orchestration' },
  { vendor: 'egain', resource: 'orchestration' },
  { vendor: 'egain', resource: 'account' },
  { vendor: 'sinch', resource: 'app' },
  { vendor: 'sinch', resource: 'app' },
  { vendor: 'sinch', resource: 'webhook' },
] as const;
const LIVEPERSON = { vendor: 'liveperson', resource: 'app' } as const;

/** What jobs make, by their chain; more often what is harder. */
const MADE: { readonly [chain in Chain]: readonly Place[] } = { egain: EGAIN, liveperson: [LIVEPERSON] };
/** What their faults hit; tokens of a LivePerson app are how it is verified, and how its removal is proved. */
const RESOURCES: { readonly [chain in Chain]: readonly Place[] } = {
  egain: EGAIN,
  liveperson: [LIVEPERSON, LIVEPERSON, LIVEPERSON, { vendor: 'liveperson', resource: 'token' }],
};

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[below(random, from.length)];
  if (picked === undefined) throw new Error('nothing to pick from');
  return picked;
}
