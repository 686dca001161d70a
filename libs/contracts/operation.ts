import type { ErrorCode, VendorFault } from './errors.js';
import type { JsonObject } from './json.js';
import type { Chain, Vendor } from './names.js';
import type { Plan, PlanNode } from './plan.js';

/** Where an object that a plan names came from. */
export const ORIGINS = ['created', 'adopted', 'updated', 'shared', 'unchanged'] as const;
export type Origin = (typeof ORIGINS)[number];

/** How far it is proved that an object does what it is for. partial: it reads back as planned, and no machine can prove more. */
export type VerificationLevel = 'verified' | 'partial';

/** What a vendor issued for an object (an app's credentials), by name; every value is sealed. */
export interface Issued {
  [name: string]: string;
}

/** What was issued for one object. */
export interface IssuedFor extends JsonObject {
  id: string;
  issued: JsonObject & Issued;
}

/** An object that a step has brought to stand, as far as is known of it before its verification ends. */
export interface Stood extends JsonObject {
  id: string;
  origin: Origin;
  /** What was issued for it and is known already; empty: nothing. */
  issued: JsonObject & Issued;
  /** Of one that was taken over: its body before, secret fields removed, so that undo can put it back. Absent: it was not. */
  former?: JsonObject;
}

/** An object at a vendor that an account records. */
export interface OwnedResource {
  key: string;
  vendor: Vendor;
  resource: string;
  connection: string;
  externalId: string;
  origin: Origin;
  /** For adopted ones: the body before it was taken over, secret fields removed. Undo and offboarding put it back. */
  former?: JsonObject;
  issued?: Issued;
  level?: VerificationLevel;
}

export const OPERATION_KINDS = ['onboard', 'amend', 'offboard', 'reconcile', 'sweep'] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

/** An operation in an account's queue. */
export interface OperationRequest {
  kind: OperationKind;
  /** Names the attempt in every answer; a UUID made by the API. */
  runId: string;
  /** The caller's key id, for the audit. */
  by: string;
  /** RFC 3339 UTC. */
  at: string;
  reason?: string;
  /** The desired plan; absent for an offboarding. */
  plan?: Plan;
  /** Address of the account's page in the console, for the current details. */
  consoleUrl?: string;
  /** Public base of the API and its console, for the links of notifications. */
  publicUrl?: string;
}

export const ACCOUNT_STATES = ['onboarding', 'live', 'changing', 'offboarding', 'interrupted'] as const;
export type AccountLifeState = (typeof ACCOUNT_STATES)[number];

/** What is known of the last operation that ended, or of the one that runs. */
export interface OperationRecord {
  id: string;
  kind: OperationKind;
  status: 'running' | 'succeeded' | 'undone' | 'failed' | 'held' | 'rollback-incomplete' | 'interrupted';
  startedAt: string;
  endedAt: string | null;
  reason: string | null;
}

/** The whole state of an account: the input of every run of its workflow. New fields are optional. */
export interface AccountState {
  version: 1;
  tenant: string;
  account: string;
  chain: Chain;
  state: AccountLifeState;
  /** What the account should look like; null until a first operation has succeeded. */
  plan: Plan | null;
  resources: OwnedResource[];
  queue: OperationRequest[];
  lastOperation: OperationRecord | null;
  /** Ids of the last commands taken, newest last, so that a repeated signal is dropped. */
  commands: string[];
}

/** Memo of an account: what a start compares and a list shows without reading the history. */
export interface AccountMemo extends JsonObject {
  runId: string;
  /** The spec that the account stands by: until its onboarding has succeeded the one that it was started with. */
  specHash: string;
  planHash: string;
  state: AccountLifeState;
  chain: Chain;
  /** SHA-256 of the start's Idempotency-Key; empty when none was sent. */
  idempotency: string;
  /** The spec that came with that key, whatever corrections and amendments follow. Absent when none was sent. */
  idempotencySpecHash?: string;
}

/** Input of `onboardAccount`. */
export interface OnboardInput {
  runId: string;
  by: string;
  /** RFC 3339 UTC, when the job was accepted. */
  acceptedAt: string;
  plan: Plan;
  /** What the account recorded when the operation began: undo leads back to it. */
  baseline: OwnedResource[];
  /** Address of the account's page in the console, for the link in the current details; absent: no link. */
  consoleUrl?: string;
  /** Public base of the API and its console, for the links of notifications; absent: they are paths. */
  publicUrl?: string;
}

/** What a job that succeeded leaves at the vendors. */
export interface OnboardResult {
  resources: OwnedResource[];
  /** The plan that stands, where a retry has corrected the one that the job was started with. */
  plan?: Plan;
}

/** What could not be undone. */
export interface Leftover {
  key: string;
  externalId: string;
  reason: string;
}

/** Details of the failure with which an operation closes when it did not succeed. */
export interface CloseDetails {
  status: 'rolled-back' | 'cancelled' | 'rejected' | 'rollback-incomplete';
  reason: string;
  code: ErrorCode | null;
  step: string | null;
  leftovers: Leftover[];
}

/** A node as an activity gets it: references filled in and long texts put back; secrets still sealed. */
export interface ResolvedNode extends PlanNode {
  account: { tenant: string; account: string };
  installation: string;
}

