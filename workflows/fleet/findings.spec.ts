import { describe, expect, it } from 'vitest';
import type { BeginResult, DriftEntry, ScannedAccount, ScanResult } from '#libs/contracts/index.js';
import { countsOf, type Counted } from './counts.js';
import { itemsOf, mergeFound, movedOn, unshownOf } from './findings.js';
import { chunked } from './groups.js';

const EGAIN = 'egain/main';
const SINCH = 'sinch/eu';

function entry(key: string, change: Partial<DriftEntry> = {}): DriftEntry {
  return { key, kind: 'changed', fields: [], since: '2026-01-01T00:00:00.000Z', ...change };
}

function part(id: string, change: Partial<ScannedAccount> = {}): ScannedAccount {
  return {
    ...{ id, chain: 'egain', runId: 'r1', revision: 1, capped: false, connections: [EGAIN, SINCH] },
    ...{ drift: [], unseen: [], elsewhere: [] },
    ...change,
  };
}

function scanOf(connection: string, found: ScannedAccount[]): { connection: string; result: ScanResult } {
  const result: ScanResult = {
    ...{ status: 'read', reason: null, accounts: 0, objects: 0, vendorCalls: 0, found, drifted: 0 },
    ...{ busy: [], interrupted: [], unreadable: [], orphans: [], orphanCount: 0, truncated: false, stopped: null },
  };
  return { connection, result };
}

describe('what several connections show of one account', () => {
  it('is one finding, with recorded drift of a connection that nobody has read', () => {
    const kept = { connection: SINCH, entry: entry('sinch.app') };
    const found = mergeFound([scanOf(EGAIN, [part('t.a', { drift: [entry('egain.account')], elsewhere: [kept] })])]);
    expect(found.map(({ drift }) => drift.map(({ key }) => key))).toEqual([['egain.account', 'sinch.app']]);
  });

  it('takes the word of the connection itself for its own drift', () => {
    const stale = { connection: SINCH, entry: entry('sinch.app') };
    const egain = part('t.a', { drift: [entry('egain.account')], elsewhere: [stale] });
    const found = mergeFound([scanOf(EGAIN, [egain]), scanOf(SINCH, [part('t.a')])]);
    expect(found.map(({ drift }) => drift.map(({ key }) => key))).toEqual([['egain.account']]);
  });

  it('is nothing where they saw two states of it: then it is busy', () => {
    const scans = [
      scanOf(EGAIN, [part('t.a', { drift: [entry('k')] })]),
      scanOf(SINCH, [part('t.a', { runId: 'r2' })]),
    ];
    expect(mergeFound(scans)).toEqual([]);
    expect(movedOn(scans)).toEqual(['t.a']);
  });

  it('shows at most five fields of a node in the report', () => {
    const fields = Array.from({ length: 9 }, (_, n) => ({ path: `f${String(n)}`, expected: 1, seen: 2 }));
    const [found] = mergeFound([scanOf(EGAIN, [part('t.a', { drift: [entry('k', { fields })] })])]);
    expect(itemsOf(found ? [found] : [])[0]?.fields).toHaveLength(5);
  });
});

describe('the counts of a run', () => {
  const begun: BeginResult = {
    limits: { stopShare: 0.1, stopCount: 5, maxRepairs: 1, maxRemovals: 1, orphanAgeMs: 0 },
    ...{ connections: [], busy: [], interrupted: [], unreadable: [], off: 2, only: null, listedBefore: null },
    groups: [
      { connections: [EGAIN, SINCH], accounts: 6 },
      { connections: [EGAIN], accounts: 4 },
    ],
  };
  const base: Counted = {
    ...{
      begun,
      found: [],
      busy: new Set(),
      interrupted: new Set(),
      unreadable: new Set(),
      unread: new Set(),
      orphans: 0,
      unshown: 0,
    },
  };
  const found = mergeFound([scanOf(EGAIN, [part('t.a', { drift: [entry('k')] }), part('t.b')])]);
  const deferred = found.map((each) => ({ ...each, outcome: 'deferred' as const }));

  it.each<{ reason: string; change: Partial<Counted>; counts: object }>([
    { reason: 'a quiet fleet', change: {}, counts: { accounts: 10, inSync: 10, capped: 2 } },
    {
      reason: 'one that differs, and one whose drift has gone',
      change: { found },
      counts: { accounts: 10, inSync: 9, drifted: 1 },
    },
    {
      reason: 'an account that is busy is said nothing else of',
      change: { found, busy: new Set(['t.a', 't.c']) },
      counts: { accounts: 10, busy: 2, drifted: 0, inSync: 8 },
    },
    {
      reason: 'an account that is busy is none of those that were deferred, which count among the drifted ones',
      change: { found: deferred, busy: new Set(['t.a']) },
      counts: { accounts: 10, busy: 1, drifted: 0, deferred: 0, inSync: 9 },
    },
    {
      reason: 'accounts that a result had no place for differ all the same',
      change: { found, unshown: 3 },
      counts: { accounts: 10, drifted: 4, inSync: 6 },
    },
    {
      reason: 'a connection that was not read takes its accounts with it, but for what another shows',
      change: { found, unread: new Set([SINCH]) },
      counts: { accounts: 10, drifted: 1, unreadable: 5, inSync: 4 },
    },
    {
      reason: 'one that is busy on a connection that was not read counts once',
      change: { busy: new Set(['t.c']), unread: new Set([EGAIN]) },
      counts: { accounts: 10, busy: 1, unreadable: 9, inSync: 0 },
    },
    {
      reason: 'one that was cut off stands in no registry',
      change: { interrupted: new Set(['t.z']) },
      counts: { accounts: 11, interrupted: 1, inSync: 10 },
    },
  ])('$reason', ({ change, counts }) => {
    const counted = countsOf({ ...base, ...change });
    expect(counted).toMatchObject(counts);
    const { accounts, inSync, drifted, busy, interrupted, unreadable } = counted;
    expect(inSync + drifted + busy + interrupted + unreadable).toBe(accounts);
  });
});

it('counts the accounts that differ and that a result had no place for, each scan by itself', () => {
  const full = scanOf(EGAIN, [part('t.a', { drift: [entry('k')] }), part('t.b')]);
  full.result.drifted = 3;
  const other = scanOf(SINCH, [part('t.a', { drift: [entry('s')] })]);
  other.result.drifted = 1;
  expect(unshownOf([full, other])).toBe(2);
});

describe('what one activity is given', () => {
  it('is a hundred accounts at most, in their order', () => {
    const items = Array.from({ length: 250 }, (_, n) => n);
    expect(chunked(items).map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(chunked(items).flat()).toEqual(items);
  });

  it('is fewer where much differs of each: Temporal would refuse it', () => {
    const items = Array.from({ length: 30 }, () => 'x'.repeat(100_000));
    const sizes = chunked(items).map((chunk) => JSON.stringify(chunk).length);
    expect(Math.max(...sizes)).toBeLessThan(500_000);
    expect(chunked(items).flat()).toHaveLength(30);
  });

  it('is nothing where there is nothing to do, and one account however large', () => {
    expect(chunked([])).toEqual([]);
    expect(chunked(['x'.repeat(900_000)])).toHaveLength(1);
  });
});
