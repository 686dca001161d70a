import { CancellationScope, scheduleActivity } from '@temporalio/workflow';
import {
  activityId,
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
  type SettleInput,
  type SettleResult,
} from '#libs/contracts/index.js';
import { vendorStep } from './activity-options.js';
import { HandoffDesk } from './handoff-desk.js';
import { keepRemoving, owned, type NodeRun } from './node-run.js';
import { NodeRuns } from './node-runs.js';
import { PersonSteps } from './person-steps.js';
import type { SagaFault } from './saga-fault.js';
import { scheduleStep } from './schedule-step.js';
import { readStepFailure, type StepFailure } from './step-failure.js';
import { Undo } from './undo.js';

export type { SagaFault } from './saga-fault.js';

/** How often shared objects that vanished while the job ran are made good before the job fails. */
const SHARED_ROUNDS = 3;

/** Faults that a shared object gone since the look may have caused in what refers to it. */
const SHARED_GONE: readonly ErrorCode[] = ['INVALID_REQUEST', 'CONFLICT'];

/**
 * The plan interpreter: brings a plan to stand and takes it back. It knows graphs and activities, no vendor. `changed` is called
 * whenever what `runs` says has changed.
 */
export class Saga {
  private readonly nodes: NodeRuns;
  private fault: SagaFault | null = null;
  private readonly people: PersonSteps;
  private readonly taking: Undo;

  constructor(
    plan: Plan,
    baseline: readonly OwnedResource[],
    private readonly changed: () => void,
    desk: HandoffDesk = new HandoffDesk({ changed, reminder: () => undefined }),
  ) {
    this.nodes = new NodeRuns(plan, baseline);
    this.people = new PersonSteps(desk, (node, task) => {
      const input = { node: this.nodes.resolved(node), ...task };
      return scheduleStep<CheckResult>(node, 'check', input, 'is the answer right');
    });
    this.taking = new Undo(this.nodes, this.people, changed);
  }

  /** What is known of the nodes of the plan, in its order. */
  get runs(): readonly NodeRun[] {
    return this.nodes.all;
  }

