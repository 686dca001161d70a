import { describe, expect, it } from 'vitest';
import { planOf } from '#test/factories/index.js';
import type { AccountState, OwnedResource } from './index.js';
import { MARK_LENGTH, registryMemo } from './registry.js';

const OTHERS = {
  runId: 'r'.repeat(36),
  specHash: 'h'.repeat(64),
  planHash: 'h'.repeat(64),
  state: 'live',
  chain: 'egain',
};

function resource(n: number, change: Partial<OwnedResource> = {}): OwnedResource {
  const trace = { version: 1, mark: String(n).padStart(MARK_LENGTH, 'm'), place: 'here' };
  const names = { vendor: 'egain', resource: 'channel', connection: 'egain-main' } as const;
  return { ...names, key: `key-${String(n)}`, externalId: `id-${String(n)}`, ownership: 'created', trace, ...change };
}

function stateOf(resources: OwnedResource[], change: Partial<AccountState> = {}): AccountState {
  return {
    ...{ version: 1, tenant: 'acme', account: 'a', chain: 'egain', state: 'live', plan: planOf() },
    ...{ resources, queue: [], lastOperation: null, commands: [] },
    ...change,
  };
}

describe('what the memo of an account tells a run over the fleet', () => {
  it('names each connection once, with all marks there', () => {
    const sinch = resource(2, { vendor: 'sinch', connection: 'eu', resource: 'app' });
    const { connections } = registryMemo(stateOf([resource(1), sinch, resource(3)], {}), OTHERS);
    expect(connections).toEqual([
      ['egain/egain-main', 'here', `${resource(1).trace?.mark ?? ''}${resource(3).trace?.mark ?? ''}`],
      ['sinch/eu', 'here', sinch.trace?.mark],
    ]);
  });

  it.each([1, 5, 9, 12, 40, 200])('stays below 2 KiB with %i objects, or says that they are too many', (count) => {
    const resources = Array.from({ length: count }, (_, n) => resource(n));
    const memo = registryMemo(stateOf(resources), OTHERS);
    expect(memo.connections === null).toBe(count >= 40);
    expect(JSON.stringify({ ...OTHERS, registry: memo }).length).toBeLessThan(2_048);
  });

  it('says nothing of objects where one is not known well enough', () => {
    const untraced = resource(2);
    delete untraced.trace;
    expect(registryMemo(stateOf([resource(1), untraced]), OTHERS).connections).toBeNull();
    const elsewhere = resource(2, { trace: { version: 1, mark: 'm'.repeat(MARK_LENGTH), place: 'there' } });
    expect(registryMemo(stateOf([resource(1), elsewhere]), OTHERS).connections).toBeNull();
  });

  it('has the version of the projections only where all have one', () => {
    const newer = resource(2, { trace: { version: 2, mark: 'm'.repeat(MARK_LENGTH), place: 'here' } });
    expect(registryMemo(stateOf([resource(1)]), OTHERS).version).toBe(1);
    expect(registryMemo(stateOf([resource(1), newer]), OTHERS).version).toBe(0);
  });

  it('has the revision and what of the cap counts', () => {
    const cap = { mode: 'observe', until: null, by: 'key-1', reason: 'we are moving' } as const;
    const memo = registryMemo(stateOf([], { revision: 3, reconciliation: cap }), OTHERS);
    expect(memo).toMatchObject({ revision: 3, cap: { mode: 'observe', until: null }, connections: [] });
  });
});
