import type { Difference } from './difference.js';
import type { DriftEntry } from './drift.js';
import type { VendorFault } from './errors.js';
import type { JsonObject } from './json.js';
import type { Vendor } from './names.js';
import type {
  Issued,
  IssuedFor,
  Outcome,
  OwnedResource,
  Ownership,
  Provisioned,
  Trace,
  VerificationLevel,
} from './ownership.js';
import type { Plan, PlanNode } from './plan.js';

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
  /** True when something carries the account's marker for the node. Absent: nothing does. */
  own?: true;
  /** What an `ensure` would do now. wait: it is a condition and no object, which the job waits for. */
  action: 'create' | 'adopt' | 'update' | 'unchanged' | 'shared' | 'conflict' | 'wait';
  /** Why, as a sentence. */
  reason: string;
  /** For `update` and `adopt`: the fields that differ, secrets never. Absent: none. */
  changes?: Difference[];
  /** Sentences on what a person should know of and what changes nothing. Absent: none. */
  warnings?: string[];
  /** For `adopt`: the body as it stood, secret fields removed, so that undo can put it back. */
  former?: JsonObject;
}

/** A node that is looked at. */
export interface LookedNode extends ResolvedNode {
  /** The body that stood for it before, by the record. Absent: nothing was written before. */
  previous?: JsonObject;
}

/** One activity per connection: lists what the nodes could meet. */
export interface LookInput {
  vendor: Vendor;
  connection: string;
  /**
   * Bodies may still hold references; those to nodes of the same connection are filled in from what is found. Long texts stand in them
   * as `{"$text": index}`.
   */
  nodes: LookedNode[];
  /** The long texts of the nodes, each once, however many nodes share one. */
  texts: string[];
  /** What the account records on the connection. */
  known: OwnedResource[];
}
export interface LookResult {
  findings: LookFinding[];
}

/** Input of `previewPlan`: the look of a dry run. */
export interface PreviewInput {
  plan: Plan;
  /** What the account records already; empty for a new one. */
  known: OwnedResource[];
}
export interface PreviewResult {
  findings: LookFinding[];
}

/** What an operation knows of a node's object. Made in one place, and given to every verb. */
export interface Knowledge {
  /** What the account recorded of the node when the operation began: what undo leads back to. Null: nothing. */
  recorded: OwnedResource | null;
  /** What the last step of this operation that answered made of it. Null: none did. */
  made: EnsureResult | null;
  /** What the operation's look saw; null when there was none. */
  looked: LookFinding | null;
  /** The object that a step had brought to stand before it failed: it is the outcome of its create. Absent: none. */
  provisioned?: Provisioned;
  /** Set when a step never answered: RFC 3339 UTC of when that became known. A write of it may still take effect. */
  inFlightSince: string | null;
  /** Objects that steps were removing, and what was issued for them: that must be of no use any more. Absent: none. */
  removing?: IssuedFor[];
}

/** The object that a node has, as far as is known: what this operation made, else what the account recorded. */
export function currentObject({
  made,
  recorded,
}: Knowledge): Pick<OwnedResource, 'externalId' | 'ownership' | 'former' | 'issued'> | null {
  return made ?? recorded;
}

export interface EnsureInput {
  node: ResolvedNode;
  knowledge: Knowledge;
  /** True for the node's first scheduling in the operation: its first attempt may rest on what the look saw. */
  first: boolean;
  /**
   * The body that stood for this node before, by the record or by a former scheduling, with the secrets that were written; empty where
   * it is not known. What it named and the node does not goes back to its default; secrets, which cannot be read back, are written
   * where the two differ. Absent: nothing was written before.
   */
  previous?: JsonObject;
  /** Whether secrets are written though nothing is known to differ. Absent: false. */
  rewriteSecrets?: boolean;
  /** True where the step leads back to what is recorded: it may run though the tenant has lost its right to the connection. */
  back?: true;
}
export interface EnsureResult {
  externalId: string;
  ownership: Ownership;
  outcome: Outcome;
  /** What other nodes may refer to; always holds `id`. */
  outputs: { [field: string]: string };
  /** Of an adopted object: the body before it was first taken over, secret fields removed. */
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
  /** For a resource that lists show whole. */
  trace?: Trace;
}

/**
 * undo: back to what the account recorded when the operation began. keep: the same, and what stood before the operation stays though it
 * carries the account's marker (undo of an amendment). remove: nothing of the account stays, what it recorded included.
 */
export const REMOVE_GOALS = ['undo', 'keep', 'remove'] as const;
export type RemoveGoal = (typeof REMOVE_GOALS)[number];

export interface RemoveInput {
  node: ResolvedNode;
  knowledge: Knowledge;
  goal: RemoveGoal;
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
  externalId: string;
  ownership: Ownership;
}
export interface ObserveResult {
  status: 'present' | 'missing' | 'changed';
  fields: Difference[];
}

/** One activity per connection: compares what an account records with what stands, and changes nothing. */
export interface InspectInput {
  vendor: Vendor;
  connection: string;
  /** References filled in; long texts stand as in `LookInput`. */
  nodes: InspectedNode[];
  texts: string[];
}
export interface InspectedNode {
  node: ResolvedNode;
  /** Null for a condition. */
  recorded: OwnedResource | null;
  /** True where a person does the node: the engine cannot read the object, and only asks whether what was issued for it works. */
  byPerson?: true;
  /** Paths of fields that are not compared, as `Difference.path` has them, `[]` for every item. */
  ignored: string[];
}
export interface InspectResult {
  /** Keys of the nodes that were read. */
  keys: string[];
  drift: Omit<DriftEntry, 'since'>[];
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

/** How far a list is read that a step waits for. */
export interface ReadingNote extends JsonObject {
  /** Resource name of what is listed: `channel`. */
  kind: string;
  /** Calls of the reading that have been answered. */
  page: number;
  /** How many there will be in all, about; null while that is not known. */
  of: number | null;
  /** Set while a call of it fails and is made again. `since`: RFC 3339 UTC. */
  fault: { code: string; httpStatus: number | null; message: string; since: string } | null;
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
  stands?: Provisioned & { since: string };
  /** Objects that are being removed, and what was issued for them: the next attempt asks about it though they are gone. */
  removing?: IssuedFor[];
  /** The lists that the step waits for, for whoever follows it; of no meaning to the next attempt. Absent or empty: none. */
  readings?: ReadingNote[];
}

/** What undo must know of a step that did not end well, however its attempt ended. */
export interface StepKnowledge {
  /** True while a write of the step may still take effect: undo must wait for it. */
  unclear: boolean;
  attempt: number;
  /** The object that the step had brought to stand before it failed. */
  provisioned?: Provisioned;
  /** As in `HeartbeatDetails`. */
  removing?: IssuedFor[];
}

/** Details of the failure with which a step's attempt ends. */
export interface StepFailureDetails extends VendorFault, StepKnowledge {}
