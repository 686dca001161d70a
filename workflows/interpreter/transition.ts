import { CancellationScope } from '@temporalio/workflow';
import {
  conflictFault,
  isHandedOff,
  mayBecomeHandoff,
  type CheckResult,
  type EnsureInput,
  type EnsureResult,
  type ErrorCode,
  type JsonObject,
  type Leftover,
  type LookFinding,
  type ObserveInput,
  type ObserveResult,
  type OwnedResource,
  type Plan,
  type PlanNode,
  type SettleInput,
  type SettleResult,
  type Standing,
} from '#libs/contracts/index.js';
import { LONG_TEXT, rewriteObject } from '#libs/planning/index.js';
import type { Urgency } from './activity-options.js';
import { HandoffDesk } from './handoff-desk.js';
import { byConnection, lookAt } from './look.js';
import { keepRemoving, type NodeRun } from './node-run.js';
import { NodeRuns } from './node-runs.js';
import { PersonSteps } from './person-steps.js';
import { scheduleStep, type StepVerb } from './schedule-step.js';
import { readStepFailure, type StepFailure } from './step-failure.js';
import type { StepFault } from './step-fault.js';
import { Undo } from './undo.js';
import { walk } from './walk.js';

/** How often shared objects that vanished while the operation ran are made good before it fails. */
const SHARED_ROUNDS = 3;

/** Faults that a shared object gone since the look may have caused in what refers to it. */
const SHARED_GONE: readonly ErrorCode[] = ['INVALID_REQUEST', 'CONFLICT'];

/** What an operation leads from and to. */
export interface TransitionOptions {
  /** What the account records; null: nothing. */
  from: Standing | null;
  /** What is wanted. Null: nothing. */
  to: Plan | null;
  /** Plans of operations that were cut off before, latest first: all of them may stand, or may still come to. Absent: none. */
  cutOff?: readonly Plan[];
  /** Called whenever what `runs` says has changed. */
  changed: () => void;
  desk?: HandoffDesk;
  /** Of every step, in place of how far along it is. */
  urgency?: Urgency;
  /** Whether secrets are written though nothing is known to differ. */
  rewriteSecrets?: boolean;
  /** Per node key the paths of fields in which what stands stays. Absent: none. */
  ignored?: Readonly<Record<string, string[]>>;
}

/** How a plan is brought to stand. */
interface Pass {
  /** failFast: after a fault the siblings' waits end too. wait: nothing new starts. patient: the others go on, and what failed is a leftover. */
  onFault: 'failFast' | 'wait' | 'patient';
}

/**
 * The plan interpreter: leads an account from what it records to what is wanted, and back. Onboarding is the transition from nothing
 * to a plan, amending that from one to another, offboarding that to nothing, repairing that from a plan to itself. It knows graphs
 * and activities, no vendor and no kind of operation.
 */
export class Transition {
  private readonly nodes: NodeRuns;
  private fault: StepFault | null = null;
  /** Whether the way leads back to what is recorded. */
  private back = false;
  private readonly people: PersonSteps;
  private readonly taking: Undo;

  constructor(private readonly options: TransitionOptions) {
    const { from, to, changed } = options;
    const cutOff = [...(options.cutOff ?? [])].reverse();
    const plan = cutOff[0] ?? to ?? from?.plan;
    if (!plan) throw new RangeError('A transition from nothing to nothing has no nodes.');
    this.nodes = new NodeRuns(from, plan, to === null);
    const desk = options.desk ?? new HandoffDesk({ changed, reminder: () => undefined });
    this.people = new PersonSteps(desk, (node, task) => {
      const input = { node: this.nodes.resolved(node), ...task };
      return this.schedule<CheckResult>(node, 'check', input, 'is the answer right');
    });
    this.taking = new Undo(this.nodes, this.people, changed, (node, input) =>
      this.schedule(node, 'remove', input, 'undo'),
    );
    for (const each of cutOff) {
      if (this.nodes.plan !== each) this.take(each);
      this.nodes.countAsInFlight();
    }
    if (to && this.nodes.plan !== to) this.take(to);
  }

  /** What is known of the nodes of the plan, in its order, and of those that it drops. */
  get runs(): readonly NodeRun[] {
    return [...this.nodes.all, ...this.nodes.leftBehind];
  }

  /** Whether only conditions (channels to become active) and people are still awaited. */
  get onlyWaits(): boolean {
    const running = this.nodes.all.filter((run) => run.running);
    return running.length > 0 && running.every((run) => run.node.waits === true || this.people.isAsked(run));
  }

