import { ACCOUNT_STATES, DRIFT_KINDS, type AccountLifeState, type Chain } from '#libs/contracts/index.js';
import { describeAccount } from '#libs/history/describe.js';
import type { Engine } from '#libs/history/engine.js';
import { quoted, readRows, rowId, type Row } from '#libs/history/rows.js';
import { requireTenant, type Caller } from '../auth/caller.js';
import type { Cursors, Page } from '../lists/cursor.js';

/** An account in a list: what its memo tells. `state` is null where that cannot be read. */
export interface AccountItem {
  id: string;
  tenant: string;
  account: string;
  chain: Chain | null;
  state: AccountLifeState | null;
  /** Kinds of drift that are recorded, comma-separated; null for none. */
  drift: string | null;
  since: string;
}

export interface AccountListQuery {
  tenant?: string | undefined;
  chain?: Chain | undefined;
  drift?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** Lists the accounts that are there, those that changed last first. */
export class AccountList {
  constructor(
    private readonly engine: Engine,
    private readonly cursors: Cursors,
  ) {}

  /** @throws {Problem} `tenant-not-allowed`, and for a cursor of another query. */
  async list(caller: Caller, { limit, cursor, ...filter }: AccountListQuery): Promise<Page<AccountItem>> {
    if (filter.tenant !== undefined) requireTenant(caller, filter.tenant);
    const cursors = this.cursors.of('accounts', filter, caller);
    const place = cursors.read(cursor);
    const tenants = caller.tenants.includes('*') ? null : caller.tenants;
    if (tenants?.length === 0) return { items: [], nextCursor: null };
    const query = accountQuery(tenants, filter);
    const { rows, nextPageToken } = await readRows(this.engine, query, limit, place);
    const items = await Promise.all(rows.map((row) => this.item(row)));
    const seen = new Set<string>();
    const unique = items.filter((item) => item !== undefined).filter(({ id }) => !seen.has(id) && seen.add(id));
    return { items: unique, nextCursor: cursors.write(nextPageToken) };
  }

  /** A terminated run counts only while it is its account's latest. */
  private async item(row: Row): Promise<AccountItem | undefined> {
    if (row.state === 'terminated') {
      const latest = await describeAccount(this.engine, row.workflowId);
      if (latest?.runId !== row.runId) return undefined;
    }
    if (row.memo?.sweep === true) return undefined;
    const state = ACCOUNT_STATES.find((known) => known === row.memo?.state) ?? null;
    return {
      id: rowId(row),
      ...row.ref,
      chain: row.attributes.Chain ?? row.memo?.chain ?? null,
      state: row.state === 'terminated' ? 'interrupted' : state,
      drift: row.attributes.Drift ?? null,
      since: row.startedAt,
    };
  }
}

function accountQuery(
  tenants: readonly string[] | null,
  { tenant, chain, drift }: Omit<AccountListQuery, 'limit' | 'cursor'>,
): string {
  return [
    "WorkflowType = 'account'",
    "ExecutionStatus IN ('Running', 'Terminated', 'TimedOut')",
    ...(tenants === null ? [] : [`Tenant IN (${tenants.map(quoted).join(', ')})`]),
    ...(tenant === undefined ? [] : [`Tenant = ${quoted(tenant)}`]),
    ...(chain === undefined ? [] : [`Chain = ${quoted(chain)}`]),
    ...(drift === undefined ? [] : [driftQuery(drift)]),
  ].join(' AND ');
}

/** `true` and `false` ask for any drift and for none; everything else names a kind. */
export function driftQuery(drift: string): string {
  if (drift === 'true') return 'Drift IS NOT NULL';
  if (drift === 'false') return 'Drift IS NULL';
  return `Drift IN (${driftsWith(drift).map(quoted).join(', ')})`;
}

/** Every value of the attribute that holds a kind: kinds stand in it sorted, comma-separated. */
function driftsWith(kind: string): string[] {
  const others = DRIFT_KINDS.filter((each) => each !== kind);
  const subsets = others.reduce<string[][]>((sets, each) => [...sets, ...sets.map((set) => [...set, each])], [[]]);
  return subsets.map((set) => [...set, kind].sort().join(','));
}
