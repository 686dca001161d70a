import type { Difference } from './difference.js';
import type { DriftKind } from './drift.js';
import type { JsonObject } from './json.js';
import type { Chain, Vendor } from './names.js';

/** Types of the fleet's workflows. Histories store them: a rename is a migration. */
export const FLEET_WORKFLOW = 'reconcileFleet';
export const SCAN_WORKFLOW = 'scanConnection';
export const SWEEP_WORKFLOW = 'sweepOrphans';

const RECONCILIATION_PREFIX = 'reconciliation/';
const SCAN_PREFIX = 'scan/';
const ADHOC_PREFIX = 'adhoc.';

/** What a server appends to the id of a schedule's workflow for each of its runs. */
const SCHEDULED_TIME = /-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** Name of a schedule: 1..64 characters, lower-case letters, digits and inner hyphens. Without a dot, so that no ad hoc run has it. */
export const SCHEDULE_NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** The id of a run that somebody asked for: `adhoc.{uuid}`. */
export function adhocReconciliationId(uuid: string): string {
  return `${ADHOC_PREFIX}${uuid}`;
}

/** Workflow id of a run over the fleet, or of a schedule's action (the server appends the time to that one), by its id in every answer. */
export function reconciliationWorkflowId(id: string): string {
  return `${RECONCILIATION_PREFIX}${id}`;
}

/** The id of a run over the fleet in every answer: `adhoc.{uuid}` or `{schedule}-{time}`; undefined for any other workflow. */
export function reconciliationFromWorkflowId(workflowId: string): string | undefined {
  return workflowId.startsWith(RECONCILIATION_PREFIX) ? workflowId.slice(RECONCILIATION_PREFIX.length) : undefined;
}

/** The schedule whose run an id names; null for one that somebody asked for. */
export function scheduleOfReconciliation(id: string): string | null {
  return id.startsWith(ADHOC_PREFIX) ? null : id.replace(SCHEDULED_TIME, '');
}

/** Workflow id of the scan of a connection: one at a time over all runs. */
export function scanWorkflowId({ vendor, name }: ConnectionRef): string {
  return `${SCAN_PREFIX}${vendor}/${name}`;
}

/** Task queue of a connection's scans, with one slot. */
export function scanTaskQueue({ vendor, name }: ConnectionRef): string {
  return `${vendor}/${name}/scan`;
}

/** A connection by its names. */
export interface ConnectionRef {
  vendor: Vendor;
  name: string;
}

export const FLEET_MODES = ['observe', 'repair'] as const;
export type FleetMode = (typeof FLEET_MODES)[number];

/** Which accounts a run is about. */
export interface FleetScope {
  /** One tenant; null: all that `tenants` names. */
  tenant: string | null;
  chain: Chain | null;
  /** The tenants that the caller may see, in no order; null: all. */
  tenants: readonly string[] | null;
}

/** Input of `reconcileFleet`. What is left out of its limits is the connections file's as the run begins. */
export interface ReconcileFleetInput extends FleetScope {
  /** Name of the schedule that starts it; null: somebody asked for it. The run's id is its workflow's. */
  schedule: string | null;
  /** Id of the key that asked for it, or made the schedule. */
  by: string;
  mode: FleetMode;
  /** Id of a finished observe run: exactly its accounts are looked at and repaired. Only with mode `repair`. Null: none. */
  from: string | null;
  /** Whether orphans that an earlier run has listed are removed. Only with mode `repair`. */
  removeOrphans: boolean;
  /** Most accounts that are repaired. */
  maxRepairs?: number;
  /** Most orphans that are removed. */
  maxRemovals?: number;
  /** Share of a connection's accounts, above 0, at most 1, beyond which a run stops; overrules the file for `share` and `same-field` only. */
  stopShare?: number;
  /** Accounts of a connection that must differ before a run stops; overrules the file for `share` and `same-field` only. */
  stopCount?: number;
  /** Public base of the API, for the links of notifications; absent: they are paths. */
  publicUrl?: string;
}

/** `reconciliation:` of the connections file. Durations are milliseconds. */
export interface ReconciliationLimits {
  /** Share of a connection's accounts in scope beyond which a run stops, above 0, at most 1. */
  stopShare: number;
  /** And at least so many of them. */
  stopCount: number;
  /** Most accounts that a run repairs. */
  maxRepairs: number;
  /** Most orphans that a run removes. */
  maxRemovals: number;
  /** How long before its removal an earlier run must have listed an orphan; 0: no earlier run is asked for. */
  orphanAgeMs: number;
}

/** The signal by which a run over the fleet is stopped after its open calls. */
export const FLEET_CANCEL_SIGNAL = 'cancel';

/** The payload of that signal. */
export interface FleetCancel {
  /** A UUID, the `commandId` of the answer. */
  id: string;
  by: string;
  reason: string;
  /** RFC 3339 UTC. */
  at: string;
}

/** The query that answers the `FleetReport` of a run that is not over, so far as it is known. Needs a worker. */
export const FLEET_REPORT_QUERY = 'report';

export const FLEET_STATUSES = ['running', 'completed', 'stopped', 'failed'] as const;
export type FleetStatus = (typeof FLEET_STATUSES)[number];

/** Accounts in the scope of a run. `accounts` = `inSync` + `drifted` + `busy` + `interrupted` + `unreadable`. */
export interface FleetCounts extends JsonObject {
  accounts: number;
  inSync: number;
  drifted: number;
  /** Something ran or waited, or began since the registry was read: nothing is said of them. */
  busy: number;
  /** Those that a cap keeps from being looked at (counted nowhere else) or repaired (counted among the drifted ones). */
  capped: number;
  interrupted: number;
  unreadable: number;
  /** Objects, not accounts. */
  orphans: number;
  repaired: number;
  /** Drifted ones that were left for another run. */
  deferred: number;
}

