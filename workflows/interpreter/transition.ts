import { CancellationScope } from '@temporalio/workflow';
import {
  conflictFault,
  isHandedOff,
  type CheckResult,
  type EnsureInput,
  type EnsureResult,
  type Leftover,
  type LookFinding,
  type OwnedResource,
  type Plan,
  type PlanNode,
  type Standing,
} from '#libs/contracts/index.js';
import type { Urgency } from './activity-options.js';
import { begin, connectionsToLookAt, dropping, factsOf, staysIn, take } from './begin.js';
import { HandoffDesk } from './handoff-desk.js';
import { lookAt } from './look.js';
import type { NodeRun } from './node-run.js';
import type { NodeRuns } from './node-runs.js';
import { PersonSteps } from './person-steps.js';
import { Remains } from './remains.js';
import { scheduleStep, type StepVerb } from './schedule-step.js';
import { readStepFailure, type StepFailure } from './step-failure.js';
import type { StepFault } from './step-fault.js';
import { Undo } from './undo.js';
import { walk } from './walk.js';

/** How often shared objects that vanished while the operation ran are made good before it fails. */
const SHARED_ROUNDS = 3;

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
  private readonly remains: Remains;

  constructor(private readonly options: TransitionOptions) {
    this.nodes = begin(options);
    const { changed } = options;
    const desk = options.desk ?? new HandoffDesk({ changed, reminder: () => undefined });
    this.people = new PersonSteps(desk, (node, task) => {
      const input = { node: this.nodes.resolved(node), ...task };
      return this.schedule<CheckResult>(node, 'check', input, 'is the answer right');
    });
    this.taking = new Undo(this.nodes, this.people, changed, (node, input) =>
      this.schedule(node, 'remove', input, 'undo'),
    );
    this.remains = new Remains({
      nodes: this.nodes,
      taking: this.taking,
      schedule: (...step) => this.schedule(...step),
      urgency: options.urgency,
      failed: (step, failure) => this.fail(step, failure),
    });
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
      if (!(this.complete() || this.remains.mayMissShared(this.fault)) || !(await this.remains.sharedVanished())) break;
      if (round === SHARED_ROUNDS) {
        const gone = this.nodes.all.find((run) => run.result === null);
        const message = 'A shared object that the account needs is removed again and again.';
        this.fault = { step: gone?.node.key ?? '', code: 'CONFLICT', message };
        break;
      }
      this.fault = null;
    }
    if (this.complete()) await this.removeDropped();
    if (this.complete()) await this.remains.settleAll();
    return this.outcome();
  }

  /** Brings some nodes to the plan, and what refers to one that is made anew; one that fails does not stop the others. */
  async repair(keys: ReadonlySet<string>): Promise<Leftover[]> {
    for (const run of this.nodes.all) if (keys.has(run.node.key)) this.nodes.open(run);
    await this.ensureAll({ onFault: 'patient' });
    return this.leftovers();
  }

  /** Removes what carries the account's marker besides the recorded objects of some nodes. Returns what could not be removed. */
  removeSpares(keys: ReadonlySet<string>): Promise<Leftover[]> {
    return this.remains.removeSpares(keys);
  }

  /** Leads back to what the account recorded. Returns what could not be put back. */
  async undo(): Promise<Leftover[]> {
    const { from } = this.options;
    if (from === null) return this.taking.all();
    this.fault = null;
    this.back = true;
    if (this.nodes.plan !== from.plan) take(this.nodes, from.plan);
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
    await this.remains.proveGone();
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
    const standing = dropping(this.nodes, stays);
    const referredTo = standing.filter((run) => this.nodes.dependants(run.node.key).some(stays));
    const later = this.options.from ? standing : referredTo;
    for (const run of [...standing].reverse()) if (!later.includes(run)) await this.taking.node(run, []);
    this.nodes.correct(
      plan,
      stays,
      standing.filter((run) => later.includes(run) || run.leftover !== null),
    );
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
    const how = { summary: 'what stands already', urgency: this.options.urgency ?? 4 };
    const connections = connectionsToLookAt(nodes);
    await Promise.all(
      connections.map(async (each) => {
        try {
          for (const finding of await lookAt(each, factsOf(nodes), nodes.plan.tenant, how)) this.found(finding);
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

function summaryOf({ adopt, waits }: PlanNode): string {
  if (waits === true) return 'wait';
  return adopt ? 'adopt' : 'create';
}
