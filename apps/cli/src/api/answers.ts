import type { JsonObject } from '#libs/contracts/json.js';
import type { ErrorCode } from '#libs/contracts/errors.js';
import type {
  FleetConnection,
  FleetCounts,
  FleetMode,
  FleetReport,
  FleetStatus,
  FleetStop,
} from '#libs/contracts/fleet.js';
import type { HandoffKind } from '#libs/contracts/handoff.js';
import type { AccountLifeState, OperationRecord } from '#libs/contracts/account.js';
import type { OperationKind } from '#libs/contracts/operation.js';
import type { Ownership } from '#libs/contracts/ownership.js';
import type { JobStatus, WaitKind } from '#libs/contracts/progress.js';

/** What the API answers, as far as the CLI reads it (`docs/http.md` §4). */
export interface PlanAnswer {
  /** The account's id. */
  id: string;
  /** amend: the account is there, and it is a change of it. */
  kind: 'onboard' | 'amend';
  planHash: string;
  /** The hash of the spec with which it was compared; null: with none. */
  baseSpecHash: string | null;
  nodes: PlannedNode[];
  removals: Removal[];
  undo: string[];
  undoLeadsTo: string;
  /** `externalId`: of what stands in the way; null where no object does. */
  conflicts: { key: string; reason: string; externalId: string | null }[];
  warnings?: Warning[];
}

/** A plan whose vendors are still being read. */
export interface PendingPlan {
  /** Of the plan, not of the account. */
  id: string;
  pages: number;
  /** About how many there will be; null while that is not known. */
  of: number | null;
}

/** One field that would be written; a secret is `[secret]`, and null nothing. */
export interface PlannedChange {
  path: string;
  expected: unknown;
  seen: unknown;
}

export interface PlannedNode {
  key: string;
  vendor: string;
  resource: string;
  needs: string[];
  /** Null when the vendors were not looked at. */
  action: 'create' | 'adopt' | 'update' | 'unchanged' | 'shared' | 'conflict' | 'wait' | null;
  reason: string | null;
  changes: PlannedChange[];
}

type ForeseenAction = 'remove' | 'restore' | 'keep' | 'create' | 'update' | 'person' | 'none';

/** What the spec no longer has. */
export interface Removal {
  key: string;
  externalId: string | null;
  /** Null when the vendors were not looked at. */
  action: ForeseenAction | null;
  reason: string;
}

/** One step of an offboarding or a repair. */
export interface ForeseenStep {
  key: string;
  vendor: string;
  resource: string;
  externalId: string | null;
  action: ForeseenAction;
  reason: string;
  changes: PlannedChange[];
}

export interface AccountPlanAnswer {
  id: string;
  operation: 'offboard' | 'repair';
  steps: ForeseenStep[];
}

export interface Warning {
  pointer: string;
  message: string;
}

export interface StartAnswer {
  id: string;
  runId: string;
  status: JobStatus;
  warnings?: Warning[];
}

/** Answer of what queues an operation on an account. */
export interface OperationAnswer {
  /** Null when nothing is to be done. */
  operationId: string | null;
  status?: JobStatus;
  warnings?: Warning[];
}

export interface CommandAnswer {
  commandId: string;
  /** There when the command is kept, and takes effect later. */
  waitingFor?: { kind: WaitKind; instruction?: string };
}

export interface HandoffAnswer {
  key: string;
  kind: HandoffKind;
  /** The file, byte for byte. */
  manifest: string;
  sha256: string;
  instruction: string;
  contact: string | null;
  /** What is to be handed back. */
  returns: { name: string; secret: boolean }[];
  createdAt: string;
  dueAt: string;
}

export interface ListAnswer<Item> {
  items: Item[];
  nextCursor: string | null;
}

export interface OnboardingItem {
  id: string;
  runId: string;
  kind: OperationKind;
  status: JobStatus;
  chain: string | null;
  waitingFor: { kind: WaitKind } | null;
  errorCode: ErrorCode | null;
  /** Key of the step that the job is at, or failed at. */
  step: string | null;
  startedAt: string;
}

export interface AccountItem {
  id: string;
  chain: string | null;
  /** Null where it cannot be read. */
  state: AccountLifeState | null;
  /** Kinds of drift that are recorded, comma-separated; null for none. */
  drift: string | null;
}

export interface AccountAnswer {
  id: string;
  chain: string;
  state: AccountLifeState;
  lastOperation: OperationRecord | null;
  resources: { key: string; vendor: string; resource: string; externalId: string; origin: Ownership }[];
  lastReconciliation: { at: string; mode: string; status: string } | null;
  drift: { key: string; kind: string; fields: { path: string }[] }[];
  /** The spec as `amend` takes it back; null where nothing is recorded. */
  spec: JsonObject | null;
  specHash: string | null;
  /** The most that runs over the fleet may do to it. */
  reconciliation: { mode: 'off' | 'observe' | 'repair'; until: string | null; by: string; reason: string } | null;
}

/** Answer of what starts a run over many accounts. */
export interface StartedReconciliation {
  id: string;
}

/** A run over many accounts. */
export type ReconciliationAnswer = Omit<FleetReport, 'connections'> & {
  /** Why it was ended from outside, or why less is told than is known. */
  reason: string | null;
  /** `reading`: how far the reading of a connection is; absent or null when there is none. */
  connections: (FleetConnection & { reading?: { resource: string; pages: number; objects: number } | null })[];
};

export interface ReconciliationItem {
  id: string;
  /** Null where it cannot be read. */
  mode: FleetMode | null;
  tenant: string | null;
  chain: string | null;
  status: FleetStatus;
  startedAt: string;
  /** Null while it is under way. */
  counts: FleetCounts | null;
  stopped: FleetStop | null;
}

export interface ScheduleItem {
  name: string;
  cron?: string;
  every?: string;
  timezone: string;
  mode: FleetMode;
  tenant: string | null;
  chain: string | null;
  paused: boolean;
  nextRun: string | null;
}

export interface ScheduleAnswer extends Omit<ScheduleItem, 'nextRun'> {
  jitter?: string;
  removeOrphans: boolean;
  maxRepairs?: number;
  maxRemovals?: number;
  by: string;
  changedAt: string;
  nextRuns: string[];
  lastRuns: { id: string; status: FleetStatus; startedAt: string; closedAt: string | null }[];
  skippedOverlap: number;
  missedCatchup: number;
  overdue: boolean;
  warnings: Warning[];
}