export const STOP_RULES = ['share', 'same-field', 'emptied', 'no-accounts', 'orphans', 'cancelled'] as const;
export type StopRule = (typeof STOP_RULES)[number];

/** Why a run went no further. */
export type FleetStop = {
  rule: StopRule;
  /** `{vendor}/{name}`; empty for `cancelled`. */
  connection: string;
  /** A sentence for the operator. */
  detail: string;
};

export const CONNECTION_SCAN_STATUSES = ['reading', 'read', 'unreadable', 'by-hand', 'stopped'] as const;
export type ConnectionScanStatus = (typeof CONNECTION_SCAN_STATUSES)[number];

/** What a run has seen of one connection. */
export interface FleetConnection {
  /** `{vendor}/{name}`. */
  connection: string;
  /** by-hand: it is of mode hand-off, and nothing can be read there. */
  status: ConnectionScanStatus;
  /** Why, as a sentence; null where there is nothing to say. */
  reason: string | null;
  /** Accounts in scope that record an object there. */
  accounts: number;
  /** Objects that were read in lists. */
  objects: number;
  vendorCalls: number;
}

/** noted: the account knows of it. deferred: left for another run, `reason` says why. capped: a cap keeps it from being repaired. */
export const FLEET_OUTCOMES = ['noted', 'repaired', 'failed', 'deferred', 'capped'] as const;
export type FleetOutcome = (typeof FLEET_OUTCOMES)[number];

/** What differs of one node of an account. */
export interface FleetItem {
  /** `{tenant}.{account}`. */
  id: string;
  /** Key of the node. */
  key: string;
  kind: DriftKind;
  /** At most 5; the account has the rest. Secrets never. */
  fields: Difference[];
  outcome: FleetOutcome;
  reason: string | null;
}

/** An object with our marker that no account claims. */
export interface FleetOrphan {
  vendor: Vendor;
  resource: string;
  externalId: string;
  /** As it stands at the vendor: `gw:{installation}:{tenant}.{account}:{node}`. */
  marker: string;
  removed: boolean;
  /** Why it was not removed, or that it only was listed; null where there is nothing to say. */
  reason: string | null;
}

/** By what a later run knows an orphan again: vendors give the same id on two connections, and some give one anew. */
export function orphanName({ vendor, resource, externalId, marker }: Omit<FleetOrphan, 'removed' | 'reason'>): string {
  return `${vendor}/${resource}/${externalId}/${marker}`;
}

/** Most items, and most orphans, of a report; `truncated` says that there were more. */
export const REPORT_LIMIT = 200;
/** Most fields of an item. */
export const REPORT_FIELDS_LIMIT = 5;

/** A run over the fleet: what `GET /v1/reconciliations/{id}` answers, the answer of the query, and the workflow's result. */
export interface FleetReport {
  id: string;
  schedule: string | null;
  by: string;
  mode: FleetMode;
  tenant: string | null;
  chain: Chain | null;
  /** completed: every connection was read. failed: at least one was not; what the others showed stands. */
  status: FleetStatus;
  /** RFC 3339 UTC. */
  startedAt: string;
  closedAt: string | null;
  counts: FleetCounts;
  connections: FleetConnection[];
  items: FleetItem[];
  orphans: FleetOrphan[];
  /** Whether there were more items or orphans than the report holds. */
  truncated: boolean;
  stopped: FleetStop | null;
  vendorCalls: number;
}

/**
 * Memo of a run, for lists and rights without reading the history: whoever starts it gives it whole, with `status: running`, no counts
 * and no stop, and the workflow writes these three once more as it ends. Its attributes, given by whoever starts it too: `Job` (the
 * schedule's name, or `adhoc.{uuid}`), `Tenant` and `Chain` where the scope names one. A run that Temporal closed in another way than
 * completed has `failed`.
 */
export interface FleetMemo extends JsonObject {
  schedule: string | null;
  by: string;
  mode: FleetMode;
  tenant: string | null;
  chain: Chain | null;
  tenants: string[] | null;
  from: string | null;
  removeOrphans: boolean;
  status: FleetStatus;
  counts: FleetCounts | null;
  stopped: FleetStop | null;
}

/** Nothing counted. */
export const NO_COUNTS: FleetCounts = {
  accounts: 0,
  inSync: 0,
  drifted: 0,
  busy: 0,
  capped: 0,
  interrupted: 0,
  unreadable: 0,
  orphans: 0,
  repaired: 0,
  deferred: 0,
};

/** The memo of a run as it is started. */
export function fleetMemo(input: ReconcileFleetInput): FleetMemo {
  const { schedule, by, mode, tenant, chain, tenants, from, removeOrphans } = input;
  const scope = { tenant, chain, tenants: tenants === null ? null : [...tenants] };
  return { schedule, by, mode, ...scope, from, removeOrphans, status: 'running', counts: null, stopped: null };
}

/** The report of a run of which nothing is known yet. */
export function emptyReport(id: string, input: ReconcileFleetInput, startedAt: string): FleetReport {
  const { schedule, by, mode, tenant, chain } = input;
  return {
    ...{ id, schedule, by, mode, tenant, chain, status: 'running', startedAt, closedAt: null },
    counts: { ...NO_COUNTS },
    connections: [],
    items: [],
    orphans: [],
    truncated: false,
    stopped: null,
    vendorCalls: 0,
  };
}

/** Heartbeat details of a scan's activity (id `list`), on the queue of `scanTaskQueue`: how far the reading is, without a worker. */
export interface ScanProgress extends JsonObject {
  /** Id of the run over the fleet. */
  run: string;
  resource: string;
  pages: number;
  objects: number;
  vendorCalls: number;
}
