import {
  isJsonObject,
  type EnsureResult,
  type IssuedFor,
  type JsonObject,
  type Leftover,
  type OwnedResource,
  type PlanNode,
  type RemoveResult,
} from '#libs/contracts/index.js';
import type { CarriedOver } from './person-steps.js';
import type { StepFailure } from './step-failure.js';

/** What the interpreter knows of one node. A node is touched from the moment its activity is scheduled, before it runs. */
export interface NodeRun {
  node: PlanNode;
  touched: boolean;
  running: boolean;
  /** What its step answered, or what the record says of it (`byRecord`); null while it has to be brought to the plan. */
  result: EnsureResult | null;
  /** True while `result` is what the account recorded: no step of this operation has touched it. */
  byRecord: boolean;
  /** What a step answered before the node was opened again: until there is a new answer, undo must know what may stand. */
  earlier: EnsureResult | null;
  /** What the account recorded of it, as a step would have answered; null: nothing. */
  standsAs: EnsureResult | null;
  /** The body that stood or may stand for the node before, once something else is wanted of it; empty where that is not known. */
  previous: JsonObject | null;
  failure: StepFailure | null;
  /** Since when a write that never answered may still take effect. */
  inFlightSince: string | null;
  /** What the way back did; null while it has not ended well. */
  undone: RemoveResult | null;
  leftover: Leftover | null;
  /** Objects that steps which failed were removing, and what was issued for them: undo has to see that it works no more. */
  removing: IssuedFor[];
  /** True from when a person is asked for it until that has ended. */
  asking: boolean;
  /** True when the person who was asked for it has refused. */
  rejected: boolean;
  /** Whether a corrected plan has changed what a person was asked for. */
  stale: boolean;
  /** What another connection left of it, or may have left, before it became a hand-off. */
  carriedOver: CarriedOver | null;
}

/** A node that nothing has been done for. */
export function freshRun(node: PlanNode): NodeRun {
  return {
    node,
    touched: false,
    running: false,
    result: null,
    byRecord: false,
    earlier: null,
    standsAs: null,
    previous: null,
    failure: null,
    inFlightSince: null,
    undone: null,
    leftover: null,
    removing: [],
    asking: false,
    rejected: false,
    stale: false,
    carriedOver: null,
  };
}

/** A node as the account records it: it stands, and no step of this operation has touched it. */
export function recordedRun(node: PlanNode, recorded: OwnedResource | null): NodeRun {
  const run = freshRun(node);
  if (node.waits === true) run.result = standing(node.needs[0] ?? node.key, {}, { ownership: 'created' });
  else if (recorded) run.result = standing(recorded.externalId, { id: recorded.externalId }, recorded);
  run.byRecord = run.result !== null;
  run.standsAs = run.result;
  return run;
}

function standing(
  externalId: string,
  outputs: EnsureResult['outputs'],
  {
    ownership,
    former,
    issued,
    level,
    trace,
  }: Pick<OwnedResource, 'ownership' | 'former' | 'issued' | 'level' | 'trace'>,
): EnsureResult {
  return {
    externalId,
    ownership,
    outcome: 'unchanged',
    outputs,
    ...(former ? { former } : {}),
    settle: false,
    inFlightUntil: null,
    message: 'stands by the record',
    ...(issued ? { issued } : {}),
    ...(level ? { level } : {}),
    ...(trace ? { trace } : {}),
  };
}

/** What a step of this operation last answered; null: none did, or it only used what was there, which may have changed since. */
export function madeBy({ result, byRecord, earlier }: NodeRun): EnsureResult | null {
  if (result && !byRecord) return result;
  return earlier && (earlier.outcome === 'created' || earlier.ownership === 'adopted') ? earlier : null;
}

/** Keeps what a step that failed said of objects that it was removing. */
export function keepRemoving(run: NodeRun, { removing = [] }: StepFailure): void {
  const news = new Set(removing.map(({ id }) => id));
  run.removing = [...run.removing.filter(({ id }) => !news.has(id)), ...removing];
}

/** What the account records of a node that stands. */
export function owned(node: PlanNode, result: EnsureResult): OwnedResource {
  return {
    key: node.key,
    vendor: node.vendor,
    resource: node.resource,
    connection: node.connection,
    externalId: result.externalId,
    ownership: result.ownership,
    ...(result.ownership === 'adopted' && result.former ? { former: result.former } : {}),
    ...(result.issued ? { issued: result.issued } : {}),
    ...(result.level ? { level: result.level } : {}),
    ...(result.trace ? { trace: result.trace } : {}),
  };
}

/** What either of two bodies may have written: where both name a field, the later one counts. Empty when one of them is not known. */
export function eitherBody(earlier: JsonObject | null, later: JsonObject): JsonObject {
  if (earlier === null) return later;
  if (Object.keys(earlier).length === 0 || Object.keys(later).length === 0) return {};
  return merge(earlier, later);
}

function merge(a: JsonObject, b: JsonObject): JsonObject {
  const merged: JsonObject = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const before = merged[name];
    merged[name] = before !== undefined && isJsonObject(before) && isJsonObject(value) ? merge(before, value) : value;
  }
  return merged;
}