  /** Title of the condition that is awaited; undefined while none is. */
  get awaited(): string | undefined {
    return this.nodes.all.find((run) => run.running && run.node.waits === true)?.node.title;
  }

  /**
   * Looks, then brings every node that does not stand as planned to the plan, in dependency order, independent ones side by side; then
   * removes what the plan no longer has. Null when the whole plan stands.
   */
  async apply(failFast: boolean): Promise<StepFault | null> {
    this.fault = null;
    await this.look();
    for (let round = 0; ; round += 1) {
      const scope = new CancellationScope(); // of its own: what one round's fault cancelled must not stop the next
      await scope.run(() => this.ensureAll({ onFault: failFast ? 'failFast' : 'wait' }, scope));
      if (CancellationScope.current().consideredCancelled) break;
      if (!(this.complete() || this.mayMissShared()) || !(await this.sharedVanished())) break;
      if (round === SHARED_ROUNDS) {
        const gone = this.nodes.all.find((run) => run.result === null);
        const message = 'A shared object that the account needs is removed again and again.';
        this.fault = { step: gone?.node.key ?? '', code: 'CONFLICT', message };
        break;
      }
      this.fault = null;
    }
    if (this.complete()) await this.removeDropped();
    if (this.complete()) await this.settleAll();
    return this.outcome();
  }

  /** Brings some nodes to the plan, and what refers to one that is made anew; one that fails does not stop the others. */
  async repair(keys: ReadonlySet<string>): Promise<Leftover[]> {
    for (const run of this.nodes.all) if (keys.has(run.node.key)) this.open(run);
    await this.ensureAll({ onFault: 'patient' });
    return this.leftovers();
  }

  /** Leads back to what the account recorded. Returns what could not be put back. */
  async undo(): Promise<Leftover[]> {
    const { from } = this.options;
    if (from === null) return this.taking.all();
    this.fault = null;
    this.back = true;
    if (this.nodes.plan !== from.plan) this.take(from.plan);
    for (const run of this.nodes.all) run.leftover = null;
    // What was to take the place of a recorded object goes first: the two cannot stand together.
    const first = this.nodes.leftBehind.filter(({ carries }) => carries !== null);
    for (const run of first.reverse()) await this.removeOne(run);
    await this.ensureAll({ onFault: 'patient' });
    for (const run of this.nodes.leftBehind.reverse()) if (!first.includes(run)) await this.removeOne(run);
    this.options.changed();
    return this.leftovers();
  }

  /** Takes everything off that the account has. Returns what stands still. `stopped` is asked before each step. */
  async leave(stopped: () => boolean): Promise<Leftover[]> {
    const left = await this.taking.all(stopped);
    if (left.length > 0 || stopped()) return left;
    await this.proveGone();
    return this.leftovers();
  }

  leftovers(): Leftover[] {
    return this.nodes.leftovers();
  }

  /** What the account owns once the plan stands. */
  resources(): OwnedResource[] {
    return this.nodes.resources();
  }

  /** What stands of it now, as far as is known. */
  standing(): OwnedResource[] {
    return this.nodes.standing();
  }

  /**
   * Goes on with a corrected plan. Finished nodes that it leaves as they are stay finished; changed ones are brought to it again. Nodes
   * that it no longer has on their connection are undone: an id means nothing on another connection, unless a person goes on with it
   * there. In an onboarding that is done at once, but for those that something staying may refer to, and those that could not be undone
   * now; all others are removed by the next `apply`, once the rest has been brought to the plan.
   */
  async replan(plan: Plan): Promise<void> {
    const stays = staysIn(plan);
    const standing = this.dropping(stays);
    const referredTo = standing.filter((run) => this.nodes.dependants(run.node.key).some(stays));
    const later = this.options.from ? standing : referredTo;
    for (const run of [...standing].reverse()) if (!later.includes(run)) await this.taking.node(run, []);
    this.nodes.correct(
      plan,
      stays,
      standing.filter((run) => later.includes(run) || run.leftover !== null),
    );
  }

  /** Takes another plan; whatever it no longer has is removed last. */
  private take(plan: Plan): void {
    const stays = staysIn(plan);
    this.nodes.correct(plan, stays, this.dropping(stays));
  }

  private dropping(stays: (run: NodeRun) => boolean): NodeRun[] {
    const { nodes } = this;
    for (const run of nodes.all) if (stays(run)) run.leftover = null;
    return nodes.all.filter((run) => !stays(run) && nodes.mayStand(run));
  }

