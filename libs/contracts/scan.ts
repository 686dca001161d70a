import type { DriftEntry } from './drift.js';
import type { ConnectionRef, FleetMode, FleetOrphan, FleetScope, FleetStop, ReconciliationLimits } from './fleet.js';
import type { Chain, Vendor } from './names.js';

/** Types of the activities of a run over the fleet, on the queue of workflows. Histories store them: a rename is a migration. */
export const FLEET_ACTIVITIES = {
  begin: 'fleet.begin',
  note: 'fleet.note',
  repair: 'fleet.repair',
  sweep: 'fleet.sweep',
} as const;

/** Activity type of a connection's scan, on its scan queue. */
export function scanActivityType(vendor: Vendor): string {
  return `${vendor}.scan`;
}

/** Activity types of what `sweepOrphans` does at a connection. */
export function sweepActivityType(vendor: Vendor, verb: 'look' | 'remove'): string {
  return `${vendor}.sweep.${verb}`;
}

/** What of a connection's accounts and objects lets a run stop. */
export interface StopLimits {
  /** For `share` and `same-field`. */
  share: number;
  count: number;
  /** For `orphans`: always the connections file's. */
  orphanShare: number;
  orphanCount: number;
}

/** Input of `fleet.begin`. */
export interface BeginInput extends FleetScope {
  mode: FleetMode;
  /** RFC 3339 UTC, when the run began by the server's clock. */
  startedAt: string;
  from: string | null;
  removeOrphans: boolean;
}

/** Accounts of a run that record objects on the same connections. */
export interface AccountGroup {
  /** `{vendor}/{name}`, sorted. */
  connections: string[];
  accounts: number;
}

/** What a run is about, as it begins. */
export interface BeginResult {
  limits: ReconciliationLimits;
  connections: (ConnectionRef & { byHand: boolean })[];
  groups: AccountGroup[];
  /** Accounts of which nothing is said, by their ids: `busy` and `interrupted` by their memo, `unreadable` where that cannot be read. */
  busy: string[];
  interrupted: string[];
  unreadable: string[];
  /** Accounts whose cap is `off`: they are counted nowhere else. */
  off: number;
  /** Ids of the accounts that the run of `from` has found to differ; null without one. */
  only: string[] | null;
  /** Orphans that an earlier run has listed long enough ago, by `orphanName`; null: no earlier run is asked for. */
  listedBefore: string[] | null;
}

/** Input of `scanConnection` and of its activity. */
export interface ScanInput extends FleetScope {
  /** Id of the run over the fleet. */
  run: string;
  /** RFC 3339 UTC, when the run began by the server's clock. */
  startedAt: string;
  connection: ConnectionRef;
  /** Exactly these accounts are looked at, and no list is read; null: all in scope. */
  only: readonly string[] | null;
  stop: StopLimits;
}

/** An account that differs, or of which recorded drift has gone, as one connection shows it. */
export interface ScannedAccount {
  /** `{tenant}.{account}`. */
  id: string;
  chain: Chain;
  /** The account's run that was compared. */
  runId: string;
  revision: number;
  /** Whether the account's cap keeps it from being repaired. */
  capped: boolean;
  /** `{vendor}/{name}` of all connections on which it records objects. */
  connections: string[];
  /** What differs on this connection, recorded drift that cannot be seen included, each with the time since when it is known. */
  drift: DriftEntry[];
  /** Keys of the account's nodes of which nothing can be read, on any connection. */
  unseen: string[];
  /** Recorded drift of nodes on other connections, with `{vendor}/{name}` of each. */
  elsewhere: { connection: string; entry: DriftEntry }[];
}

/** What a scan has shown of a connection. */
export interface ScanResult {
  status: 'read' | 'unreadable' | 'stopped';
  reason: string | null;
  accounts: number;
  objects: number;
  vendorCalls: number;
  found: ScannedAccount[];
  /** Accounts that differ, also those that `found` has no place for. */
  drifted: number;
  busy: string[];
  interrupted: string[];
  unreadable: string[];
  orphans: FleetOrphan[];
  /** All orphans, also those that are not listed. */
  orphanCount: number;
  /** Whether there were more orphans, or accounts, than the result holds. */
  truncated: boolean;
  stopped: Omit<FleetStop, 'connection'> | null;
}

/** A note to one account. */
export interface NoteRequest {
  /** `{tenant}.{account}`. */
  account: string;
  revision: number;
  drift: { entries: DriftEntry[]; unseen?: string[] };
}

/** Input of `fleet.note`. */
export interface NoteInput {
  run: string;
  mode: FleetMode;
  at: string;
  notes: NoteRequest[];
}

/** Input of `fleet.repair`. */
export interface RepairInput {
  run: string;
  by: string;
  publicUrl?: string;
  accounts: { account: string; runId: string }[];
}

/** How the repair of one account ended. */
export interface RepairOutcome {
  account: string;
  outcome: 'repaired' | 'failed' | 'deferred';
  reason: string | null;
}

/** Input of `fleet.sweep`: orphans of one account that is not there, on one connection. */
export interface SweepOrder {
  run: string;
  by: string;
  /** `{tenant}.{account}` of the marker. */
  account: string;
  connection: ConnectionRef;
  targets: SweepTarget[];
}

/** An orphan that is to go. */
export interface SweepTarget {
  resource: string;
  /** Key of the node in the marker. */
  key: string;
  externalId: string;
}

/** What became of orphans that were to be removed. */
export interface SweepOutcome {
  resource: string;
  externalId: string;
  removed: boolean;
  reason: string | null;
}

/** Input of the two activities of a sweep at a connection. */
export interface SweepStepInput {
  account: { tenant: string; account: string };
  /** The installation is the worker's own. */
  targets: SweepTarget[];
}

/** What the first look of a sweep shows, and how long the second must wait, in milliseconds. */
export interface SweepLook {
  outcomes: SweepOutcome[];
  waitMs: number;
}
