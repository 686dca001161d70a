import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import type { KnobChanges } from '#apps/sandbox/src/knobs.js';

/** How long a fault stays: one call, three in a row, or every call until it is lifted. */
export const PERSISTENCES = ['once', 'burst', 'for good'] as const;
export type Persistence = (typeof PERSISTENCES)[number];

/**
 * What the client can know of a call that met the fault.
 * - `unreachable`, `unavailable`, `busy`: nothing took effect; the vendor may be better soon
 * - `refusal`: a clear no; nothing took effect
 * - `unanswered`: it took effect, and no whole answer came
 * - `unreadable`: it took effect, and the answer says success and nothing else
 * - `late`: no answer, and it takes effect only after the deadline
 * - `raced`: a clear no, because somebody else's write came in between
 */
export type FaultKind =
  'unreachable' | 'unavailable' | 'busy' | 'refusal' | 'unanswered' | 'unreadable' | 'late' | 'raced';

/** How many calls a fault hits; those that stay for good hit every one. */
export const HITS: Readonly<Record<Exclude<Persistence, 'for good'>, number>> = { once: 1, burst: 3 };
/** More than any job makes. */
const EVERY = 1_000_000;

/** The times that a fault is made of, in milliseconds. */
export interface FaultTimes {
  /** D: the deadline of one call. */
  deadlineMs: number;
  /** All settle pauses together. */
  settleMs: number;
  /** 0 to 1, from the seed: where in its range a time lies. */
  draw: number;
}

export interface Fault {
  id: string;
  kind: FaultKind;
  /** Of a refusal. */
  status?: number;
  /** The vendor asks for a longer pause than a step may take. */
  asksToWait?: true;
  /** Only for calls that change something: on a read it is the same as another fault. */
  writesOnly?: true;
  /** Only for these calls, as `nameOf` gives them. */
  only?: readonly string[];
  persistences: readonly Persistence[];
  /** What happens to a call that is hit; absent for a fault that `knobs` bring about. */
  effect?: (times: FaultTimes) => FaultRuleInput['effect'];
  /** How the vendors are while it lasts and afterwards, and what they answer to a call that it hits. */
  knobs?: { during: (persistence: Persistence) => KnobChanges; after: KnobChanges; status: number };
}

const HTML = '<html><body><h1>The gateway has no answer</h1></body></html>';

export const FAULTS: readonly Fault[] = [
  { id: 'refused', kind: 'unreachable', persistences: PERSISTENCES, effect: () => ({ kind: 'refuse' }) },
  { id: 'reply lost', kind: 'unanswered', persistences: PERSISTENCES, effect: () => ({ kind: 'reset-after' }) },
  {
    id: 'reply lost behind a 503',
    kind: 'unanswered',
    writesOnly: true,
    persistences: ['once', 'burst'],
    effect: () => ({ kind: 'status', status: 503, body: HTML, contentType: 'text/html', apply: true }),
  },
  gateway(500, ['once', 'for good']),
  gateway(502, ['burst']),
  gateway(503, ['burst', 'for good']),
  { id: '429', kind: 'busy', persistences: ['once', 'for good'], effect: () => ({ kind: 'status', status: 429 }) },
  {
    id: '429 with Retry-After',
    kind: 'busy',
    persistences: ['burst'],
    effect: () => ({ kind: 'status', status: 429, headers: { 'retry-after': '1' } }),
  },
  {
    id: '429 with a Retry-After beyond giving up',
    kind: 'busy',
    asksToWait: true,
    persistences: ['for good'],
    effect: () => ({ kind: 'status', status: 429, headers: { 'retry-after': '3600' } }),
  },
  refusal(400, ['for good']),
  refusal(401, ['once', 'for good']),
  refusal(403, ['for good']),
  refusal(404, ['for good']),
  refusal(409, ['once', 'for good']),
  {
    id: 'truncated',
    kind: 'unanswered',
    persistences: ['once', 'for good'],
    effect: () => ({ kind: 'truncated' }),
  },
  {
    id: 'garbage',
    kind: 'unreadable',
    persistences: ['once', 'for good'],
    effect: () => ({ kind: 'body', body: HTML, contentType: 'text/html' }),
  },
  { id: 'empty', kind: 'unreadable', persistences: ['burst', 'for good'], effect: () => ({ kind: 'body' }) },
  {
    id: 'slower than the deadline',
    kind: 'unanswered',
    persistences: ['once', 'for good'],
    effect: ({ deadlineMs, draw }) => ({ kind: 'delay', ms: Math.ceil(deadlineMs * (1.2 + draw)), effectFirst: true }),
  },
  {
    id: 'effect after the deadline',
    kind: 'late',
    writesOnly: true,
    persistences: ['once', 'for good'],
    // At most D plus the settle times: beyond that lies what reconciliation is for.
    effect: ({ deadlineMs, settleMs, draw }) => ({ kind: 'late', ms: Math.ceil(deadlineMs + settleMs * draw * 0.9) }),
  },
  {
    id: 'revision raced',
    kind: 'raced',
    only: ['liveperson app update', 'liveperson app delete'],
    persistences: PERSISTENCES,
    knobs: {
      during: (persistence) => ({
        liveperson: { revisionRaces: persistence === 'for good' ? EVERY : HITS[persistence] },
      }),
      after: { liveperson: { revisionRaces: 0 } },
      status: 412,
    },
  },
];

function gateway(status: number, persistences: readonly Persistence[]): Fault {
  return {
    id: `${String(status)} HTML`,
    kind: 'unavailable',
    persistences,
    effect: () => ({ kind: 'status', status, body: HTML, contentType: 'text/html' }),
  };
}

function refusal(status: number, persistences: readonly Persistence[]): Fault {
  const text = 'refused by the fault matrix';
  const body = { code: `${String(status)}-100`, developerMessage: text, error: { code: status, message: text } };
  return {
    id: String(status),
    kind: 'refusal',
    status,
    persistences,
    effect: () => ({ kind: 'status', status, body }),
  };
}
