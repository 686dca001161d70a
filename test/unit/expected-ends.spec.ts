import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '#apps/sandbox/src/ledger.js';
import { expectedOf } from '../faults/crash/expected.js';
import { PATIENT_MS, REFUSED, type Schedule } from '../faults/crash/schedule.js';

const CREATE = { vendor: 'egain', resource: 'orchestration', operation: 'create' } as const;
const QUIET: Schedule = {
  seed: 1,
  timeoutMs: 1_000,
  giveUpAfterMs: PATIENT_MS,
  chain: 'egain',
  whole: false,
  onFailure: 'rollback',
  rules: [],
  cancelAfter: undefined,
  whenHeld: 'retry',
};
const refused = { resource: CREATE.resource, fault: REFUSED } as LedgerEntry;
const late = { match: CREATE, effect: { kind: 'late' as const, ms: 10 } };

describe('the ends that a schedule allows', () => {
  it.each<[string, Partial<Schedule>, LedgerEntry[], boolean, string[]]>([
    ['faults that pass', { rules: [late] }, [], false, ['succeeded']],
    ['faults that may outlast the time to give up', { giveUpAfterMs: 20_000 }, [], false, ['succeeded', 'rolled-back']],
    ['a create that was refused', {}, [refused], false, ['rolled-back']],
    [
      'a refusal of another kind beside one that came late',
      { rules: [{ ...late, match: { ...CREATE, resource: 'account' } }] },
      [refused],
      false,
      ['rolled-back'],
    ],
    ['a refusal beside an effect that came late', { rules: [late] }, [refused], false, ['succeeded', 'rolled-back']],
    ['a refusal that an operator retries', { onFailure: 'hold' }, [refused], false, ['succeeded']],
    [
      'a refusal that an operator rolls back',
      { onFailure: 'hold', whenHeld: 'rollback' },
      [refused],
      false,
      ['rolled-back'],
    ],
    ['a cancel', {}, [], true, ['cancelled', 'succeeded']],
  ])('%s', (_, change, ledger, cancelSent, ends) => {
    expect(expectedOf({ ...QUIET, ...change }, { ledger, cancelSent }).ends).toEqual(ends);
  });
});
