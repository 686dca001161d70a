import type { Chain, JobStatus } from '#libs/contracts/index.js';
import { OPERATION_TYPES } from '../engine/locate.js';
import { quoted } from '../engine/rows.js';

/** What a list of jobs is narrowed to. */
export interface JobFilter {
  /** Tenants of the caller; null: all. */
  tenants: readonly string[] | null;
  tenant?: string | undefined;
  status?: JobStatus | undefined;
  chain?: Chain | undefined;
}

const QUEUED = "(WorkflowType = 'account' AND OnboardingStatus = 'queued')";
const OPERATIONS = `WorkflowType IN (${OPERATION_TYPES.map(quoted).join(', ')})`;
const CUT_OFF = "ExecutionStatus IN ('Terminated', 'TimedOut')";
const UNDECIDED = "OnboardingStatus IN ('queued', 'running', 'waiting', 'held', 'rolling-back')";

/** Jobs by visibility: operations, and accounts whose onboarding has not been picked up (`docs/temporal.md` §10). */
export function jobQuery({ tenants, tenant, status, chain }: JobFilter): string {
  const parts = [
    status === undefined ? `(${OPERATIONS} OR ${QUEUED})` : statusQuery(status),
    ...(tenants === null ? [] : [`Tenant IN (${tenants.map(quoted).join(', ')})`]),
    ...(tenant === undefined ? [] : [`Tenant = ${quoted(tenant)}`]),
    ...(chain === undefined ? [] : [`Chain = ${quoted(chain)}`]),
  ];
  return parts.join(' AND ');
}

/** An account that was closed while its onboarding was queued keeps that attribute: how it closed tells the status. */
function statusQuery(status: JobStatus): string {
  const operation = `(${OPERATIONS} AND OnboardingStatus = ${quoted(status)}`;
  switch (status) {
    case 'queued':
      return `(${QUEUED} AND ExecutionStatus = 'Running')`;
    case 'running':
    case 'waiting':
    case 'held':
    case 'rolling-back':
      return `${operation} AND ExecutionStatus = 'Running')`;
    case 'cancelled':
      return `(${operation}) OR (${QUEUED} AND ExecutionStatus IN ('Canceled', 'Completed')))`;
    case 'interrupted':
      return `((${OPERATIONS} OR ${QUEUED}) AND (${CUT_OFF} OR (ExecutionStatus = 'Failed' AND ${UNDECIDED})))`;
    default:
      return `${operation})`;
  }
}
