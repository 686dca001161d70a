import { describe, expect, it } from 'vitest';
import type { AccountState, OperationRequest } from '#libs/contracts/index.js';
import { minimalEgainSpec, planOf } from '#test/factories/index.js';
import { afterCutOff } from './operations.js';

const AT = '2030-01-01T00:00:00.000Z';

function state(change: Partial<AccountState>): AccountState {
  return {
    ...{ version: 1, tenant: 'acme', account: 'main', chain: 'egain', state: 'live' },
    ...{ plan: null, resources: [], queue: [], lastOperation: null, commands: [] },
    ...change,
  };
}

function request(operation: object): OperationRequest {
  return { runId: 'r', by: 'test', at: AT, ...operation } as OperationRequest;
}

describe('an account whose operation was cut off', () => {
  it('is interrupted, and remembers what was under way', () => {
    const plan = planOf(minimalEgainSpec());
    expect(afterCutOff(state({ plan }), request({ kind: 'offboard' }), AT)).toMatchObject({
      state: 'interrupted',
      interrupted: { plan: { planHash: plan.planHash }, kind: 'offboard', at: AT },
    });
  });

  it('does not come to be by a sweep, or nobody could take one of its id on board any more', () => {
    const sweep = request({ kind: 'sweep', connection: { vendor: 'egain', name: 'main' }, targets: [] });
    expect(afterCutOff(state({ state: 'offboarding' }), sweep, AT)).toBeNull();
  });
});
