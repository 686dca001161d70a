import { describe, expect, it } from 'vitest';
import { Judgement, type Finding, type Judged } from './judgement.js';

const LIMITS = { share: 0.1, count: 5, orphanShare: 0.1, orphanCount: 5 };
const STANDS = (): boolean => true;
const GONE = (): boolean => false;

function judging(change: Partial<Judged> = {}): Judgement {
  return new Judgement({ connection: 'egain/main', accounts: 50, anyAccount: true, limits: LIMITS, ...change });
}

/** A finding in a field that no other account has. */
function changed(nth: number): Finding[] {
  return [{ kind: 'changed', resource: 'account', fields: [{ path: `field${String(nth)}` }] }];
}

/** What stops once so many accounts differ, each in a field of its own. */
function afterDrift(accounts: number, drifted: number): string | undefined {
  const judgement = judging({ accounts });
  for (let nth = 0; nth < drifted; nth++) judgement.account(changed(nth), STANDS);
  return judgement.end(STANDS)?.rule;
}

describe('the rule share', () => {
  it.each([
    { reason: 'one below the count', accounts: 10, drifted: 4, rule: undefined },
    { reason: 'at the count, above the share', accounts: 10, drifted: 5, rule: 'share' },
    { reason: 'at the share, which must be exceeded', accounts: 60, drifted: 6, rule: undefined },
    { reason: 'one above the share', accounts: 60, drifted: 7, rule: 'share' },
    { reason: 'a small fleet that differs whole', accounts: 4, drifted: 4, rule: undefined },
  ])('$reason', ({ accounts, drifted, rule }) => {
    expect(afterDrift(accounts, drifted)).toBe(rule);
  });

  it('does not count accounts without a finding', () => {
    const judgement = judging({ accounts: 5 });
    for (let nth = 0; nth < 10; nth++) judgement.account([], STANDS);
    expect(judgement.end(STANDS)).toBeNull();
  });
});

describe('the rule same-field', () => {
  const sameField = (index: number): Finding[] => [
    { kind: 'changed', resource: 'channel', fields: [{ path: `l10nProperties[${String(index)}].language` }] },
  ];

  it.each([
    { drifted: 4, rule: undefined },
    { drifted: 5, rule: 'same-field' },
    { drifted: 6, rule: 'same-field' },
  ])('$drifted of 10,000 accounts: $rule', ({ drifted, rule }) => {
    const judgement = judging({ accounts: 10_000 });
    for (let nth = 0; nth < drifted; nth++) judgement.account(sameField(nth), STANDS);
    expect(judgement.end(STANDS)?.rule).toBe(rule);
  });

  it('tells fields of different resources apart, and counts an account once', () => {
    const judgement = judging({ accounts: 10_000 });
    for (const resource of ['a', 'b', 'c', 'd', 'e']) {
      const finding: Finding = { kind: 'changed', resource, fields: [{ path: 'name' }] };
      judgement.account([finding, finding], STANDS);
    }
    expect(judgement.end(STANDS)).toBeNull();
  });
});

describe('the rule emptied', () => {
  const missing: Finding[] = [{ kind: 'missing', resource: 'channel', fields: [] }];
  const afterMissing = (accounts: number, standing: () => boolean): string | undefined => {
    const judgement = judging({ accounts: 100 });
    for (let nth = 0; nth < accounts; nth++) judgement.account(missing, standing);
    return judgement.end(standing)?.rule;
  };

  it.each([
    { reason: 'one account may lose all of a kind', accounts: 1, standing: GONE, rule: undefined },
    { reason: 'two are no accident', accounts: 2, standing: GONE, rule: 'emptied' },
    { reason: 'one that stands speaks against it', accounts: 4, standing: STANDS, rule: undefined },
  ])('$reason', ({ accounts, standing, rule }) => {
    expect(afterMissing(accounts, standing)).toBe(rule);
  });

  it('is said in place of share, since it tells more', () => {
    const judgement = judging({ accounts: 5 });
    for (let nth = 0; nth < 5; nth++) judgement.account(missing, GONE);
    expect(judgement.stop?.rule).toBe('emptied');
  });
});

describe('the rules on orphans', () => {
  it.each([
    { orphans: 4, marked: 20, rule: undefined },
    { orphans: 5, marked: 20, rule: 'orphans' },
    { orphans: 5, marked: 50, rule: undefined },
    { orphans: 6, marked: 50, rule: 'orphans' },
  ])('$orphans of $marked: $rule', ({ orphans, marked, rule }) => {
    const judgement = judging();
    for (let nth = 0; nth < orphans; nth++) judgement.orphan(marked);
    expect(judgement.end(STANDS)?.rule).toBe(rule);
  });

  it('one is enough where no account is recorded at all', () => {
    const judgement = judging({ anyAccount: false });
    judgement.orphan(1);
    expect(judgement.stop?.rule).toBe('no-accounts');
  });
});

it('tells the operator where, how much, and what to do', () => {
  const judgement = judging({ accounts: 10 });
  for (let nth = 0; nth < 5; nth++) judgement.account(changed(nth), STANDS);
  expect(judgement.stop?.detail).toMatch(
    /5 of 10 accounts on egain\/main .* 10 %.* Nothing was written\. .* stopShare or stopCount/s,
  );
});
