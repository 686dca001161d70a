import type { Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import type { BeginInput, FleetOrphan } from '#libs/contracts/index.js';
import { orphanName } from '#libs/contracts/index.js';
import type { RegistryAccess } from '#libs/registry/index.js';
import { begin, type BeginDeps } from './begin.js';

const STARTED_AT = '2030-01-02T00:00:00.000Z';
const LIMITS = { stopShare: 0.1, stopCount: 5, maxRepairs: 1, maxRemovals: 1, orphanAgeMs: 3_600_000 };

function orphan(externalId: string, account = 'gone'): FleetOrphan {
  const marker = `gw:test1:acme.${account}:egain.account`;
  return { vendor: 'egain', resource: 'account', externalId, marker, removed: false, reason: null };
}

/** A namespace without accounts, and with earlier runs that listed these orphans. */
function deps(runs: FleetOrphan[][] = []): BeginDeps {
  const service = {
    listWorkflowExecutions: () => Promise.resolve({ executions: [], nextPageToken: new Uint8Array() }),
  };
  const list = async function* () {
    for (const nth of runs.keys()) {
      yield await Promise.resolve({ workflowId: String(nth), runId: 'r', memo: { status: 'completed' } });
    }
  };
  const getHandle = (nth: string) => ({ result: () => Promise.resolve({ orphans: runs[Number(nth)] }) });
  return {
    access: { service, decoder: {}, namespace: 'default' } as unknown as RegistryAccess,
    client: { workflow: { list, getHandle } } as unknown as Client,
    connections: () => [
      { vendor: 'egain', name: 'acme-own', byHand: false, mayUse: (tenant) => tenant === 'acme' },
      { vendor: 'egain', name: 'globex-own', byHand: false, mayUse: (tenant) => tenant === 'globex' },
    ],
    limits: () => LIMITS,
  };
}

function input(change: Partial<BeginInput> = {}): BeginInput {
  return {
    ...{ tenant: null, chain: null, tenants: null, mode: 'repair', startedAt: STARTED_AT, from: null },
    removeOrphans: true,
    ...change,
  };
}

describe('the connections of a run', () => {
  it('are all, for a run over all tenants', async () => {
    const { connections } = await begin(deps(), input());
    expect(connections.map(({ name }) => name)).toEqual(['acme-own', 'globex-own']);
  });

  it('are those that the tenant may use, for a run of one: it names no other and takes none of its rate', async () => {
    const { connections } = await begin(deps(), input({ tenant: 'acme', tenants: ['acme'] }));
    expect(connections).toEqual([{ vendor: 'egain', name: 'acme-own', byHand: false }]);
  });
});

describe('the orphans that an earlier run has listed', () => {
  it('are told with their markers: the same id on another connection, or of another account, is another object', async () => {
    const { listedBefore } = await begin(deps([[orphan('7')], [orphan('7'), orphan('8')]]), input());
    expect(listedBefore).toEqual([orphanName(orphan('7')), orphanName(orphan('8'))]);
    expect(listedBefore).not.toContain(orphanName(orphan('7', 'other')));
  });

  it('are as many as Temporal takes, of the latest runs first', async () => {
    const runs = Array.from({ length: 50 }, (_, run) =>
      Array.from({ length: 200 }, (__, nth) => orphan(`${String(run)}-${String(nth)}-${'x'.repeat(150)}`)),
    );
    const { listedBefore } = await begin(deps(runs), input());
    expect(JSON.stringify(listedBefore).length).toBeLessThan(1_200_000);
    expect(listedBefore?.[0]).toContain('0-0-');
  });

  it('are not asked for where nothing is to be removed', async () => {
    expect((await begin(deps(), input({ removeOrphans: false }))).listedBefore).toBeNull();
  });
});
