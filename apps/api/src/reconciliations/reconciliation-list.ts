import {
  scheduleOfReconciliation,
  type FleetCounts,
  type FleetMode,
  type FleetStatus,
  type FleetStop,
} from '#libs/contracts/index.js';
import { requireTenant, type Caller } from '../auth/caller.js';
import type { Engine } from '#libs/history/engine.js';
import { readFleetRuns, type FleetRun } from '#libs/history/fleet-runs.js';
import { quoted } from '#libs/history/rows.js';
import type { Cursors, Page } from '../lists/cursor.js';
import { newestFirst } from '../lists/newest-first.js';
import type { Links, ReconciliationLinks } from '../onboardings/links.js';
import { visibleTo } from './fleet-query.js';

/** A run over the fleet in a list: what its memo tells. What that would tell is null where it cannot be read. */
export interface ReconciliationItem {
  id: string;
  schedule: string | null;
  by: string | null;
  mode: FleetMode | null;
  tenant: string | null;
  chain: string | null;
  status: FleetStatus;
  startedAt: string;
  closedAt: string | null;
  counts: FleetCounts | null;
  stopped: FleetStop | null;
  links: ReconciliationLinks;
}

export interface ReconciliationListQuery {
  tenant?: string | undefined;
  schedule?: string | undefined;
  status?: FleetStatus | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** Lists runs over the fleet, newest first. */
export class ReconciliationList {
  constructor(
    private readonly engine: Engine,
    private readonly links: Links,
    private readonly cursors: Cursors,
  ) {}

  /** @throws {Problem} `tenant-not-allowed`, and for a cursor of another query. */
  async list(caller: Caller, { limit, cursor, ...filter }: ReconciliationListQuery): Promise<Page<ReconciliationItem>> {
    const { tenant, schedule, status } = filter;
    if (tenant !== undefined) requireTenant(caller, tenant);
    const cursors = this.cursors.of('reconciliations', filter, caller);
    const visible = visibleTo(caller);
    if (visible === null) return { items: [], nextCursor: null };
    const conditions = [
      ...visible,
      ...(tenant === undefined ? [] : [`Tenant = ${quoted(tenant)}`]),
      ...(schedule === undefined ? [] : [`Job = ${quoted(schedule)}`]),
      ...(status === 'running' ? ["ExecutionStatus = 'Running'"] : []),
      ...(status === undefined || status === 'running' ? [] : ["ExecutionStatus != 'Running'"]),
    ];
    const { items, nextCursor } = await newestFirst<FleetRun>(
      (condition, pageSize, token) =>
        readFleetRuns(this.engine, [...conditions, condition].join(' AND '), pageSize, token),
      limit,
      cursor,
      cursors,
      (run) => status === undefined || run.status === status, // only the memo tells how a run ended
    );
    return { items: items.map((run) => reconciliationItem(run, this.links)), nextCursor };
  }
}

/** A run as a list shows it. */
export function reconciliationItem(run: FleetRun, links: Links): ReconciliationItem {
  const { id, status, startedAt, closedAt, memo } = run;
  return {
    id,
    schedule: scheduleOfReconciliation(id),
    by: memo?.by ?? null,
    mode: memo?.mode ?? null,
    tenant: memo?.tenant ?? null,
    chain: memo?.chain ?? null,
    status,
    startedAt,
    closedAt,
    counts: memo?.counts ?? null,
    stopped: memo?.stopped ?? null,
    links: links.reconciliation(id, run),
  };
}