  /** The last dropped first: what was made later may refer to what was made before. */
  private async removeDropped(): Promise<void> {
    const { dropped } = this.nodes;
    for (const { run } of dropped.filter((each) => !dropped.isCarriedOver(each)).reverse()) {
      if (CancellationScope.current().consideredCancelled) return;
      await this.removeOne(run);
      const { leftover } = run;
      if (!leftover) continue;
      const message = `${run.node.title}: the plan no longer has it, and it could not be removed. ${leftover.reason}`;
      this.fault ??= { step: leftover.key, code: 'CONFLICT', message };
      return;
    }
  }

  private async removeOne(run: NodeRun): Promise<void> {
    run.touched = true; // a removal that fails may have taken effect: it does not stand by the record alone any more
    await this.taking.node(run, []);
    // On the way back what could not be brought back yet may still use it: then it is not kept for others, and asked about again.
    const inUse = this.back && run.undone?.outcome === 'kept' && this.nodes.leftovers().length > 0;
    if (run.undone && !inUse) this.nodes.forget(run);
    else run.inFlightSince = new Date().toISOString(); // what brings the object back must not be overtaken by its removal
  }

  /** Once for each node, before anything is made for it: what the operation itself makes must not count as there before. */
  private async look(): Promise<void> {
    const { nodes } = this;
    const open = nodes.all.filter(({ node, result }) => result === null && !nodes.findings.has(node.key));
    const facts = {
      resolved: (node: PlanNode) => nodes.resolvedWithoutTexts(node),
      previous: (node: PlanNode) => shortOnly(nodes.byKey.get(node.key)?.previous),
      texts: nodes.plan.texts,
      recordedOn: (vendor: string, connection: string) => nodes.recordedOn(vendor, connection),
      droppedOn: (vendor: string, connection: string) =>
        nodes.dropped.objects(vendor, connection).map((each) => ({ ...each, body: shortOnly(each.body) ?? {} })),
    };
    const how = { summary: 'what stands already', urgency: this.options.urgency ?? 4 };
    const connections = byConnection(open.map(({ node }) => node));
    await Promise.all(
      connections.map(async (each) => {
        try {
          for (const finding of await lookAt(each, facts, nodes.plan.tenant, how)) this.found(finding);
        } catch (error) {
          this.fail(each.nodes[0].key, readStepFailure(error));
        }
      }),
    );
    if (!this.fault) return;
    // A retry looks again.
    for (const { key } of connections.flatMap((each) => each.nodes)) {
      nodes.findings.delete(key);
      const run = nodes.byKey.get(key);
      if (run) nodes.dropped.release(run);
    }
  }

  /** A conflict that the look sees ends the operation before anything is written. */
  private found(finding: LookFinding): void {
    this.nodes.findings.set(finding.key, finding);
    const carrier = this.nodes.byKey.get(finding.key);
    if (carrier && finding.carries !== undefined) this.nodes.dropped.carry(carrier, finding.carries);
    if (finding.action !== 'conflict') return;
    const title = this.nodes.byKey.get(finding.key)?.node.title ?? finding.key;
    this.fault ??= { step: finding.key, ...conflictFault(finding, title) };
  }

  /** Runs until nothing more can be started. */
  private ensureAll({ onFault }: Pass, scope?: CancellationScope): Promise<void> {
    const patient = onFault === 'patient';
    const failed = new Set<NodeRun>();
    const stopped = (): boolean => (!patient && this.fault !== null) || CancellationScope.current().consideredCancelled;
    return walk<NodeRun>({
      changed: this.options.changed,
      ready: () => (stopped() ? [] : this.startable().filter((run) => !failed.has(run))),
      perform: async (run) => {
        run.running = true;
        await this.ensureNode(run);
        if (patient && run.result === null) {
          failed.add(run);
          this.keepLeftover(run);
        }
        if (this.fault && this.fault.then !== 'hold' && onFault === 'failFast') scope?.cancel();
      },
    });
  }

  private keepLeftover(run: NodeRun): void {
    const { node, failure } = run;
    const externalId = failure?.externalId ?? this.nodes.recordOf(node.key)?.externalId ?? '';
    const reason = failure
      ? `${failure.code}: ${failure.message}`
      : (this.fault?.message ?? 'it was not brought to the plan');
    run.leftover = { key: node.key, externalId, reason };
    this.fault = null;
  }

  private startable(): NodeRun[] {
    const done = (key: string): boolean => this.nodes.byKey.get(key)?.result != null;
    return this.nodes.all.filter((run) => !run.running && run.result === null && run.node.needs.every(done));
  }

