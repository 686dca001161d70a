import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import type { JobStatus } from '#libs/contracts/index.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import { ownedAtVendors, startEngine, type Engine } from '#test/support/engine.js';

let engine: Engine;
let count = 0;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'));
});
afterAll(() => engine.stop());
beforeEach(() => {
  engine.sandbox.reset();
  count += 1;
});

const seconds = (offset: number): string => String(Math.floor(Date.now() / 1_000) + offset);
const date = (offset: number): string => new Date(Date.now() + offset * 1_000).toUTCString();

/** Answers that ask for no pause that is still to come; Temporal ends an activity for good that is to be tried again after none. */
const answers: { status: number; headers: () => Record<string, string>; reason: string }[] = [
  { status: 429, headers: () => ({ 'retry-after': '0' }), reason: 'no pause at all' },
  { status: 503, headers: () => ({ 'retry-after': '0' }), reason: 'no pause at all, of a vendor that is down' },
  { status: 429, headers: () => ({ 'retry-after': date(-5) }), reason: 'a date that has passed: our clock is ahead' },
  { status: 429, headers: () => ({ 'retry-after': '-1' }), reason: 'a negative one' },
  { status: 429, headers: () => ({ 'retry-after': '0, 0' }), reason: 'sent twice' },
  { status: 429, headers: () => ({ 'x-ratelimit-reset': seconds(-1) }), reason: 'a window that is over' },
];

/** Where the answer comes, and how the job then ends. */
const places: { place: string; end: JobStatus; match: FaultRuleInput['match']; before?: FaultRuleInput[] }[] = [
  { place: 'the look', end: 'succeeded', match: { vendor: 'egain', resource: 'channel', operation: 'list' } },
  { place: 'a create', end: 'succeeded', match: { vendor: 'egain', resource: 'channel', operation: 'create' } },
  {
    place: 'the token',
    end: 'succeeded',
    match: { vendor: 'egain', operation: 'token' },
    // The process has a token already: one that is refused is replaced.
    before: [{ match: { vendor: 'egain', operation: 'list' }, nth: 1, effect: { kind: 'status', status: 401 } }],
  },
  {
    place: 'an undo',
    end: 'rolled-back',
    match: { vendor: 'egain', resource: 'channel', operation: 'delete' },
    before: [
      { match: { vendor: 'egain', resource: 'account', operation: 'create' }, effect: { kind: 'status', status: 400 } },
    ],
  },
];

describe.each(places)('in $place', ({ end, match, before = [] }) => {
  it.each(answers)('$status is tried again after our own pause: $reason', async ({ status, headers }) => {
    const { sandbox } = engine;
    const rule: FaultRuleInput = { id: 'asks', match, nth: 1, effect: { kind: 'status', status, headers: headers() } };
    sandbox.setFaults([...before, rule]);
    const job = await engine.start(minimalEgainSpec({ tenant: `asks${String(count)}`, account: 'support' }));
    expect(await job.reached('succeeded', 'rolled-back', 'rollback-incomplete')).toBe(end);
    const { ledger } = sandbox.state({ objects: false });
    expect(ledger.filter(({ fault }) => fault === 'asks')).toHaveLength(1);
    expect(ownedAtVendors(sandbox, job.id)).toHaveLength(end === 'succeeded' ? 4 : 0);
  });
});
