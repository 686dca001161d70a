import {
  accountFromWorkflowId,
  accountId,
  CHAINS,
  MARK_LENGTH,
  type AccountMemo,
  type Chain,
  type ReconciliationMode,
} from '#libs/contracts/index.js';
import { GRPC, grpcCode } from '#libs/temporal/grpc-errors.js';
import proto from '@temporalio/proto';
import type { RegistryAccess } from './access.js';

const { WorkflowExecutionStatus } = proto.temporal.api.enums.v1;

/** Rows of a page: with their memos well below what gRPC takes (`docs/temporal.md` §10). */
const PAGE_SIZE = 250;
/** An account that continues as new while the list is read jumps before the cursor: its former run, closed since then, stands for it. */
const CLOSED_SINCE_MS = 300_000;

/** What an account records on one connection, as far as its memo tells. */
export interface RecordedConnection {
  /** `{vendor}/{name}`. */
  name: string;
  /** Hash of the account at the vendor; empty where it is not told. */
  place: string;
  /** Marks, one after the other. */
  marks: string;
}

/** An account as a run over the fleet finds it. */
export interface RegistryAccount {
  /** `{tenant}.{account}`. */
  id: string;
  tenant: string;
  runId: string;
  chain: Chain | null;
  /** Kinds of recorded drift, comma-separated; null for none. */
  drift: string | null;
  /** live: it may be compared. unreadable: its memo cannot be decoded, so nothing of it is known. */
  status: 'live' | 'busy' | 'interrupted' | 'unreadable';
  cap: ReconciliationMode;
  /** Version of the projections of its marks. */
  version: number;
  /** Null: its state must be read. */
  connections: RecordedConnection[] | null;
}

/**
 * Reads all accounts, row by row: one that cannot be decoded is `unreadable`, never "no account". No account is missed that stood
 * throughout, whatever continues as new meanwhile. Accounts that record nothing yet are none.
 * @param startedAt RFC 3339 UTC, when the run over the fleet began by the server's clock
 */
export async function* readRegistry(
  access: RegistryAccess,
  startedAt: string,
): AsyncGenerator<RegistryAccount, void, undefined> {
  const { service, namespace } = access;
  const since = new Date(Date.parse(startedAt) - CLOSED_SINCE_MS).toISOString();
  const query = `WorkflowType = 'account' AND (ExecutionStatus = 'Running' OR (ExecutionStatus = 'ContinuedAsNew' AND CloseTime > '${since}'))`;
  const met = new Set<string>();
  const closedOnly = new Set<string>();
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await service.listWorkflowExecutions({
      namespace,
      query,
      pageSize: PAGE_SIZE,
      ...(nextPageToken ? { nextPageToken } : {}),
    });
    for (const row of page.executions) {
      const workflowId = row.execution?.workflowId ?? '';
      if (met.has(workflowId)) continue;
      if (row.status !== WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) {
        closedOnly.add(workflowId);
        continue;
      }
      met.add(workflowId);
      const account = await toAccount(access, row);
      if (account) yield account;
    }
    nextPageToken = page.nextPageToken.length > 0 ? page.nextPageToken : undefined;
  } while (nextPageToken);
  for (const workflowId of closedOnly) {
    if (met.has(workflowId)) continue;
    const row = await latest(access, workflowId);
    const account = row && (await toAccount(access, row));
    if (account) yield account;
  }
}

type Row = Awaited<ReturnType<RegistryAccess['service']['listWorkflowExecutions']>>['executions'][number];

/** The account's run that is there now, as a row; undefined when it has ended. */
async function latest({ service, namespace }: RegistryAccess, workflowId: string): Promise<Row | undefined> {
  try {
    const { workflowExecutionInfo } = await service.describeWorkflowExecution({ namespace, execution: { workflowId } });
    const runs = workflowExecutionInfo?.status === WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
    return runs ? workflowExecutionInfo : undefined;
  } catch (error) {
    if (grpcCode(error) === GRPC.notFound) return undefined;
    throw error;
  }
}

/** Undefined for an account that records nothing yet, and for what is none. */
async function toAccount({ decoder }: RegistryAccess, row: Row): Promise<RegistryAccount | undefined> {
  const workflowId = row.execution?.workflowId ?? '';
  const ref = accountFromWorkflowId(workflowId);
  if (!ref) return undefined;
  const attributes = row.searchAttributes?.indexedFields ?? {};
  const text = async (name: string): Promise<string | null> => {
    const value = await decoder.payload(attributes[name], workflowId);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const [chain, drift] = [await text('Chain'), await text('Drift')];
  const base = {
    id: accountId(ref),
    tenant: ref.tenant,
    runId: row.execution?.runId ?? '',
    chain: CHAINS.find((known) => known === chain) ?? null,
    drift,
  };
  let memo: Partial<AccountMemo>;
  try {
    memo = (await decoder.fields(row.memo?.fields, workflowId)) as Partial<AccountMemo>;
  } catch {
    return { ...base, status: 'unreadable', cap: 'repair', version: 0, connections: null };
  }
  const { state, registry } = memo;
  if (memo.sweep === true) return undefined;
  if (state === 'onboarding' || (registry?.connections?.length === 0 && state !== 'interrupted')) return undefined;
  return {
    ...base,
    status: state === 'live' ? 'live' : state === 'interrupted' ? 'interrupted' : state ? 'busy' : 'unreadable',
    cap: capNow(registry?.cap ?? null),
    version: registry?.version ?? 0,
    connections: registry?.connections?.map(([name, place, marks]) => ({ name, place, marks })) ?? null,
  };
}

/** What runs may do to an account at this moment. */
export function capNow(
  cap: { mode: ReconciliationMode; until: string | null } | null,
  now = Date.now(),
): ReconciliationMode {
  return cap && (cap.until === null || Date.parse(cap.until) > now) ? cap.mode : 'repair';
}

/** The marks in a text of them, as bytes. */
export function marksOf(marks: string): Buffer[] {
  const count = Math.floor(marks.length / MARK_LENGTH);
  return Array.from({ length: count }, (_, n) =>
    Buffer.from(marks.slice(n * MARK_LENGTH, (n + 1) * MARK_LENGTH), 'base64url'),
  );
}