/** What a look saw of one node. */
export interface LookFinding {
  key: string;
  status: 'missing' | 'ours' | 'shared' | 'foreign' | 'ambiguous';
  /** The object's id where exactly one was seen. */
  externalId: string | null;
  /** Ids of all objects that carried the node's marker or its natural key when the job began. */
  before: string[];
  /** What an `ensure` would do now. wait: it is a condition and no object, which the job waits for. */
  action: 'create' | 'adopt' | 'update' | 'unchanged' | 'shared' | 'conflict' | 'wait';
  /** Why, as a sentence. */
  reason: string;
  /** Sentences on what a person should know of and what changes nothing. Absent: none. */
  warnings?: string[];
  /** For `adopt` and `update`: the body as it stood, secret fields removed, so that undo can put it back. */
  former?: JsonObject;
}

/** One activity per connection: lists what the nodes could meet. */
export interface LookInput {
  vendor: Vendor;
  connection: string;
  /** Bodies may still hold references; those to nodes of the same connection are filled in from what is found. */
  nodes: ResolvedNode[];
  /** What the account records of these nodes. */
  known: OwnedResource[];
}
export interface LookResult {
  findings: LookFinding[];
}

export interface EnsureInput {
  node: ResolvedNode;
  /** What the account recorded of this node before the operation, or what a former scheduling of it made. */
  known: OwnedResource | null;
  /** What the job's look saw; null when there was none. */
  looked: LookFinding | null;
  /** True for the node's first scheduling in the job: its first attempt may rest on `looked`. */
  first: boolean;
  /** Set when a former scheduling never answered: RFC 3339 UTC of when that became known. A create of it may still take effect. */
  mayBeInFlightSince: string | null;
  /** The object that a former scheduling had brought to stand before it failed: it is the outcome of its create. */
  stood?: Stood;
  /**
   * Set when a corrected spec took the place of what a former scheduling wrote: that body, empty where it is not known. Secrets cannot
   * be read back, so those in which the two differ are written though nothing else does.
   */
  applied?: JsonObject;
}
export interface EnsureResult {
  externalId: string;
  origin: Origin;
  /** What other nodes may refer to; always holds `id`. */
  outputs: { [field: string]: string };
  /** The body before an update or an adoption, secret fields removed. */
  former?: JsonObject;
  /** Whether a settle pass must follow before success: it took more than one attempt, or several objects of ours were seen. */
  settle: boolean;
  /** RFC 3339 UTC until which a create of a former attempt may still take effect; null when none can. Undo waits for it. */
  inFlightUntil: string | null;
  /** A short sentence on what was done, for the log. */
  message: string;
  /** For a resource to which its vendor issues something. */
  issued?: Issued;
  /** Names of what the vendor issues and does not show: a person may supply it. Absent: nothing is lacking. */
  lacks?: string[];
  /** For a resource that is verified once it stands. */
  level?: VerificationLevel;
}

export interface RemoveInput {
  node: ResolvedNode;
  /** What the account recorded of this node when the operation began: what undo leads back to. Null: nothing may stay. */
  baseline: OwnedResource | null;
  /** What this operation's `ensure` answered; null when it never did. */
  made: EnsureResult | null;
  /** What the job's look saw; null when there was none. */
  looked: LookFinding | null;
  /** As in `EnsureInput`; undo waits until the call can no longer take effect. */
  mayBeInFlightSince: string | null;
  /** The object that stood when the step failed: its verification did not end well. */
  stood?: Stood;
  /** Objects that former schedulings were removing, and what was issued for them: that must be of no use any more. Absent: none. */
  removing?: IssuedFor[];
}
export interface RemoveResult {
  /** removed: was there, is gone. absent: nothing was there. restored: the former body is back. kept: left alone on purpose. */
  outcome: 'removed' | 'absent' | 'restored' | 'kept';
  /** Ids that were removed. */
  removed: string[];
  /** Why something was kept; else a short sentence on what was done. */
  message: string;
}

/** Looks at one object and changes nothing. */
export interface ObserveInput {
  node: ResolvedNode;
  recorded: OwnedResource;
}
export interface ObserveResult {
  status: 'present' | 'missing' | 'changed';
  /** Paths of fields that differ. */
  fields: string[];
}

/** Removes what is ours of this node and is not the recorded object: the trace of attempts presumed dead. */
export interface SettleInput {
  node: ResolvedNode;
  recorded: string;
  looked: LookFinding | null;
}
export interface SettleResult {
  removed: string[];
}

/** What an activity's heartbeat carries to the next attempt and, at a heartbeat timeout, to the workflow. Never steps back from `posting`. */
export interface HeartbeatDetails extends JsonObject {
  /** posting: a create was about to be sent; it may still take effect. */
  phase: 'looking' | 'posting';
  /** True once a create of a former attempt can no longer take effect: every settle look has passed. */
  settled: boolean;
  /** An update was about to be sent, and no clear answer came: it may still take effect. */
  writing?: boolean;
  /** When the step first failed, RFC 3339 UTC; null while it has not. Counts for `giveUpAfter`. */
  firstFaultAt: string | null;
  /** The object that the step has brought to what is planned, and since when (RFC 3339 UTC): only its verification is open. */
  stands?: Stood & { since: string };
  /** Objects that are being removed, and what was issued for them: the next attempt asks about it though they are gone. */
  removing?: IssuedFor[];
}

/** What undo must know of a step that did not end well, however its attempt ended. */
export interface StepKnowledge {
  /** True while a write of the step may still take effect: undo must wait for it. */
  unclear: boolean;
  attempt: number;
  /** The object that the step had brought to stand before it failed. */
  stood?: Stood;
  /** As in `HeartbeatDetails`. */
  removing?: IssuedFor[];
}

/** Details of the failure with which a step's attempt ends. */
export interface StepFailureDetails extends VendorFault, StepKnowledge {}
