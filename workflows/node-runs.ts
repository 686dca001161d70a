import {
  isHandedOff,
  type Leftover,
  type LookFinding,
  type OwnedResource,
  type Plan,
  type PlanNode,
  type RemoveInput,
  type ResolvedNode,
} from '#libs/contracts/index.js';
import { dependants, resolveNode } from '#libs/planning/index.js';
import { freshRun, madeBy, owned, sameBody, type NodeRun } from './node-run.js';
import { looseEndOf } from './person-steps.js';

/** A node that a corrected plan no longer has and that stands until what referred to it has been brought to that plan. */
interface Dropped {
  run: NodeRun;
  /** Keys of the nodes that may refer to it still. */
  neededBy: string[];
  input: RemoveInput;
  finding: LookFinding | undefined;
  known: OwnedResource | undefined;
}

/** What a job knows of the nodes of its plan and of those that a corrected plan has dropped, and what follows from it. Calls nobody. */
export class NodeRuns {
  /** In the plan's order. */
  readonly byKey = new Map<string, NodeRun>();
  /** What the look saw of each node. */
  readonly findings = new Map<string, LookFinding>();
  /** What former schedulings of this job made, for nodes that are ensured again. */
  readonly known = new Map<string, OwnedResource>();
  private readonly dropped: Dropped[] = [];
  private current: Plan;

  constructor(
    plan: Plan,
    private readonly baseline: readonly OwnedResource[],
  ) {
    this.current = plan;
    for (const node of plan.nodes) this.byKey.set(node.key, freshRun(node));
  }

  get plan(): Plan {
    return this.current;
  }

  /** The nodes of the plan, in its order. */
  get all(): NodeRun[] {
    return [...this.byKey.values()];
  }

  /** The nodes that a corrected plan has dropped and that stand still, in the order of the plan that had them. */
  get leftBehind(): NodeRun[] {
    return this.dropped.map(({ run }) => run);
  }

  /** What the account recorded of some nodes when the job began. */
  recorded(keys: ReadonlySet<string>): OwnedResource[] {
    return this.baseline.filter(({ key }) => keys.has(key));
  }

  baselineOf(nodeKey: string): OwnedResource | null {
    return this.baseline.find(({ key }) => key === nodeKey) ?? null;
  }

  /** A node as activities get it. */
  resolved(node: PlanNode): ResolvedNode {
    return resolveNode(this.plan, node, this.outputs());
  }

  leftovers(): Leftover[] {
    return [...this.all, ...this.leftBehind].flatMap((run) => (run.leftover ? [run.leftover] : []));
  }

  /** What the account owns once the plan stands. */
  resources(): OwnedResource[] {
    return this.plan.nodes.flatMap((node) => {
      const result = this.byKey.get(node.key)?.result;
      return result && node.waits !== true ? [owned(node, result)] : [];
    });
  }

  /**
   * Takes a corrected plan. What does not stay in it is forgotten, but for `later`: that stands, and is kept until what may refer to
   * it has been brought to the plan. What stays is left as it is, or opened again.
   */
  correct(plan: Plan, stays: (run: NodeRun) => boolean, later: readonly NodeRun[]): void {
    const left = new Map([...this.byKey].filter(([, run]) => stays(run)));
    for (const run of later) this.drop(run);
    for (const key of this.byKey.keys()) {
      if (left.has(key)) continue;
      this.findings.delete(key);
      this.known.delete(key);
    }
    const revived = this.dropped.filter(({ run }) => stays(run) && !left.has(run.node.key));
    for (const each of revived) this.revive(each, left);
    const before = this.plan;
    const outputs = this.outputs();
    this.current = plan;
    this.byKey.clear(); // again in the plan's order, by which a later correction undoes what it drops
    for (const node of plan.nodes) {
      const run = left.get(node.key) ?? freshRun(node);
      this.byKey.set(node.key, run);
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
    this.byKey.set(key, { ...freshRun(run.node), loose: looseEndOf(run), touched: looseEndOf(run) !== null });
  }

  /** Keeps a node that a corrected plan no longer has until what may refer to it has been brought to that plan. */
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
    each.run.leftover = null;
    runs.set(key, each.run);
    if (each.finding) this.findings.set(key, each.finding);
    if (each.known) this.known.set(key, each.known);
  }

  /** A dropped node is gone. */
  forget(run: NodeRun): void {
    const at = this.dropped.findIndex((each) => each.run === run);
    if (at >= 0) this.dropped.splice(at, 1);
  }

  /** Lets a node be ensured again; what it made is known. */
  reopen(run: NodeRun): void {
    const { node, result } = run;
    if (!result) return;
    if (node.waits !== true) this.known.set(node.key, owned(node, result));
    const { inFlightUntil } = result;
    if (inFlightUntil !== null && Date.parse(inFlightUntil) > Date.now()) run.inFlightSince = new Date().toISOString();
    run.former = result;
    run.result = null;
  }

  /** What undo is told of a node. */
  removal(run: NodeRun): RemoveInput {
    const dropped = this.dropped.find((each) => each.run === run);
    const removing = run.removing.length > 0 ? { removing: run.removing } : {};
    if (dropped) return { ...dropped.input, ...removing };
    const { node } = run;
    return {
      node: this.resolved(node),
      baseline: this.baselineOf(node.key),
      made: madeBy(run),
      looked: this.findings.get(node.key) ?? null,
      mayBeInFlightSince: run.inFlightSince,
      ...(run.failure?.stood === undefined ? {} : { stood: run.failure.stood }),
      ...removing,
    };
  }

  /** What needs a node, directly or through others, and may stand. */
  dependants(key: string): NodeRun[] {
    return dependants(this.plan, key).flatMap((other) => {
      const run = this.byKey.get(other);
      return run && this.mayStand(run) ? [run] : [];
    });
  }

  /** What may refer to a node's object, directly or through others. */
  referring(run: NodeRun): NodeRun[] {
    const { key } = run.node;
    const own = this.dropped.find((each) => each.run === run);
    const staying = own ? own.neededBy.flatMap((other) => this.byKey.get(other) ?? []) : this.dependants(key);
    const gone = this.leftBehind.filter((other) => other !== run && other.node.needs.includes(key));
    return [...staying.filter((other) => this.mayStand(other)), ...gone];
  }

  /** Whether undo has to see to a node: it was scheduled, or the look saw an object of ours that the account does not record. */
  mayStand({ touched, node }: NodeRun): boolean {
    if (touched) return true;
    return this.findings.get(node.key)?.status === 'ours' && this.baselineOf(node.key) === null;
  }

  private outputs(): Record<string, Record<string, string>> {
    const outputs: Record<string, Record<string, string>> = {};
    for (const [key, run] of this.byKey) {
      const made = run.result ?? run.former;
      if (made) outputs[key] = made.outputs;
    }
    return outputs;
  }
}
