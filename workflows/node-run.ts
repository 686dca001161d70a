import type {
  EnsureResult,
  IssuedFor,
  JsonObject,
  Leftover,
  OwnedResource,
  PlanNode,
  RemoveResult,
} from '#libs/contracts/index.js';
import type { LooseEnd } from './person-steps.js';
import type { StepFailure } from './step-failure.js';

/** What the interpreter knows of one node. A node is touched from the moment its activity is scheduled, before it runs. */
export interface NodeRun {
  node: PlanNode;
  touched: boolean;
  running: boolean;
  result: EnsureResult | null;
  /** What it answered before it was opened again: until there is a new answer, undo must know what may stand. */
  former: EnsureResult | null;
  /** What it wrote, once a corrected plan wants something else of it; empty where that is not known. */
  applied: JsonObject | null;
  failure: StepFailure | null;
  /** Since when a create that never answered may still take effect. */
  inFlightSince: string | null;
  /** What undo did; null while it has not ended well. */
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
  loose: LooseEnd | null;
}

/** A node that nothing has been done for. */
export function freshRun(node: PlanNode): NodeRun {
  return {
    node,
    touched: false,
    running: false,
    result: null,
    former: null,
    applied: null,
    failure: null,
    inFlightSince: null,
    undone: null,
    leftover: null,
    removing: [],
    asking: false,
    rejected: false,
    stale: false,
    loose: null,
  };
}

/** What undo must reckon with: the last answer, or the one before it where a later scheduling has not answered. */
export function madeBy({ result, former }: NodeRun): EnsureResult | null {
  if (result) return result;
  // An object that was only used or found so may have been replaced or changed since: that is for undo to read.
  return former?.origin === 'created' || former?.origin === 'adopted' ? former : null;
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
    origin: result.origin,
    ...(result.origin === 'adopted' && result.former ? { former: result.former } : {}),
    ...(result.issued ? { issued: result.issued } : {}),
    ...(result.level ? { level: result.level } : {}),
  };
}

/** Whether two plans want the same of a node. A sealed secret never equals another: unchanged ones count as changed. */
export function sameBody(a: PlanNode, aTexts: string[], b: PlanNode, bTexts: string[]): boolean {
  const text = (node: PlanNode, texts: string[]): string =>
    JSON.stringify([node.connection, node.needs, node.body, texts]);
  return text(a, aTexts) === text(b, bTexts);
}