  private async ensureNode(run: NodeRun): Promise<void> {
    const { node } = run;
    run.undone = null;
    if (isHandedOff(node)) {
      await this.byPerson(run, () => this.people.bring(run));
      return;
    }
    const ignored = this.options.ignored?.[node.key];
    const input: EnsureInput = {
      node: this.nodes.resolved(node),
      knowledge: this.nodes.knowledge(run),
      first: !run.touched && this.restsOnLook(run),
      ...(run.previous ? { previous: run.previous } : {}),
      ...(this.options.rewriteSecrets === true ? { rewriteSecrets: true } : {}),
      ...(this.back ? { back: true as const } : {}),
      ...(ignored ? { ignored } : {}),
    };
    run.touched = true; // before it runs: a lost reply may still have taken effect
    try {
      const result = await this.schedule<EnsureResult>(node, 'ensure', input, summaryOf(node));
      this.answered(run, result);
      if (result.lacks && node.person?.asks.secret !== undefined) {
        this.nodes.reopen(run); // it stands, and is done once a person has supplied what it lacks
        await this.byPerson(run, () => this.people.supply(run, result));
      }
    } catch (error) {
      run.failure = readStepFailure(error, run.failure);
      // A later scheduling that never came to its create says nothing of the one before.
      if (run.failure.mayBeInFlight) run.inFlightSince = new Date().toISOString();
      if (run.failure.kind === 'failed') this.fail(node.key, run.failure);
    } finally {
      run.running = false;
    }
  }

  /** Whether what the look said of a node still holds: all that it refers to has turned out as the look had it. */
  private restsOnLook({ node }: NodeRun): boolean {
    return node.needs.every((key) => {
      const looked = this.nodes.findings.get(key);
      const result = this.nodes.byKey.get(key)?.result;
      if (!looked || !result) return true;
      return looked.externalId === null ? result.outcome !== 'shared' : looked.externalId === result.externalId;
    });
  }

  /** What refers to a node follows it to another object, and conditions that hang on what was changed are waited for again. */
  private answered(run: NodeRun, result: EnsureResult): void {
    const before = run.earlier ?? run.standsAs;
    Object.assign(run, { result, byRecord: false, failure: null, previous: null, inFlightSince: null });
    const { key } = run.node;
    if (before && before.externalId !== result.externalId) this.nodes.reopenReferring(key);
    if (result.outcome === 'unchanged' || result.outcome === 'shared') return;
    for (const other of this.nodes.all) {
      const waits = other.node.waits === true && other.node.needs.includes(key);
      if (waits && other.result && !other.running) this.nodes.reopen(other);
    }
  }

  /** Lets a node be brought to the plan again, at what is recorded of it. */
  private open(run: NodeRun): void {
    if (!run.result) return;
    run.previous ??= this.nodes.resolved(run.node).body;
    this.nodes.reopen(run);
  }

  private async byPerson(run: NodeRun, task: () => Promise<StepFault | null>): Promise<void> {
    try {
      const fault = await task();
      if (fault) this.fault ??= fault;
    } catch (error) {
      run.failure = readStepFailure(error);
      this.fail(run.node.key, run.failure);
    } finally {
      run.running = false;
    }
  }

  /** Whether a shared object that has gone may be why a step was refused. */
  private mayMissShared(): boolean {
    const { fault } = this;
    if (!fault || !SHARED_GONE.includes(fault.code)) return false;
    const needs = this.nodes.byKey.get(fault.step)?.node.needs ?? [];
    return needs.some((key) => this.nodes.byKey.get(key)?.result?.outcome === 'shared');
  }

  /** Reads again the shared objects that were found: somebody else may have removed one. True when a part must be ensured again. */
  private async sharedVanished(): Promise<boolean> {
    const shared = this.nodes.all.filter((run) => run.result?.outcome === 'shared');
    const vanished = await Promise.all(
      shared.map(async ({ node, result }) => {
        if (!result) return false;
        const { externalId, ownership } = result;
        const input: ObserveInput = { node: this.nodes.resolved(node), externalId, ownership };
        try {
          const seen = await this.schedule<ObserveResult>(node, 'observe', input, 'still there');
          return seen.status === 'missing';
        } catch (error) {
          this.fail(node.key, readStepFailure(error));
          return false;
        }
      }),
    );
    shared.forEach((run, i) => {
      if (vanished[i] !== true) return;
      for (const each of [run, ...this.nodes.dependants(run.node.key)]) this.nodes.reopen(each);
      run.earlier = null; // the object that is known is the one that is gone
    });
    return vanished.includes(true);
  }

