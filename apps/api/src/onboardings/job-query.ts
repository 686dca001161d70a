import type { Chain, JobStatus, ListedWait, OperationKind } from '#libs/contracts/index.js';
import { PROBLEMS_ATTRIBUTE } from '#libs/history/event.js';
import { operationType } from '#libs/history/locate.js';
import { quoted } from '#libs/history/rows.js';

/** What a list of jobs is narrowed to. */
export interface JobFilter {
  /** Tenants of the caller; null: all. */
  tenants: readonly string[] | null;
  tenant?: string | undefined;
  status?: JobStatus | undefined;
  waitingFor?: ListedWait | undefined;
  chain?: Chain | undefined;
  account?: string | undefined;
  /** Kinds of operation; absent: onboard, amend and offboard. */
  kinds?: readonly OperationKind[] | undefined;
}

const QUEUED = "(WorkflowType = 'account' AND OnboardingStatus = 'queued')";
/** What a list shows unless it is asked for other kinds: what people start. */
const DEFAULT_KINDS: readonly OperationKind[] = ['onboard', 'amend', 'offboard'];
/** Holds for no workflow. */
const NEVER = "(WorkflowType = 'account' AND OnboardingStatus = 'never')";
const CUT_OFF = "ExecutionStatus IN ('Terminated', 'TimedOut')";
const UNDECIDED = "OnboardingStatus IN ('queued', 'running', 'waiting', 'held', 'rolling-back')";

/** Jobs by visibility: operations, and accounts whose onboarding has not been picked up (`docs/temporal.md` §10). */
export function jobQuery({
  tenants,
  tenant,
  status,
  waitingFor,
  chain,
  account,
  kinds = DEFAULT_KINDS,
}: JobFilter): string {
  const operations = `WorkflowType IN (${kinds.map((kind) => quoted(operationType(kind))).join(', ')})`;
  const queued = kinds.includes('onboard') ? QUEUED : NEVER;
  const parts = [
    status === undefined ? `(${operations} OR ${queued})` : statusQuery(status, operations, queued),
    ...(tenants === null ? [] : [`Tenant IN (${tenants.map(quoted).join(', ')})`]),
    ...(tenant === undefined ? [] : [`Tenant = ${quoted(tenant)}`]),
    ...(waitingFor === undefined ? [] : [waitingQuery(waitingFor)]),
    ...(chain === undefined ? [] : [`Chain = ${quoted(chain)}`]),
    ...(account === undefined ? [] : [accountCondition(tenant, account)]),
  ];
  return parts.join(' AND ');
}

/** One that cannot go on keeps what it waited for before. */
function waitingQuery(kind: ListedWait): string {
  const open = "ExecutionStatus = 'Running'";
  if (kind === 'engine') return `${open} AND ${PROBLEMS_ATTRIBUTE} IS NOT NULL`;
  return `${open} AND WaitingFor = ${quoted(kind)} AND ${PROBLEMS_ATTRIBUTE} IS NULL`;
}

/** An account that was closed while its onboarding was queued keeps that attribute: how it closed tells the status. */
function statusQuery(status: JobStatus, operations: string, queued: string): string {
  const operation = `(${operations} AND OnboardingStatus = ${quoted(status)}`;
  switch (status) {
    case 'queued':
      return `(${queued} AND ExecutionStatus = 'Running')`;
    case 'running':
    case 'waiting':
    case 'held':
    case 'rolling-back':
      return `${operation} AND ExecutionStatus = 'Running')`;
    case 'cancelled':
      return `(${operation}) OR (${queued} AND ExecutionStatus IN ('Canceled', 'Completed')))`;
    case 'interrupted':
      return `((${operations} OR ${queued}) AND (${CUT_OFF} OR (ExecutionStatus = 'Failed' AND ${UNDECIDED})))`;
    default:
      return `${operation})`;
  }
}

/** The attribute holds `{tenant}.{account}`; a name alone is one of the tenant that is asked for. */
function accountCondition(tenant: string | undefined, account: string): string {
  return `Account = ${quoted(account.includes('.') ? account : `${tenant ?? ''}.${account}`)}`;
}
