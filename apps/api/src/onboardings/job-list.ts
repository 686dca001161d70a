import {
  ERROR_CODES,
  JOB_STATUSES,
  OPERATION_KINDS,
  WAIT_KINDS,
  type Chain,
  type ErrorCode,
  type JobStatus,
  type ListedWait,
  type OperationKind,
  type Progress,
  type WaitKind,
} from '#libs/contracts/index.js';
import type { Engine } from '#libs/history/engine.js';
import { kindOf } from '#libs/history/locate.js';
import { readRows, rowId, type Row } from '#libs/history/rows.js';
import { requireTenant, type Caller } from '../auth/caller.js';
import type { Cursors, Page } from '../lists/cursor.js';
import { newestFirst } from '../lists/newest-first.js';
import { jobQuery, type JobFilter } from './job-query.js';
import type { Links } from './links.js';

/** A job in a list: what can be told of it without reading its history. */
export interface JobItem {
  id: string;
  runId: string;
  tenant: string;
  account: string;
  chain: Chain | null;
  kind: OperationKind;
  status: JobStatus;
  waitingFor: { kind: WaitKind } | null;
  errorCode: ErrorCode | null;
  step: string | null;
  startedAt: string;
  closedAt: string | null;
  links: Progress['links'];
}

export interface JobListQuery {
  tenant?: string | undefined;
  status?: JobStatus | undefined;
  waitingFor?: ListedWait | undefined;
  chain?: Chain | undefined;
  account?: string | undefined;
  /** Comma-separated. */
  kind?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** Lists jobs, newest first. */
export class JobList {
  constructor(
    private readonly engine: Engine,
    private readonly links: Links,
    private readonly cursors: Cursors,
  ) {}

  /** @throws {Problem} `tenant-not-allowed`, and for a cursor of another query. */
  async list(caller: Caller, { limit, cursor, kind, ...wanted }: JobListQuery): Promise<Page<JobItem>> {
    if (wanted.tenant !== undefined) requireTenant(caller, wanted.tenant);
    const cursors = this.cursors.of('jobs', { ...wanted, kind }, caller);
    const tenants = caller.tenants.includes('*') ? null : caller.tenants;
    if (tenants?.length === 0) return { items: [], nextCursor: null };
    const kinds = kind === undefined ? undefined : OPERATION_KINDS.filter((each) => kind.split(',').includes(each));
    const filter: JobFilter = { ...wanted, kinds, tenants };
    const query = jobQuery(filter);
    const { items, nextCursor } = await newestFirst<Row>(
      (condition, pageSize, token) => readRows(this.engine, `(${query}) AND ${condition}`, pageSize, token),
      limit,
      cursor,
      cursors,
    );
    return { items: withoutDoubles(items).map((row) => this.item(row)), nextCursor };
  }

  private item(row: Row): JobItem {
    const { ref, attributes } = row;
    const runId = attributes.Job ?? row.memo?.runId ?? '';
    const told = row.problem === null ? WAIT_KINDS.find((kind) => kind === attributes.WaitingFor) : 'engine';
    const waiting = row.state === 'running' ? told : undefined;
    return {
      id: rowId(row),
      runId,
      ...ref,
      chain: attributes.Chain ?? null,
      kind: kindOf(row.type) ?? 'onboard',
      status: jobStatus(row),
      waitingFor: waiting ? { kind: waiting } : null,
      errorCode: ERROR_CODES.find((code) => code === attributes.ErrorCode) ?? null,
      step: attributes.Step ?? null,
      startedAt: row.startedAt,
      closedAt: row.closedAt,
      links: this.links.job(ref, runId, row),
    };
  }
}

/** The status that a row tells: its attribute, unless the run was ended from outside. */
export function jobStatus({ type, state, attributes }: Pick<Row, 'type' | 'state' | 'attributes'>): JobStatus {
  const told = JOB_STATUSES.find((status) => status === attributes.OnboardingStatus) ?? 'running';
  if (state === 'running') return told;
  if (state === 'terminated') return 'interrupted';
  if (kindOf(type) === undefined) return 'cancelled'; // an account that closed before its onboarding began
  const ended: readonly JobStatus[] = [
    'succeeded',
    'rolled-back',
    'cancelled',
    'rejected',
    'rollback-incomplete',
    'failed',
  ];
  return ended.includes(told) ? told : 'interrupted';
}

/** While a job is picked up, its account and its operation are both there. */
function withoutDoubles(rows: readonly Row[]): Row[] {
  const operations = new Set(rows.filter(({ type }) => kindOf(type)).map(({ attributes }) => attributes.Job));
  return rows.filter(({ type, attributes }) => kindOf(type) !== undefined || !operations.has(attributes.Job));
}
