import {
  isJsonObject,
  parseAccountId,
  type ForeseenNode,
  type ForeseenStep,
  type Plan,
  type PreviewInput,
  type PreviewResult,
} from '#libs/contracts/index.js';
import { sameBody, undoOrder } from '#libs/planning/index.js';
import type { Finding } from '#libs/fields/findings.js';
import type { AccountReader, CurrentAccount } from '../accounts/account-reader.js';
import type { Amendments } from '../accounts/amendments.js';
import type { AccountLine } from '../accounts/line.js';
import { placeholderFindings } from '../accounts/placeholders.js';
import { requireUnprotected } from '../accounts/refusals.js';
import { requireTenant, type Caller } from '../auth/caller.js';
import { invalid } from '../problems/problem.js';
import { amendmentBase, type AmendmentBase } from './amendment-base.js';
import type { Looks } from './looks.js';
import { planAnswer, type PlanAnswer, type Removal } from './plan-answer.js';
import type { Planner } from './planner.js';
import type { DeferredPlan, ShownFacts } from './shown-plan.js';

export interface PreviewsDeps {
  accounts: AccountReader;
  amendments: Amendments;
  line: AccountLine;
  looks: Looks;
  planner: Planner;
}

/** How a plan is asked for. */
export interface PreviewOptions {
  /** True: the vendors are not looked at. */
  offline: boolean;
  /** Aborted when the caller has gone. */
  gone: AbortSignal;
  /** How long the caller waits for what the vendors show; milliseconds. What takes longer is read on by its id. */
  waitMs: number;
}

/** Dry runs of a spec: what a start, or a change of an account that is there, would do. They write nothing. */
export class Previews {
  constructor(private readonly deps: PreviewsDeps) {}

  /** @throws {Problem} `invalid-spec`, `no-worker`, `vendor-fault`, `too-many-previews`; what a PUT of the spec is refused with */
  async preview(caller: Caller, body: unknown, options: PreviewOptions): Promise<PlanAnswer | DeferredPlan> {
    const current = await this.account(caller, body);
    return current ? this.amendment(caller, current, body, options) : this.onboarding(caller, body, options);
  }

  /** The account that a spec is of; undefined where there is none, and for what names none. */
  private async account(caller: Caller, body: unknown): Promise<CurrentAccount | undefined> {
    const { tenant, account } = isJsonObject(body) ? body : {};
    if (typeof tenant !== 'string') return undefined;
    requireTenant(caller, tenant);
    const ref = typeof account === 'string' ? parseAccountId(`${tenant}.${account}`) : undefined;
    return ref && this.deps.accounts.current(ref);
  }

  private async onboarding(caller: Caller, body: unknown, options: PreviewOptions): Promise<PlanAnswer | DeferredPlan> {
    const { planner } = this.deps;
    const findings = placeholderFindings(body);
    if (findings.length > 0) throw invalid('invalid-spec', findings);
    const { plan, warnings } = await planner.plan(caller, body);
    const undoLeadsTo = 'nothing: what the job made is removed, and what it took over goes back to how it stood';
    const shown = { kind: 'onboard' as const, baseSpecHash: null, undoLeadsTo, warnings };
    if (options.offline) return planAnswer({ ...shown, plan, undo: undoOrder(plan) }, [], []);
    return this.look(caller, { operation: 'onboard', from: null, to: plan }, shown, options);
  }

  private async amendment(
    caller: Caller,
    current: CurrentAccount,
    body: unknown,
    options: PreviewOptions,
  ): Promise<PlanAnswer | DeferredPlan> {
    const { line, amendments } = this.deps;
    const opened = line.opened(current);
    line.requireStaying(opened.target);
    const { plan, warnings } = await amendments.plan(caller, opened, body);
    requireUnprotected(opened.target, plan);
    const base = amendmentBase(opened);
    const baseSpecHash = opened.target.plan?.specHash ?? null;
    const shown = { kind: 'amend' as const, baseSpecHash, undoLeadsTo: undoLeadsTo(base), warnings };
    const facts = { ...shown, plan };
    if (!base.isInterrupted && base.from?.plan.planHash === plan.planHash) {
      return planAnswer({ ...facts, undo: [] }, plan.nodes.map(untouched(base)), []);
    }
    if (options.offline) return planAnswer({ ...facts, undo: undoOf(base, plan, []) }, [], removedBy(base, plan));
    const { from, cutOff = [], inLine = [] } = base;
    return this.look(caller, { operation: 'amend', from, to: plan, cutOff, inLine }, shown, options);
  }

