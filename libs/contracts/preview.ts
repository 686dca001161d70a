import type { Difference } from './difference.js';
import type { Vendor } from './names.js';
import type { Standing } from './operation.js';
import type { Plan } from './plan.js';
import type { LookFinding, RemoveInput } from './steps.js';

/** The operations of which it can be told what they would do. */
export const PREVIEWED_OPERATIONS = ['onboard', 'amend', 'offboard', 'repair'] as const;
export type PreviewedOperation = (typeof PREVIEWED_OPERATIONS)[number];

/** Tells a dry run that somebody has read how far it is: it goes on. No argument. */
export const PREVIEW_READ_SIGNAL = 'read';
/** Code by which a dry run ends that nobody has read for too long. */
export const UNREAD = 'UNREAD';

/** Since when what was looked at on a connection is known to have stood: no reading that it rests on began before. */
export interface BasedOn {
  connection: string;
  /** RFC 3339, UTC. */
  at: string;
}

/** Input of `previewPlan`: the transition of which it is told what it would do now. Nothing is written. */
export interface PreviewInput {
  operation: PreviewedOperation;
  /** What the account records, or will by the end of its line. Null: nothing. */
  from: Standing | null;
  /** What is wanted. Null: nothing. */
  to: Plan | null;
  /** Plans of operations that were cut off, or that run and wait before, latest first. Absent: none. */
  cutOff?: Plan[];
  /** Keys of nodes that operations in line before would bring to `from`: what stands says nothing of them. Absent: none. */
  inLine?: string[];
  /** It ends when nobody has read for so long how far it is; milliseconds. Absent: 10 minutes. */
  unreadForMs?: number;
}

/** What an operation would do with a node of the plan that is wanted. */
export interface ForeseenNode {
  key: string;
  action: LookFinding['action'];
  /** Why, as a sentence. */
  reason: string;
  /** The object's id where exactly one is known. */
  externalId: string | null;
  /** The fields that would be written; secrets are hidden on both sides. */
  changes: Difference[];
  warnings: string[];
}

/**
 * remove: an object is deleted. restore: one that was taken over goes back to how it stood. keep: it stays. create, update: as for a
 * plan. person: a person is asked. none: nothing is done.
 */
export const FORESEEN_ACTIONS = ['remove', 'restore', 'keep', 'create', 'update', 'person', 'none'] as const;
export type ForeseenAction = (typeof FORESEEN_ACTIONS)[number];

/** One step of an operation that takes away or repairs, in their order. */
export interface ForeseenStep {
  key: string;
  vendor: Vendor;
  resource: string;
  externalId: string | null;
  action: ForeseenAction;
  reason: string;
  changes: Difference[];
  /** True where it could not be done, so that it would be left over. Absent: false. */
  leftover?: boolean;
}

export interface PreviewResult {
  /** In the order of the plan. Of an offboarding and a repair: empty. */
  nodes: ForeseenNode[];
  /** Of an amendment: what it would remove at the end. */
  steps: ForeseenStep[];
  /** Each connection that was looked at. */
  basedOn: BasedOn[];
}

/** One activity per connection: says what removals would do, one after the other, and does nothing. */
export interface ForeseeInput {
  vendor: Vendor;
  connection: string;
  /** What each removal would be told, in their order. Texts stand as in `LookInput`. */
  removals: RemoveInput[];
  texts: string[];
  /** Whether nothing may be left: whatever carries the account's marker goes too. */
  whole: boolean;
}

/** What a removal would do with one object. */
export type ForeseenRemoval = Omit<ForeseenStep, 'vendor' | 'resource'>;

export interface ForeseeResult {
  removals: ForeseenRemoval[];
}
