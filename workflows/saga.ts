import { CancellationScope, scheduleActivity } from '@temporalio/workflow';
import {
  activityId,
  activityType,
  connectionTaskQueue,
  isHandedOff,
  lookActivityType,
  mayBecomeHandoff,
  type CheckResult,
  type EnsureInput,
  type EnsureResult,
  type ErrorCode,
  type Leftover,
  type LookFinding,
  type LookInput,
  type LookResult,
  type ObserveInput,
  type ObserveResult,
  type OwnedResource,
  type Plan,
  type PlanNode,
  type RemoveInput,
  type RemoveResult,
  type SettleInput,
  type SettleResult,
  type Verb,
} from '#libs/contracts/index.js';
import { dependants, resolveNode } from '#libs/planning/index.js';
import { vendorStep } from './activity-options.js';
import { HandoffDesk } from './handoff-desk.js';
import { freshRun, madeBy, owned, sameBody, type NodeRun } from './node-run.js';
import { looseEndOf, PersonSteps } from './person-steps.js';
import type { SagaFault } from './saga-fault.js';
import { readStepFailure, type StepFailure } from './step-failure.js';

export type { SagaFault } from './saga-fault.js';

/** How often shared objects that vanished while the job ran are made good before the job fails. */
const SHARED_ROUNDS = 3;

/** Faults that a shared object gone since the look may have caused in what refers to it. */
const SHARED_GONE: readonly ErrorCode[] = ['INVALID_REQUEST', 'CONFLICT'];

/** A node that a corrected plan no longer has and that stands until what referred to it has been brought to that plan. */
interface Dropped {
  run: NodeRun;
  /** Keys of the nodes that may refer to it still. */
  neededBy: string[];
  input: RemoveInput;
  finding: LookFinding | undefined;
  known: OwnedResource | undefined;
}

/**
 * The plan interpreter: brings a plan to stand and takes it back. It knows graphs and activities, no vendor. `changed` is called
 * whenever what `runs` says has changed.
 */
export class Saga {
  readonly runs = new Map<string, NodeRun>();
  private readonly findings = new Map<string, LookFinding>();
  private fault: SagaFault | null = null;
  private readonly people: PersonSteps;

  constructor(
    private plan: Plan,
    private readonly baseline: readonly OwnedResource[],
    private readonly changed: () => void,
    desk: HandoffDesk = new HandoffDesk({ changed, reminder: () => undefined }),
  ) {
    for (const node of plan.nodes) this.runs.set(node.key, freshRun(node));
    this.people = new PersonSteps(desk, (node, task) => {
      const input = { node: resolveNode(this.plan, node, this.outputs()), ...task };
      return this.schedule<CheckResult>(node, 'check', input, 'is the answer right');
    });
  }

  /** Whether only conditions (channels to become active) and people are still awaited. */
  get onlyWaits(): boolean {
    const running = [...this.runs.values()].filter((run) => run.running);
    return running.length > 0 && running.every((run) => run.node.waits === true || this.people.isAsked(run));
  }

