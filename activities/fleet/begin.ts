import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  orphanName,
  reconciliationWorkflowId,
  type BeginInput,
  type BeginResult,
  type ConnectionRef,
  type FleetMemo,
  type FleetReport,
  type ReconciliationLimits,
} from '#libs/contracts/index.js';
import { accountInScope, tenantInScope, vendorInScope } from '#libs/fleet/index.js';
import { readAccountState, readRegistry, workflowIdOf, type RegistryAccess } from '#libs/registry/index.js';

/** Earlier runs whose orphans are looked through, the latest first. */
const RUNS_LOOKED_THROUGH = 50;
/** Characters of the orphans that are told, the latest first: Temporal refuses 2 MiB. What has no place waits for another run. */
const LISTED_LENGTH = 1_000_000;

/** A connection as a run over the fleet sees it. */
export interface FleetTarget extends ConnectionRef {
  byHand: boolean;
  /** Whether the accounts of a tenant may be made there. */
  mayUse: (tenant: string) => boolean;
}

/** What the beginning of a run works with. */
export interface BeginDeps {
  access: RegistryAccess;
  client: Client;
  /** As the connections file says now. */
  connections: () => readonly FleetTarget[];
  limits: () => ReconciliationLimits;
}

/**
 * Finds out what a run is about: which connections, how many accounts on each, what bounds it.
 * @throws ApplicationFailure `NO_SUCH_RUN`, for good, when the run of `from` is none that found something
 */
export async function begin(
  { access, client, connections, limits }: BeginDeps,
  input: BeginInput,
): Promise<BeginResult> {
  const only = input.from === null ? null : await accountsOf(client, input.from);
  const groups = new Map<string, number>();
  const result: BeginResult = {
    ...{ limits: limits(), connections: [], groups: [], busy: [], interrupted: [], unreadable: [], off: 0, only },
    listedBefore: input.removeOrphans ? await orphansListedBefore(client, input.startedAt, limits().orphanAgeMs) : null,
  };
  for await (const account of readRegistry(access, input.startedAt)) {
    if (only && !only.includes(account.id)) continue;
    const known = account.chain === null ? tenantInScope(input, account.tenant) && input.chain === null : true;
    if (!known || (account.chain !== null && !accountInScope(input, account))) continue;
    if (account.cap === 'off' && account.status === 'live') {
      result.off++;
      continue;
    }
    const names = account.connections?.map(({ name }) => name) ?? (await namesByState(access, account));
    if (names.length === 0 && account.status === 'live') continue;
    const place = [...names].sort().join(' ');
    groups.set(place, (groups.get(place) ?? 0) + 1);
    if (account.status !== 'live') result[account.status].push(account.id);
  }
  result.groups = [...groups].map(([place, accounts]) => ({
    connections: place === '' ? [] : place.split(' '),
    accounts,
  }));
  result.connections = scopeOf(connections(), result, input);
  return result;
}

/**
 * The connections of the accounts, and those of the file on which orphans may stand. A run of one tenant neither reads nor names those
 * that are for others.
 */
function scopeOf(
  file: readonly FleetTarget[],
  { groups, only }: BeginResult,
  input: BeginInput,
): BeginResult['connections'] {
  const used = new Set(groups.flatMap((group) => group.connections));
  const maySee = ({ mayUse }: FleetTarget): boolean => input.tenant === null || mayUse(input.tenant);
  const known = file
    .filter((each) => {
      const { vendor, name } = each;
      return used.has(`${vendor}/${name}`) || (only === null && vendorInScope(input, vendor) && maySee(each));
    })
    .map(({ vendor, name, byHand }) => ({ vendor, name, byHand }));
  const named = new Set(known.map(({ vendor, name }) => `${vendor}/${name}`));
  const gone = [...used]
    .filter((each) => !named.has(each))
    .map((each) => {
      const [vendor = '', name = ''] = each.split('/');
      return { vendor, name, byHand: false };
    });
  return [...known, ...gone];
}

async function namesByState(
  access: RegistryAccess,
  account: { id: string; runId: string; status: string },
): Promise<string[]> {
  if (account.status === 'unreadable') return [];
  const state = await readAccountState(access, { workflowId: workflowIdOf(account.id), runId: account.runId });
  return [...new Set(state.resources.map(({ vendor, connection }) => `${vendor}/${connection}`))];
}

async function accountsOf(client: Client, run: string): Promise<string[]> {
  const handle = client.workflow.getHandle(reconciliationWorkflowId(run));
  const { status } = await handle.describe();
  const report = status.name === 'COMPLETED' ? ((await handle.result()) as FleetReport) : undefined;
  if (report?.mode !== 'observe') {
    throw ApplicationFailure.nonRetryable(`The run ${run} is no observe run that has ended.`, 'NO_SUCH_RUN');
  }
  return [...new Set(report.items.map(({ id }) => id))];
}

/** Null where no earlier run is asked for. */
async function orphansListedBefore(client: Client, startedAt: string, ageMs: number): Promise<string[] | null> {
  if (ageMs === 0) return null;
  const before = new Date(Date.parse(startedAt) - ageMs).toISOString();
  const query = `WorkflowType = 'reconcileFleet' AND ExecutionStatus = 'Completed' AND CloseTime < '${before}'`;
  const found = new Set<string>();
  let looked = 0;
  let length = 0;
  for await (const { workflowId, runId, memo } of client.workflow.list({ query })) {
    if (looked++ === RUNS_LOOKED_THROUGH) break;
    if ((memo as Partial<FleetMemo> | undefined)?.status !== 'completed') continue;
    const report = (await client.workflow.getHandle(workflowId, runId).result()) as FleetReport;
    for (const orphan of report.orphans) {
      const name = orphanName(orphan);
      if (found.has(name)) continue;
      if ((length += name.length) > LISTED_LENGTH) return [...found];
      found.add(name);
    }
  }
  return [...found];
}
