import type { AccountDrift } from './drift.js';
import type { JsonObject } from './json.js';
import type { Chain } from './names.js';
import { requestedPlan, type OperationKind, type OperationRequest, type Standing } from './operation.js';
import type { OwnedResource } from './ownership.js';
import type { Plan } from './plan.js';
import type { RegistryMemo } from './registry.js';

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

export const RECONCILIATION_MODES = ['off', 'observe', 'repair'] as const;
export type ReconciliationMode = (typeof RECONCILIATION_MODES)[number];

/** The most that fleet runs may do to an account, as a person set it. */
export interface ReconciliationCap {
  mode: ReconciliationMode;
  /** RFC 3339 UTC; null: until it is set anew. */
  until: string | null;
  by: string;
  reason: string;
}

/** How the last reconciliation of an account ended. */
export interface ReconciliationRecord {
  /** RFC 3339 UTC. */
  at: string;
  mode: 'observe' | 'repair';
  status: 'in-sync' | 'drifted' | 'repaired' | 'failed';
}

/** What an operation that was cut off was about: objects of its plan may stand, recorded or not. */
export interface Interruption {
  /** The plan that was under way: what was wanted, else what was being taken off or repaired. Null where nothing was written. */
  plan: Plan | null;
  /** Plans of operations that were cut off before that one, and after which nothing has cleared up, latest first. Absent: none. */
  earlier?: Plan[];
  kind: OperationKind;
  /** RFC 3339 UTC, when that became known. */
  at: string;
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
  /** Ids of the last commands and requests taken, newest last, so that a repeated signal is dropped. */
  commands: string[];
  /** Counts the operations that have been folded into the state. Absent: 0. */
  revision?: number;
  /** What differs at the vendors from what is recorded, as far as the last look knows. Absent: nothing. */
  drift?: AccountDrift;
  lastReconciliation?: ReconciliationRecord;
  reconciliation?: ReconciliationCap;
  /** Set while the account is `interrupted`. */
  interrupted?: Interruption;
}

/** What an account stands by: null while nothing is recorded. */
export function standingOf({ plan, resources }: Pick<AccountState, 'plan' | 'resources'>): Standing | null {
  return plan && { plan, resources };
}

/** The plans of operations that were cut off and never cleared up, latest first. */
export function cutOffPlans({ interrupted }: Pick<AccountState, 'interrupted'>): Plan[] {
  return [...(interrupted?.plan ? [interrupted.plan] : []), ...(interrupted?.earlier ?? [])];
}

/** What is left to reckon with after an operation was cut off at `at` (RFC 3339 UTC): its plan, and those cut off before it. */
export function interruptionBy(
  state: Pick<AccountState, 'plan' | 'interrupted'>,
  operation: OperationRequest | undefined,
  at: string,
): Interruption {
  const before = cutOffPlans(state);
  const plans = [...before];
  const wanted = operation && (requestedPlan(operation) ?? (writes(operation) ? state.plan : null));
  if (wanted && !before.some(({ planHash }) => planHash === wanted.planHash)) plans.unshift(wanted);
  const [plan = null, ...earlier] = plans;
  const kind = operation?.kind ?? 'onboard';
  return { plan, kind, at, ...(earlier.length > 0 ? { earlier } : {}) };
}

function writes(operation: OperationRequest): boolean {
  return operation.kind === 'offboard' || (operation.kind === 'reconcile' && operation.mode === 'repair');
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
  /** What runs over the fleet read. Absent until the first operation has ended. */
  registry?: RegistryMemo;
  /** Whether it only holds the lock while orphans are removed: then it is an account in no list and no count. Absent: false. */
  sweep?: boolean;
}