  /** Removes what attempts presumed dead may have made besides the recorded objects. */
  private async settleAll(): Promise<void> {
    const unsettled = this.nodes.all.filter((run) => run.result?.settle === true && !run.byRecord);
    await Promise.all(unsettled.map((run) => this.settle(run)));
  }

  private async settle(run: NodeRun): Promise<void> {
    const { node, result } = run;
    if (!result) return;
    const looked = this.nodes.findings.get(node.key) ?? null;
    const input: SettleInput = { node: this.nodes.resolved(node), recorded: result.externalId, looked };
    try {
      await this.schedule<SettleResult>(node, 'settle', input, 'no spare objects');
    } catch (error) {
      const failure = readStepFailure(error);
      keepRemoving(run, failure);
      this.fail(node.key, failure);
    }
  }

  /** Removes what carries the account's marker besides the recorded objects of some nodes. Returns what could not be removed. */
  async removeSpares(keys: ReadonlySet<string>): Promise<Leftover[]> {
    this.fault = null;
    const left: Leftover[] = [];
    for (const run of this.nodes.all.filter(({ node, result }) => keys.has(node.key) && result !== null)) {
      await this.settle(run);
      const fault = this.fault as StepFault | null;
      if (fault) left.push({ key: run.node.key, externalId: '', reason: `${fault.code}: ${fault.message}` });
      this.fault = null;
    }
    return left;
  }

  /** One reading of each list: nothing that carries the account's marker may stand; what does is removed, or is a leftover. */
  private async proveGone(): Promise<void> {
    const { nodes } = this;
    const all = [...nodes.all, ...nodes.leftBehind].filter(({ node }) => node.waits !== true);
    const facts = {
      resolved: (node: PlanNode) => nodes.resolvedWithoutTexts(node),
      texts: nodes.plan.texts,
      recordedOn: () => [],
    };
    const how = { summary: 'nothing is left', urgency: this.options.urgency ?? (1 as const) };
    await Promise.all(
      byConnection(all.map(({ node }) => node)).map(async (each) => {
        try {
          const findings = await lookAt(each, facts, nodes.plan.tenant, how);
          const standing = new Set(findings.filter(({ own }) => own === true).map(({ key }) => key));
          for (const run of all.filter(({ node }) => standing.has(node.key) && each.nodes.includes(node)).reverse()) {
            await this.taking.again(run);
          }
        } catch (error) {
          const { code, message } = readStepFailure(error);
          const run = all.find(({ node }) => node === each.nodes[0]);
          if (run) run.leftover = { key: run.node.key, externalId: '', reason: `${code}: ${message}` };
        }
      }),
    );
  }

  private schedule<R>(node: PlanNode, verb: StepVerb, input: unknown, summary: string): Promise<R> {
    const { tenant } = this.nodes.plan;
    return scheduleStep<R>(node, verb, input, summary, { tenant, urgency: this.options.urgency });
  }

  private fail(step: string, failure: StepFailure): void {
    if (failure.kind !== 'failed') return;
    const then = failure.personCan === true ? { then: 'hold' as const } : {};
    this.fault ??= { step, code: failure.code, message: failure.message, ...then };
  }

  private outcome(): StepFault | null {
    if (this.fault) return this.fault;
    const open = this.nodes.all.find((run) => run.result === null);
    return open
      ? { step: open.node.key, code: 'OUTCOME_UNKNOWN', message: `${open.node.title}: the step was cancelled.` }
      : null;
  }

  private complete(): boolean {
    return !this.fault && this.nodes.all.every((run) => run.result !== null);
  }
}

/** Whether a node's object goes on in a plan: on its connection, or by a person at the same account of the vendor. */
function staysIn(plan: Plan): (run: NodeRun) => boolean {
  const next = new Map(plan.nodes.map((node) => [node.key, node]));
  return ({ node }) => {
    const to = next.get(node.key);
    return to !== undefined && (to.connection === node.connection || mayBecomeHandoff(node, to));
  };
}

/** A body without its long texts: whether they differ is read from what stands, and they would travel twice. */
function shortOnly(body: JsonObject | null | undefined): JsonObject | undefined {
  if (!body || Object.keys(body).length === 0) return undefined;
  return rewriteObject(body, (item) => (typeof item === 'string' && item.length > LONG_TEXT ? '' : undefined));
}

function summaryOf({ adopt, waits }: PlanNode): string {
  if (waits === true) return 'wait';
  return adopt ? 'adopt' : 'create';
}