  /** Whether only conditions (channels to become active) and people are still awaited. */
  get onlyWaits(): boolean {
    const running = this.nodes.all.filter((run) => run.running);
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

  /** Takes everything back. Answers what could not be undone. */
  undo(): Promise<Leftover[]> {
    return this.taking.all();
  }

  leftovers(): Leftover[] {
    return this.nodes.leftovers();
  }

  /** What the account owns once the plan stands. */
  resources(): OwnedResource[] {
    return this.nodes.resources();
  }

  /**
   * Goes on with a corrected plan. Finished nodes that it leaves as they are stay finished; changed ones are ensured again. Nodes that
   * it no longer has on their connection are undone: an id means nothing on another connection, unless a person goes on with it there.
   * Those that something staying may refer to, and those that could not be undone now, are undone by the next `apply`, once the
   * rest has been brought to the plan.
   */
  async replan(plan: Plan): Promise<void> {
    const { nodes } = this;
    const next = new Map(plan.nodes.map((node) => [node.key, node]));
    const stays = ({ node }: NodeRun): boolean => {
      const to = next.get(node.key);
      return to !== undefined && (to.connection === node.connection || mayBecomeHandoff(node, to));
    };
    for (const run of nodes.all) if (stays(run)) run.leftover = null;
    const standing = nodes.all.filter((run) => !stays(run) && nodes.mayStand(run));
    const referredTo = standing.filter((run) => nodes.dependants(run.node.key).some(stays));
    for (const run of [...standing].reverse()) if (!referredTo.includes(run)) await this.taking.node(run, []);
    nodes.correct(
      plan,
      stays,
      standing.filter((run) => referredTo.includes(run) || run.leftover !== null),
    );
  }

  /** The last dropped first: what was made later may refer to what was made before. */
  private async removeDropped(): Promise<void> {
    for (const run of this.nodes.leftBehind.reverse()) {
      await this.taking.node(run, []);
      const { leftover } = run;
      if (leftover) {
        const message = `${run.node.title}: the corrected plan no longer has it, and it could not be undone. ${leftover.reason}`;
        this.fault ??= { step: leftover.key, code: 'CONFLICT', message };
        return;
      }
      this.nodes.forget(run);
    }
  }

  /** Once for each node, before anything is made for it: what the job itself makes must not count as there before. */
  private async look(): Promise<void> {
    const connections = new Map<string, PlanNode[]>();
    for (const node of this.nodes.plan.nodes) {
      if (this.nodes.findings.has(node.key) || isHandedOff(node)) continue;
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
        nodes: nodes.map((node) => this.nodes.resolved(node)),
        known: this.nodes.recorded(keys),
      };
      try {
        const options = vendorStep(queue, activityId(queue, 'look'), 'what stands already', 4);
        const { findings } = await scheduleActivity<LookResult>(lookActivityType(first.vendor), [input], options);
        for (const finding of findings) this.found(finding);
      } catch (error) {
        this.fail(first.key, readStepFailure(error));
      }
    });
    await Promise.all(looks);
    if (!this.fault) return;
    for (const nodes of connections.values()) for (const { key } of nodes) this.nodes.findings.delete(key); // a retry looks again
  }

  /** A conflict that the look sees ends the job before anything is written. */
  private found(finding: LookFinding): void {
    this.nodes.findings.set(finding.key, finding);
    if (finding.action !== 'conflict') return;
    const code = finding.status === 'ambiguous' ? 'AMBIGUOUS' : 'FOREIGN_RESOURCE';
    const title = this.nodes.byKey.get(finding.key)?.node.title ?? finding.key;
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
    const done = (key: string): boolean => this.nodes.byKey.get(key)?.result != null;
    return this.nodes.all.filter((run) => !run.running && run.result === null && run.node.needs.every(done));
  }

  private async ensureNode(run: NodeRun): Promise<void> {
    const { node } = run;
    if (isHandedOff(node)) {
      await this.byPerson(run, () => this.people.bring(run));
      return;
    }
    const input: EnsureInput = {
      node: this.nodes.resolved(node),
      known: this.nodes.known.get(node.key) ?? this.nodes.baselineOf(node.key),
      looked: this.nodes.findings.get(node.key) ?? null,
      first: !run.touched,
      mayBeInFlightSince: run.inFlightSince,
      ...(run.failure?.stood === undefined ? {} : { stood: run.failure.stood }),
      ...(run.applied ? { applied: run.applied } : {}),
    };
    run.touched = true; // before it runs: a lost reply may still have taken effect
    try {
      const result = await scheduleStep<EnsureResult>(node, 'ensure', input, 'create or adopt');
      run.result = result;
      run.failure = null;
      run.applied = null;
      run.inFlightSince = null;
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
    const needs = this.nodes.byKey.get(fault.step)?.node.needs ?? [];
    return needs.some((key) => this.nodes.byKey.get(key)?.result?.origin === 'shared');
  }

  /** Reads again the shared objects that were found: somebody else may have removed one. True when a part must be ensured again. */
  private async sharedVanished(): Promise<boolean> {
    const shared = this.nodes.all.filter((run) => run.result?.origin === 'shared');
    const vanished = await Promise.all(
      shared.map(async (run) => {
        const { node, result } = run;
        if (!result) return false;
        const input: ObserveInput = {
          node: this.nodes.resolved(node),
          recorded: owned(node, result),
        };
        try {
          const seen = await scheduleStep<ObserveResult>(node, 'observe', input, 'still there');
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
      this.nodes.known.delete(run.node.key); // the recorded object is the one that is gone
    });
    return vanished.includes(true);
  }

  /** Removes what attempts presumed dead may have made besides the recorded objects. */
  private async settleAll(): Promise<void> {
    const unsettled = this.nodes.all.filter((run) => run.result?.settle === true);
    await Promise.all(
      unsettled.map(async (run) => {
        const { node, result } = run;
        if (!result) return;
        const looked = this.nodes.findings.get(node.key) ?? null;
        const input: SettleInput = {
          node: this.nodes.resolved(node),
          recorded: result.externalId,
          looked,
        };
        try {
          await scheduleStep<SettleResult>(node, 'settle', input, 'no spare objects');
        } catch (error) {
          const failure = readStepFailure(error);
          keepRemoving(run, failure);
          this.fail(node.key, failure);
        }
      }),
    );
  }

  private fail(step: string, failure: StepFailure): void {
    if (failure.kind !== 'failed') return;
    const then = failure.personCan === true ? { then: 'hold' as const } : {};
    this.fault ??= { step, code: failure.code, message: failure.message, ...then };
  }

  private outcome(): SagaFault | null {
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
