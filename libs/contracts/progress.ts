import type { ErrorCode } from './errors.js';
import type { Leftover, OperationKind, RepairReport } from './operation.js';
import type { DriftKind } from './drift.js';
import type { Outcome } from './ownership.js';
import type { Chain, Vendor } from './names.js';
import type { NotificationProgress } from './notifications.js';

/** Status of a job (`docs/http.md` §4.2); also the value of the search attribute `OnboardingStatus`. */
export const JOB_STATUSES = [
  'queued',
  'running',
  'waiting',
  'held',
  'rolling-back',
  'rollback-incomplete',
  'succeeded',
  'rolled-back',
  'cancelled',
  'rejected',
  'interrupted',
  /** Of a reconciliation or a sweep alone: it could not be read, or a write of the repair was refused. */
  'failed',
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export const STEP_STATUSES = [
  'pending',
  'running',
  'retrying',
  'waiting',
  'done',
  'failed',
  'undoing',
  'undone',
  'kept',
  'undo-failed',
  'skipped',
] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

export const WAIT_KINDS = ['retry', 'vendor', 'handoff', 'operator', 'worker', 'engine'] as const;
export type WaitKind = (typeof WAIT_KINDS)[number];

/** Waits that lists know of: the others begin and end without a trace in the history. */
export const LISTED_WAITS = ['vendor', 'handoff', 'operator', 'engine'] as const satisfies readonly WaitKind[];
export type ListedWait = (typeof LISTED_WAITS)[number];

export interface WaitingFor {
  kind: WaitKind;
  since: string;
  until?: string;
  who?: string;
  instruction?: string;
}

export interface StepError {
  code: ErrorCode;
  message: string;
  httpStatus: number | null;
  vendorCode: string | null;
  retryAt: string | null;
}

export interface StepProgress {
  key: string;
  vendor: Vendor;
  resource: string;
  title: string;
  status: StepStatus;
  origin: Outcome | null;
  needs: string[];
  externalId: string | null;
  attempt: number;
  startedAt: string | null;
  endedAt: string | null;
  lastError: StepError | null;
  /** Of a reconciliation: what differs of the object. Absent in every other operation. */
  drift?: DriftKind | null;
}

/** Progress of one run of a job (`docs/http.md` §4.2). Times are RFC 3339 UTC. */
export interface Progress {
  id: string;
  runId: string;
  tenant: string;
  account: string;
  chain: Chain;
  kind: OperationKind;
  status: JobStatus;
  startedAt: string;
  updatedAt: string;
  closedAt: string | null;
  percent: number;
  reason: string | null;
  waitingFor: WaitingFor | null;
  steps: StepProgress[];
  leftovers: Leftover[];
  /** Of a reconciliation that repaired something: what was done. */
  repair?: RepairReport;
  /** Events told to whoever asked for them, one for each receiver; there when the spec asks for some. */
  notifications?: NotificationProgress[];
  links: { self: string; events: string; temporalUi: string | null };
}

/** Why a job was cancelled, for whoever reads its reason. */
export function cancelledBy({ by, reason }: { by: string; reason: string }): string {
  return `Cancelled by ${by}: ${reason}`;
}

/** The search attributes of our workflows: all of Temporal's type Keyword, ids and enums only. */
export const SEARCH_ATTRIBUTES = [
  'Job',
  'OnboardingStatus',
  'WaitingFor',
  'ErrorCode',
  'Step',
  'Tenant',
  'Chain',
  'Account',
  'Drift',
] as const;
export type SearchAttribute = (typeof SEARCH_ATTRIBUTES)[number];
