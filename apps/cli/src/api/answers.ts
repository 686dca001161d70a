import type { AccountLifeState, OperationRecord, Origin } from '#libs/contracts/operation.js';
import type { JsonObject } from '#libs/contracts/json.js';
import type { JobStatus } from '#libs/contracts/progress.js';

/** What the API answers, as far as the CLI reads it (`api.md` section 4). */
export interface PlanAnswer {
  planHash: string;
  nodes: PlannedNode[];
  undo: string[];
  conflicts: JsonObject[];
  warnings?: Warning[];
}

export interface PlannedNode {
  key: string;
  vendor: string;
  resource: string;
  needs: string[];
  /** Absent when the vendors were not looked at. */
  action?: 'create' | 'adopt' | 'update' | 'unchanged' | 'shared' | 'conflict' | null;
  reason?: string | null;
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

export interface CommandAnswer {
  commandId: string;
}

export interface ListAnswer<Item> {
  items: Item[];
  nextCursor: string | null;
}

export interface OnboardingItem {
  id: string;
  runId: string;
  status: JobStatus;
  chain?: string;
  startedAt?: string | null;
  closedAt?: string | null;
  [field: string]: unknown;
}

export interface AccountItem {
  id: string;
  chain?: string;
  state: AccountLifeState;
  lastOperation?: OperationRecord | null;
  drift?: unknown;
  [field: string]: unknown;
}

export interface AccountAnswer extends AccountItem {
  resources: { key: string; vendor: string; resource: string; externalId: string; origin: Origin }[];
  lastReconciliation?: { at: string; mode: string; status: string } | null;
  drift: { key: string; kind: string; fields: { path: string }[] }[];
}
