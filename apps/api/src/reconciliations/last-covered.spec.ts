import { describe, expect, it } from 'vitest';
import { fleetMemo, type OperationRecord } from '#libs/contracts/index.js';
import { latestCovering } from './last-covered.js';

type Run = Parameters<typeof latestCovering>[0][number];
type Account = Parameters<typeof latestCovering>[1];

function at(minute: number): string {
  return new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
}

function run(
  from: number,
  to: number | null,
  approved: string | null = null,
  status: Run['status'] = 'completed',
): Run {
  const scope = { schedule: null, by: 'ci', mode: 'observe' as const, tenant: null, chain: null, tenants: null };
  const memo = fleetMemo({ ...scope, from: approved, removeOrphans: false });
  return { status, startedAt: at(from), closedAt: to === null ? null : at(to), memo };
}

function account(startedAt: string, endedAt: string | null, change: Partial<Account> = {}): Account {
  const lastOperation: OperationRecord = {
    ...{ id: 'op', kind: 'amend', status: 'succeeded', startedAt, endedAt, reason: null },
  };
  return { lastOperation, ...change };
}

const quiet = account(at(0), at(1));

describe('latestCovering', () => {
  it.each<{ reason: string; runs: Run[]; of: Account; expected: string | undefined }>([
    { reason: 'of several the latest', runs: [run(10, 11), run(20, 21), run(5, 30)], of: quiet, expected: at(20) },
    { reason: 'none while there is none', runs: [], of: quiet, expected: undefined },
    {
      reason: 'one that was stopped has said nothing',
      runs: [run(10, 11, null, 'stopped')],
      of: quiet,
      expected: undefined,
    },
    {
      reason: 'one that has failed may not have read it',
      runs: [run(10, 11, null, 'failed')],
      of: quiet,
      expected: undefined,
    },
    {
      reason: 'one that is under way is not over',
      runs: [run(10, null, null, 'running')],
      of: quiet,
      expected: undefined,
    },
    {
      reason: 'one of approved accounts looked at those alone',
      runs: [run(10, 11, 'adhoc.1')],
      of: quiet,
      expected: undefined,
    },
    {
      reason: 'one whose memo cannot be read tells nothing',
      runs: [{ ...run(10, 11), memo: null }],
      of: quiet,
      expected: undefined,
    },
    {
      reason: 'an operation began meanwhile',
      runs: [run(10, 20), run(2, 3)],
      of: account(at(15), at(30)),
      expected: at(2),
    },
    { reason: 'an operation ended meanwhile', runs: [run(10, 20)], of: account(at(5), at(15)), expected: undefined },
    { reason: 'an operation runs still', runs: [run(10, 20)], of: account(at(5), null), expected: undefined },
    {
      reason: 'the account was not there yet',
      runs: [run(10, 20)],
      of: {
        lastOperation: {
          ...(quiet.lastOperation as OperationRecord),
          kind: 'onboard',
          startedAt: at(30),
          endedAt: at(31),
        },
      },
      expected: undefined,
    },
    {
      reason: 'a cap keeps it from being looked at',
      runs: [run(10, 20)],
      of: { ...quiet, reconciliation: { mode: 'off', until: null, by: 'ci', reason: 'a freeze' } },
      expected: undefined,
    },
    {
      reason: 'a cap that had passed by then does not',
      runs: [run(10, 20)],
      of: { ...quiet, reconciliation: { mode: 'off', until: at(9), by: 'ci', reason: 'a freeze' } },
      expected: at(10),
    },
    {
      reason: 'a cap on repairs lets it be looked at',
      runs: [run(10, 20)],
      of: { ...quiet, reconciliation: { mode: 'observe', until: null, by: 'ci', reason: 'careful' } },
      expected: at(10),
    },
  ])('is $expected: $reason', ({ runs, of, expected }) => {
    expect(latestCovering(runs, of)?.startedAt).toBe(expected);
  });
});
