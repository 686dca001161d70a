import { describe, expect, it } from 'vitest';
import { cutOffPlans, interruptionBy } from './account.js';
import type { OperationRequest } from './operation.js';
import type { Plan } from './plan.js';

const AT = '2030-01-01T00:00:00.000Z';

function plan(planHash: string): Plan {
  return { planHash, nodes: [] } as unknown as Plan;
}

function request(operation: object): OperationRequest {
  return { runId: 'r', by: 'test', at: AT, ...operation } as OperationRequest;
}

const recorded = plan('recorded');
const amend = request({ kind: 'amend', plan: plan('wanted') });

describe('what is left to reckon with after an operation was cut off', () => {
  it.each([
    { reason: 'an amendment may have made its own plan', operation: amend, plans: ['wanted'] },
    {
      reason: 'an offboarding may have removed any of it',
      operation: request({ kind: 'offboard' }),
      plans: ['recorded'],
    },
    {
      reason: 'a repair may have made any of it anew',
      operation: request({ kind: 'reconcile', mode: 'repair' }),
      plans: ['recorded'],
    },
    { reason: 'observing writes nothing', operation: request({ kind: 'reconcile', mode: 'observe' }), plans: [] },
    { reason: 'nothing was under way', operation: undefined, plans: [] },
  ])('$reason', ({ operation, plans }) => {
    const interrupted = interruptionBy({ plan: recorded }, operation, AT);
    expect(cutOffPlans({ interrupted }).map(({ planHash }) => planHash)).toEqual(plans);
  });

  it('keeps the plans that were cut off before, each once, latest first', () => {
    const first = interruptionBy({ plan: recorded }, amend, AT);
    const second = interruptionBy(
      { plan: recorded, interrupted: first },
      request({ kind: 'amend', plan: plan('other') }),
      AT,
    );
    expect(cutOffPlans({ interrupted: second }).map(({ planHash }) => planHash)).toEqual(['other', 'wanted']);
    const third = interruptionBy({ plan: recorded, interrupted: second }, amend, AT);
    expect(
      cutOffPlans({ interrupted: third })
        .map(({ planHash }) => planHash)
        .sort(),
    ).toEqual(['other', 'wanted']);
    const left = interruptionBy({ plan: null, interrupted: first }, request({ kind: 'offboard' }), AT);
    expect(cutOffPlans({ interrupted: left }).map(({ planHash }) => planHash)).toEqual(['wanted']);
  });
});
