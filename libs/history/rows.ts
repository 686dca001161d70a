import {
  accountFromOperationId,
  accountFromWorkflowId,
  accountId,
  type AccountMemo,
  type AccountRef,
  type SearchAttribute,
} from '#libs/contracts/index.js';
import { GRPC, grpcCode } from '#libs/temporal/grpc-errors.js';
import { runState, type RunState } from './describe.js';
import type { Engine } from './engine.js';
import { eventNumber, isoTime, reportedProblem, searchAttributes } from './event.js';

/** A row of a list of workflows. Lists lag behind by moments: what counts is read by `describe`. */
export interface Row {
  workflowId: string;
  runId: string;
  type: string;
  ref: AccountRef;
  state: RunState;
  /** Temporal's own status: `COMPLETED`, `FAILED`, ... by number. */
  status: number;
  startedAt: string;
  closedAt: string | null;
  attributes: { [name in SearchAttribute]?: string | null };
  /** Why tasks of the workflow fail again and again; null when they do not. */
  problem: string | null;
  /** Null when it cannot be decoded. */
  memo: Partial<AccountMemo> | null;
}

export interface RowPage {
  rows: Row[];
  nextPageToken: Uint8Array | null;
}

/** One page of a list of accounts and operations, decoded row by row: one that cannot be decoded does not spoil the others. */
export function readRows(
  engine: Engine,
  query: string,
  pageSize: number,
  nextPageToken: Uint8Array | null,
): Promise<RowPage> {
  return readPage(engine, { query, pageSize, nextPageToken }, (info) => toRow(engine, info));
}

/** One page of a list of workflows, each made a row; those that are none are left out. */
export async function readPage<T>(
  engine: Engine,
  { query, pageSize, nextPageToken }: { query: string; pageSize: number; nextPageToken: Uint8Array | null },
  convert: (info: ListedInfo) => Promise<T | undefined>,
): Promise<{ rows: T[]; nextPageToken: Uint8Array | null }> {
  const page = await byVisibility(engine, () =>
    engine.service.listWorkflowExecutions({
      namespace: engine.namespace,
      query,
      pageSize,
      ...(nextPageToken ? { nextPageToken } : {}),
    }),
  );
  const rows = await Promise.all(page.executions.map(convert));
  return {
    rows: rows.filter((row) => row !== undefined),
    nextPageToken: page.nextPageToken.length > 0 ? page.nextPageToken : null,
  };
}

/** How many workflows a query finds. Lags behind by moments, as lists do. */
export async function countRows(engine: Engine, query: string): Promise<number> {
  const { count } = await byVisibility(engine, () =>
    engine.service.countWorkflowExecutions({ namespace: engine.namespace, query }),
  );
  return eventNumber(count);
}

/** Temporal takes so many lists a second and no more: what it refuses for that, others get a moment later. */
export class ListsBusy extends Error {
  constructor(options: ErrorOptions) {
    super('Temporal takes no more lists at the moment', options);
    this.name = 'ListsBusy';
  }
}

/**
 * Runs a call that Temporal answers from its index, of which it takes only some a second. Nothing but lists, and what cannot be found
 * otherwise, may need one (`docs/temporal.md` §13).
 * @throws {ListsBusy}
 */
export async function byVisibility<T>(engine: Engine, run: () => Promise<T>): Promise<T> {
  try {
    return await engine.call(run);
  } catch (error) {
    if (grpcCode(error) !== GRPC.resourceExhausted) throw error;
    throw new ListsBusy({ cause: error });
  }
}

/** A text as a value in a visibility query. */
export function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (c) => `\\${c}`)}'`;
}

/** What Temporal tells of a workflow in a list. */
export type ListedInfo = Awaited<ReturnType<Engine['service']['listWorkflowExecutions']>>['executions'][number];

async function toRow(engine: Engine, info: ListedInfo): Promise<Row | undefined> {
  const workflowId = info.execution?.workflowId ?? '';
  const ref = accountFromWorkflowId(workflowId) ?? accountFromOperationId(workflowId);
  if (!ref) return undefined;
  return {
    workflowId,
    runId: info.execution?.runId ?? '',
    type: info.type?.name ?? '',
    ref,
    state: runState(info.status),
    status: info.status ?? 0,
    startedAt: isoTime(info.startTime) ?? '',
    closedAt: isoTime(info.closeTime),
    attributes: searchAttributes(info.searchAttributes?.indexedFields),
    problem: reportedProblem(info.searchAttributes?.indexedFields),
    memo: await memoOf(engine, info, workflowId),
  };
}

async function memoOf(engine: Engine, info: ListedInfo, workflowId: string): Promise<Partial<AccountMemo> | null> {
  try {
    return (await engine.decoder.fields(info.memo?.fields, workflowId)) as Partial<AccountMemo>;
  } catch {
    return null; // whoever needs the memo reports an unreadable row, never "no account"
  }
}

/** `{tenant}.{account}` of a row. */
export function rowId({ ref }: Row): string {
  return accountId(ref);
}