  private async look(
    caller: Caller,
    input: PreviewInput,
    shown: ShownFacts,
    { gone, waitMs }: PreviewOptions,
  ): Promise<PlanAnswer | DeferredPlan> {
    const look = await this.deps.looks.defer(input, shown, { caller: caller.id, gone }, waitMs);
    return 'deferred' in look ? look : finished(input, shown, look);
  }
}

/** The plan that a look has answered, the same whether it was waited for or read later. */
export function finished(input: PreviewInput, shown: ShownFacts, { nodes, steps, basedOn }: PreviewResult): PlanAnswer {
  const { to: plan, from } = input;
  if (!plan) throw new RangeError('a plan without a spec has nothing to show');
  const undo = shown.kind === 'onboard' ? undoOrder(plan) : undoOf({ from }, plan, nodes);
  const warnings = [...shown.warnings, ...steps.flatMap(stays)];
  return { ...planAnswer({ ...shown, plan, undo, warnings }, nodes, steps.map(removalOf)), basedOn };
}

function removalOf({ key, vendor, resource, externalId, action, reason }: ForeseenStep): Removal {
  return { key, vendor, resource, externalId, action, reason };
}

/** What could not be removed, so that the change would be taken back. */
function stays({ key, leftover, reason }: ForeseenStep): Finding[] {
  return leftover === true ? [{ pointer: '', message: `${key}: ${reason}; the change would be taken back` }] : [];
}

/** The plan is the one that stands: no vendor is asked. */
function untouched({ from }: AmendmentBase): (node: Plan['nodes'][number]) => ForeseenNode {
  const recorded = new Map(from?.resources.map((resource) => [resource.key, resource]));
  return ({ key }) => {
    const known = recorded.get(key);
    const shared = known?.ownership === 'shared';
    return {
      key,
      action: shared ? 'shared' : 'unchanged',
      reason: 'the plan wants nothing else of it: no vendor is asked',
      externalId: known?.externalId ?? null,
      changes: [],
      warnings: [],
    };
  };
}

/** What of the former plan a plan lacks, the last first; the vendors were not looked at. */
function removedBy({ from }: AmendmentBase, plan: Plan): Removal[] {
  const kept = new Set(plan.nodes.map(({ key }) => key));
  const gone = (from?.plan.nodes ?? []).filter(({ key, waits }) => waits !== true && !kept.has(key)).reverse();
  return gone.map(({ key, vendor, resource }) => {
    const externalId = from?.resources.find((each) => each.key === key)?.externalId ?? null;
    return { key, vendor, resource, externalId, action: null, reason: 'the spec no longer has it' };
  });
}

/** First what is recorded and would be written or removed goes back, in the order of its plan; then what is new goes, the last first. */
function undoOf({ from }: Pick<AmendmentBase, 'from'>, plan: Plan, foreseen: readonly ForeseenNode[]): string[] {
  const before = new Map(from?.plan.nodes.map((node) => [node.key, node]));
  const wanted = new Map(plan.nodes.map((node) => [node.key, node]));
  const untouchedKeys = new Set(
    foreseen.flatMap(({ key, action }) => (action === 'unchanged' || action === 'shared' ? [key] : [])),
  );
  const back = [...before.values()].filter((node) => {
    const to = wanted.get(node.key);
    if (foreseen.length > 0) return !untouchedKeys.has(node.key);
    return !from || !to || !sameBody(node, from.plan.texts, to, plan.texts);
  });
  const news = plan.nodes.filter(({ key }) => !before.has(key) && !untouchedKeys.has(key)).reverse();
  return [...back, ...news].filter(({ waits }) => waits !== true).map(({ key }) => key);
}

function undoLeadsTo({ from, isInterrupted, inLine = [] }: AmendmentBase): string {
  if (!from) return 'nothing: nothing was recorded before the interruption, so that all that stands is removed';
  if (isInterrupted) return 'what was recorded before the interruption, with its secrets';
  if (inLine.length > 0) return 'the spec that stands once the operations in line have ended, with its secrets';
  return 'the spec that is recorded, with its secrets';
}