  /** Looks, then ensures every node in dependency order, independent ones side by side. Null when the whole plan stands. */
  async apply(failFast: boolean): Promise<SagaFault | null> {
    this.fault = null;
    await this.look();
    for (let round = 0; ; round += 1) {
      const scope = new CancellationScope(); // of its own: what one round's fault cancelled must not stop the next
      await scope.run(() => this.ensureAll(failFast ? scope : undefined));
      if (CancellationScope.current().consideredCancelled) break;
      if (!(this.complete() || this.mayMissShared()) || !(await this.sharedVanished())) break;
      if (round === SHARED_ROUNDS) {
        const gone = [...this.runs.values()].find((run) => run.result === null);
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

  /** Takes back, in reverse dependency order, every node that was ever touched or stood unrecorded. Answers what could not be undone. */
  async undo(): Promise<Leftover[]> {
    const standing = [...this.runs.values(), ...this.dropped.map(({ run }) => run)];
    const open = new Set(standing.filter((run) => this.mayStand(run) && run.undone === null));
    for (const run of open) run.leftover = null;
    const busy = new Map<NodeRun, Promise<void>>();
    while (open.size > 0 || busy.size > 0) {
      const free = [...open].filter((run) => !this.referring(run).some((other) => open.has(other) || busy.has(other)));
      // What a corrected plan dropped may have been referred to by what it now refers to: then the vendor decides.
      const next = free.length === 0 && busy.size === 0 ? [...open].slice(-1) : free;
      for (const run of next) {
        open.delete(run);
        busy.set(
          run,
          this.undoNode(run, this.referring(run)).finally(() => busy.delete(run)),
        );
      }
      this.changed();
      await Promise.race(busy.values());
    }
    const late = standing.filter((run) => this.people.wasTakenLate(run));
    for (const run of late) run.undone = null;
    if (late.length > 0) return this.undo();
    this.changed();
    return this.leftovers();
  }

  leftovers(): Leftover[] {
    const runs = [...this.runs.values(), ...this.dropped.map(({ run }) => run)];
    return runs.flatMap((run) => (run.leftover ? [run.leftover] : []));
  }

  /** What the account owns once the plan stands. */
  resources(): OwnedResource[] {
    return this.plan.nodes.flatMap((node) => {
      const result = this.runs.get(node.key)?.result;
      return result && node.waits !== true ? [owned(node, result)] : [];
    });
  }

  /**
   * Goes on with a corrected plan. Finished nodes that it leaves as they are stay finished; changed ones are ensured again. Nodes that
   * it no longer has on their connection are undone: an id means nothing on another connection, unless a person goes on with it there.
   * Those that something staying may refer to, and those that could not be undone now, are undone by the next `apply`, once the
   * rest has been brought to the plan.
   */
  async replan(plan: Plan): Promise<void> {
    const next = new Map(plan.nodes.map((node) => [node.key, node]));
    const stays = ({ node }: NodeRun): boolean => {
      const to = next.get(node.key);
      return to !== undefined && (to.connection === node.connection || mayBecomeHandoff(node, to));
    };
    const gone = [...this.runs.values()].filter((run) => !stays(run));
    const left = new Map([...this.runs].filter(([, run]) => stays(run)));
    for (const run of left.values()) run.leftover = null;
    const standing = gone.filter((run) => this.mayStand(run));
    const later = standing.filter((run) => this.dependants(run.node.key).some(stays));
    for (const run of [...standing].reverse()) if (!later.includes(run)) await this.undoNode(run, []);
    for (const run of standing) if (later.includes(run) || run.leftover !== null) this.drop(run);
    for (const { node } of gone) {
      this.findings.delete(node.key);
      this.known.delete(node.key);
    }
    const revived = this.dropped.filter(({ run }) => stays(run) && !left.has(run.node.key));
    for (const each of revived) this.revive(each, left);
    const before = this.plan;
    const outputs = this.outputs();
    this.plan = plan;
    this.runs.clear(); // again in the plan's order, by which a later correction undoes what it drops
    for (const node of plan.nodes) {
      const run = left.get(node.key) ?? freshRun(node);
      this.runs.set(node.key, run);
      const former = run.node;
      run.node = node;
      if (former.connection !== node.connection) {
        this.handOver(run);
        continue;
      }
      run.stale ||= isHandedOff(former) && !sameBody(former, before.texts, node, plan.texts);
      if (revived.some((each) => each.run === run)) run.applied = {};
      else if (sameBody(former, before.texts, node, plan.texts)) continue;
      else if (run.touched) run.applied = run.result ? resolveNode(before, former, outputs).body : {};
      else if (this.findings.get(node.key)?.action === 'adopt') this.findings.delete(node.key); // it may be another object now
      this.reopen(run);
    }
  }

  /** A person goes on with a node at the same account of the vendor: what was made there is handed over too, and not lost. */
  private handOver(run: NodeRun): void {
    const { key } = run.node;
    this.findings.delete(key);
    this.known.delete(key);
    this.runs.set(key, { ...freshRun(run.node), loose: looseEndOf(run), touched: looseEndOf(run) !== null });
  }

  private drop(run: NodeRun): void {
    const { key } = run.node;
    const neededBy = this.dependants(key).map(({ node }) => node.key);
    const [finding, known] = [this.findings.get(key), this.known.get(key)];
    this.dropped.push({ run, neededBy, input: this.removal(run), finding, known });
  }

  /** A later correction has the node again: it still stands. */
  private revive(each: Dropped, runs: Map<string, NodeRun>): void {
    const { key } = each.run.node;
    this.dropped.splice(this.dropped.indexOf(each), 1);
    runs.set(key, each.run);
    if (each.finding) this.findings.set(key, each.finding);
    if (each.known) this.known.set(key, each.known);
  }

  /** The last dropped first: what was made later may refer to what was made before. */
  private async removeDropped(): Promise<void> {
    for (const each of [...this.dropped].reverse()) {
      await this.undoNode(each.run, []);
      const { leftover } = each.run;
      if (leftover) {
        const message = `${each.run.node.title}: the corrected plan no longer has it, and it could not be undone. ${leftover.reason}`;
        this.fault ??= { step: leftover.key, code: 'CONFLICT', message };
        return;
      }
      this.dropped.splice(this.dropped.indexOf(each), 1);
    }
  }

  /** Once for each node, before anything is made for it: what the job itself makes must not count as there before. */
  private async look(): Promise<void> {
    const connections = new Map<string, PlanNode[]>();
    for (const node of this.plan.nodes) {
      if (this.findings.has(node.key) || isHandedOff(node)) continue;
      const id = connectionTaskQueue(node.vendor, node.connection);
      connections.set(id, [...(connections.get(id) ?? []), node]);
    }
    const looks = [...connections].map(async ([queue, nodes]) => {
      const [first] = nodes;
      if (!first) return;
      const keys = new Set(nodes.map((node) => node.key));
      const input: LookInput = {
        vendor: first.vendor,
        connection: first.connection,
        nodes: nodes.map((node) => resolveNode(this.plan, node, this.outputs())),
        known: this.baseline.filter((resource) => keys.has(resource.key)),
      };
      try {
        const options = vendorStep(queue, activityId(queue, 'look'), 'what stands already');
        const { findings } = await scheduleActivity<LookResult>(lookActivityType(first.vendor), [input], options);
        for (const finding of findings) this.found(finding);
      } catch (error) {
        this.fail(first.key, readStepFailure(error));
      }
    });
    await Promise.all(looks);
    if (!this.fault) return;
    for (const nodes of connections.values()) for (const { key } of nodes) this.findings.delete(key); // a retry looks again
  }

  /** A conflict that the look sees ends the job before anything is written. */
  private found(finding: LookFinding): void {
    this.findings.set(finding.key, finding);
    if (finding.action !== 'conflict') return;
    const code = finding.status === 'ambiguous' ? 'AMBIGUOUS' : 'FOREIGN_RESOURCE';
    const title = this.runs.get(finding.key)?.node.title ?? finding.key;
    this.fault ??= { step: finding.key, code, message: `${title}: ${finding.reason}.` };
  }

  /** Runs until nothing more can be started. After a fault nothing new starts; with `failFast` the siblings' waits end too. */
  private async ensureAll(failFast: CancellationScope | undefined): Promise<void> {
    const busy = new Map<string, Promise<void>>();
    const cancelled = (): boolean => CancellationScope.current().consideredCancelled;
    for (;;) {
      if (!this.fault && !cancelled()) {
        for (const run of this.startable()) {
          run.running = true;
          busy.set(
            run.node.key,
            this.ensureNode(run).finally(() => {
              busy.delete(run.node.key);
              if (this.fault && this.fault.then !== 'hold') failFast?.cancel();
            }),
          );
        }
      }
      this.changed();
      if (busy.size === 0) return;
      await Promise.race(busy.values());
    }
  }

  private startable(): NodeRun[] {
    const done = (key: string): boolean => this.runs.get(key)?.result != null;
    return [...this.runs.values()].filter((run) => !run.running && run.result === null && run.node.needs.every(done));
  }

  private async ensureNode(run: NodeRun): Promise<void> {
    const { node } = run;
    if (isHandedOff(node)) {
      await this.byPerson(run, () => this.people.bring(run));
      return;
    }
    const baseline = this.baseline.find((resource) => resource.key === node.key) ?? null;
    const input: EnsureInput = {
      node: resolveNode(this.plan, node, this.outputs()),
      known: this.known.get(node.key) ?? baseline,
      looked: this.findings.get(node.key) ?? null,
      first: !run.touched,
      mayBeInFlightSince: run.inFlightSince,
      ...(run.failure?.stood === undefined ? {} : { stood: run.failure.stood }),
      ...(run.applied ? { applied: run.applied } : {}),
    };
    run.touched = true; // before it runs: a lost reply may still have taken effect
    try {
      const result = await this.schedule<EnsureResult>(node, 'ensure', input, 'create or adopt');
      run.result = result;
      run.failure = null;
      run.applied = null;
      run.inFlightSince = null;
      if (result.lacks && node.person?.asks.secret !== undefined) {
        this.reopen(run); // it stands, and is done once a person has supplied what it lacks
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

  private async byPerson(run: NodeRun, task: () => Promise<SagaFault | null>): Promise<void> {
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
    const needs = this.runs.get(fault.step)?.node.needs ?? [];
    return needs.some((key) => this.runs.get(key)?.result?.origin === 'shared');
  }

  /** Reads again the shared objects that were found: somebody else may have removed one. True when a part must be ensured again. */
  private async sharedVanished(): Promise<boolean> {
    const shared = [...this.runs.values()].filter((run) => run.result?.origin === 'shared');
    const vanished = await Promise.all(
      shared.map(async (run) => {
        const { node, result } = run;
        if (!result) return false;
        const input: ObserveInput = {
          node: resolveNode(this.plan, node, this.outputs()),
          recorded: owned(node, result),
        };
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
      for (const each of [run, ...this.dependants(run.node.key)]) this.reopen(each);
      this.known.delete(run.node.key); // the recorded object is the one that is gone
    });
    return vanished.includes(true);
  }

  /** Removes what attempts presumed dead may have made besides the recorded objects. */
  private async settleAll(): Promise<void> {
    const unsettled = [...this.runs.values()].filter((run) => run.result?.settle === true);
    await Promise.all(
      unsettled.map(async ({ node, result }) => {
        if (!result) return;
        const looked = this.findings.get(node.key) ?? null;
        const input: SettleInput = {
          node: resolveNode(this.plan, node, this.outputs()),
          recorded: result.externalId,
          looked,
        };
        try {
          await this.schedule<SettleResult>(node, 'settle', input, 'no spare objects');
        } catch (error) {
          this.fail(node.key, readStepFailure(error));
        }
      }),
    );
  }

  private async undoNode(run: NodeRun, needing: readonly NodeRun[]): Promise<void> {
    const { node } = run;
    run.leftover = null;
    const standing = needing.find((other) => other.leftover !== null);
    const id = run.result?.externalId ?? '';
    if (standing) {
      const reason = `STILL_REFERENCED: ${standing.node.title} could not be undone and may refer to it`;
      run.leftover = { key: node.key, externalId: id, reason };
      return;
    }
    const input = this.dropped.find((each) => each.run === run)?.input ?? this.removal(run);
    try {
      if (isHandedOff(node)) {
        await this.people.takeBack(run);
        return;
      }
      run.undone = await this.schedule<RemoveResult>(node, 'remove', input, 'undo');
    } catch (error) {
      const failure = readStepFailure(error);
      run.leftover = {
        key: node.key,
        externalId: failure.externalId ?? id,
        reason: `${failure.code}: ${failure.message}`,
      };
    }
  }

  private removal(run: NodeRun): RemoveInput {
    const { node } = run;
    return {
      node: resolveNode(this.plan, node, this.outputs()),
      baseline: this.baseline.find((resource) => resource.key === node.key) ?? null,
      made: madeBy(run),
      looked: this.findings.get(node.key) ?? null,
      mayBeInFlightSince: run.inFlightSince,
      ...(run.failure?.stood === undefined ? {} : { stood: run.failure.stood }),
    };
  }

  private schedule<R>(node: PlanNode, verb: Exclude<Verb, 'look'>, input: unknown, summary: string): Promise<R> {
    const queue = connectionTaskQueue(node.vendor, node.connection);
    const options = vendorStep(queue, activityId(node.key, verb), `${node.title}: ${summary}`);
    return scheduleActivity<R>(activityType(node.vendor, node.resource, verb), [input], options);
  }

  /** What former schedulings of this job made, for nodes that are ensured again. */
  private readonly known = new Map<string, OwnedResource>();

  private readonly dropped: Dropped[] = [];

  private reopen(run: NodeRun): void {
    const { node, result } = run;
    if (!result) return;
    if (node.waits !== true) this.known.set(node.key, owned(node, result));
    const { inFlightUntil } = result;
    if (inFlightUntil !== null && Date.parse(inFlightUntil) > Date.now()) run.inFlightSince = new Date().toISOString();
    run.former = result;
    run.result = null;
  }

  private fail(step: string, failure: StepFailure): void {
    if (failure.kind !== 'failed') return;
    const then = failure.personCan === true ? { then: 'hold' as const } : {};
    this.fault ??= { step, code: failure.code, message: failure.message, ...then };
  }

  private outcome(): SagaFault | null {
    if (this.fault) return this.fault;
    const open = [...this.runs.values()].find((run) => run.result === null);
    return open
      ? { step: open.node.key, code: 'OUTCOME_UNKNOWN', message: `${open.node.title}: the step was cancelled.` }
      : null;
  }

  private complete(): boolean {
    return !this.fault && [...this.runs.values()].every((run) => run.result !== null);
  }

  private dependants(key: string): NodeRun[] {
    return dependants(this.plan, key).flatMap((other) => {
      const run = this.runs.get(other);
      return run && this.mayStand(run) ? [run] : [];
    });
  }

  /** What may refer to a node's object, directly or through others. */
  private referring(run: NodeRun): NodeRun[] {
    const { key } = run.node;
    const own = this.dropped.find((each) => each.run === run);
    const staying = own ? own.neededBy.flatMap((other) => this.runs.get(other) ?? []) : this.dependants(key);
    const gone = this.dropped
      .map((each) => each.run)
      .filter((other) => other !== run && other.node.needs.includes(key));
    return [...staying.filter((other) => this.mayStand(other)), ...gone];
  }

  /** Whether undo has to see to a node: it was scheduled, or the look saw an object of ours that the account does not record. */
  private mayStand({ touched, node }: NodeRun): boolean {
    if (touched) return true;
    return this.findings.get(node.key)?.status === 'ours' && !this.baseline.some(({ key }) => key === node.key);
  }

  private outputs(): Record<string, Record<string, string>> {
    const outputs: Record<string, Record<string, string>> = {};
    for (const [key, run] of this.runs) {
      const made = run.result ?? run.former;
      if (made) outputs[key] = made.outputs;
    }
    return outputs;
  }
}
