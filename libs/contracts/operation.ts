import type { ReconciliationCap } from './account.js';
import type { AccountDrift } from './drift.js';
import type { ErrorCode } from './errors.js';
import type { OwnedResource } from './ownership.js';
import type { ConnectionRef } from './fleet.js';
import type { Plan } from './plan.js';
import type { SweepOutcome, SweepTarget } from './scan.js';

export const OPERATION_KINDS = ['onboard', 'amend', 'offboard', 'reconcile', 'sweep'] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

/** Name of the signal by which an operation is queued on an account that is there. */
export const OPERATION_SIGNAL = 'operation';

/** Most operations that may wait in an account's line. */
export const QUEUE_LIMIT = 10;

interface Requested {
  /** Names the attempt in every answer, and the request: a repeated one is dropped. A UUID made by the API. */
  runId: string;
  /** The caller's key id, for the audit. */
  by: string;
  /** RFC 3339 UTC. */
  at: string;
  /** Public base of the API, for the links of notifications. */
  publicUrl?: string;
}

/** Brings a first plan to stand. */
export interface OnboardRequest extends Requested {
  kind: 'onboard';
  plan: Plan;
}

/** Brings a live, or an interrupted, account to another plan. */
export interface AmendRequest extends Requested {
  kind: 'amend';
  plan: Plan;
}

/** Takes an account off again. */
export interface OffboardRequest extends Requested {
  kind: 'offboard';
  reason?: string;
}

/** Compares an account with the vendors, and repairs it if asked to. */
export interface ReconcileRequest extends Requested {
  kind: 'reconcile';
  mode: 'observe' | 'repair';
  /** Whether the secrets of all owned objects are written again. Absent: false. */
  rewriteSecrets?: boolean;
  /** Who asked: a person, or a run over the fleet. */
  origin: 'person' | 'fleet';
}

/** Removes objects that carry the marker of an account that is not there. */
export interface SweepRequest extends Requested {
  kind: 'sweep';
  connection: ConnectionRef;
  targets: SweepTarget[];
}

/** An operation in an account's line. */
export type OperationRequest = OnboardRequest | AmendRequest | OffboardRequest | ReconcileRequest | SweepRequest;

/** What is taken between two operations and runs no workflow of its own. */
export type AccountNote =
  | { kind: 'note'; id: string; revision: number; at: string; mode: 'observe' | 'repair'; drift: AccountDrift }
  | { kind: 'cap'; id: string; at: string; cap: ReconciliationCap };

/** The payload of the signal `operation`. */
export type LineEntry = OperationRequest | AccountNote;

/** Whether what came by the signal is an operation and not a note. */
export function isOperation(entry: LineEntry): entry is OperationRequest {
  return entry.kind !== 'note' && entry.kind !== 'cap';
}

/** The plan that a request brings; null for one that needs none. */
export function requestedPlan(request: OperationRequest): Plan | null {
  return request.kind === 'onboard' || request.kind === 'amend' ? request.plan : null;
}

/** What an account stands by: its plan and the objects that it records. */
export interface Standing {
  plan: Plan;
  resources: OwnedResource[];
}

/**
 * Input of every operation's workflow: the transition from what the account records to what is wanted. Onboarding is (nothing, P),
 * amending (P, P'), repairing (P, P), offboarding (P, nothing).
 */
export interface OperationInput {
  kind: OperationKind;
  runId: string;
  by: string;
  /** RFC 3339 UTC, when the operation was accepted. */
  acceptedAt: string;
  tenant: string;
  account: string;
  /** What the account recorded when the operation began: undo leads back to it. Null: nothing. */
  from: Standing | null;
  /** What is wanted. Null: nothing. */
  to: Plan | null;
  /**
   * The plan of an operation that was cut off before: every node of it counts as possibly in flight. Absent: none was.
   */
  interrupted?: Plan;
  /** The same of operations that were cut off before that one, latest first. Absent: none. */
  interruptedBefore?: Plan[];
  /** Of a sweep. */
  sweep?: Pick<SweepRequest, 'connection' | 'targets'>;
  /** Of a reconciliation. */
  reconcile?: Pick<ReconcileRequest, 'mode' | 'rewriteSecrets' | 'origin'> & { drift?: AccountDrift };
  /** Public base of the API, for the links of notifications; absent: they are paths. */
  publicUrl?: string;
}

/** What an operation that succeeded leaves at the vendors. */
export interface OperationResult {
  resources: OwnedResource[];
  /** The plan that stands, where a retry has corrected the one that the operation was started with. */
  plan?: Plan;
  /** What differs still. Absent: nothing is known to. */
  drift?: AccountDrift;
  /** Of a reconciliation: what was done. */
  repair?: RepairReport;
  /** Of a sweep: what became of each orphan. */
  swept?: SweepOutcome[];
}

/** What a repair has done. */
export interface RepairReport {
  /** Keys of nodes that were brought back to the plan. */
  repaired: string[];
  /** Objects that were made anew: the id that was recorded and the one that is now. */
  replaced: { key: string; before: string; after: string }[];
  /** Keys of nodes for which the vendor has issued new credentials. */
  reissued: string[];
}

/** What could not be undone. */
export interface Leftover {
  key: string;
  externalId: string;
  reason: string;
}

/** Details of the failure with which an operation closes when it did not succeed. */
export interface CloseDetails {
  status: 'rolled-back' | 'cancelled' | 'rejected' | 'rollback-incomplete' | 'failed';
  reason: string;
  code: ErrorCode | null;
  step: string | null;
  leftovers: Leftover[];
  /** What stands of what the account recorded or the operation made; an account that goes on records it. Absent: nothing. */
  resources?: OwnedResource[];
  /** What differs from the plan that the account goes on with. Absent: nothing is known to. */
  drift?: AccountDrift;
}
