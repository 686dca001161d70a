import {
  isHandedOff,
  type Knowledge,
  type Leftover,
  type LookFinding,
  type OwnedResource,
  type Plan,
  type PlanNode,
  type RemoveGoal,
  type RemoveInput,
  type ResolvedNode,
  type Standing,
} from '#libs/contracts/index.js';
import { dependants, fillRefs, resolveNode, sameBody } from '#libs/planning/index.js';
import { bodyOf, DroppedNodes, type Dropped } from './dropped-nodes.js';
import { eitherBody, freshRun, madeBy, owned, recordedRun, type NodeRun } from './node-run.js';
import { carriedOverBy } from './person-steps.js';

/** What an operation knows of the nodes of its plan and of those that it drops, and what follows from it. Schedules nothing. */
export class NodeRuns {
  /** In the plan's order. */
  readonly byKey = new Map<string, NodeRun>();
  /** What the look saw of each node. */
  readonly findings = new Map<string, LookFinding>();
  readonly dropped = new DroppedNodes();
  private readonly recorded: ReadonlyMap<string, OwnedResource>;
  private current: Plan;

  /** Begins at what the account records: its plan, whose nodes stand as recorded; without one, at `plan`, of which nothing stands. */
  constructor(
    private readonly from: Standing | null,
    plan: Plan,
    /** Whether nothing of the account may stay. */
    private readonly leaves: boolean,
  ) {
    this.recorded = new Map(from?.resources.map((resource) => [resource.key, resource]));
    this.current = from?.plan ?? plan;
    for (const node of this.current.nodes) {
      this.byKey.set(node.key, from ? recordedRun(node, this.recordOf(node.key)) : freshRun(node));
    }
  }

  get plan(): Plan {
    return this.current;
  }

  /** The nodes of the plan, in its order. */
  get all(): NodeRun[] {
    return [...this.byKey.values()];
  }

  /** The nodes that the plan has dropped and that stand still, in the order of the plan that had them. */
  get leftBehind(): NodeRun[] {
    return this.dropped.runs;
  }

  /** What the account recorded of a node when the operation began. */
  recordOf(key: string): OwnedResource | null {
    return this.recorded.get(key) ?? null;
  }

  /** What the account recorded on a connection. */
  recordedOn(vendor: string, connection: string): OwnedResource[] {
    return [...this.recorded.values()].filter((each) => each.vendor === vendor && each.connection === connection);
  }

  /** A node as activities get it. */
  resolved(node: PlanNode): ResolvedNode {
    return resolveNode(this.plan, node, this.outputs());
  }

  /** A node with its references filled in; its long texts stay where the plan has them. */
  resolvedWithoutTexts(node: PlanNode): ResolvedNode {
    const { tenant, account, installation } = this.plan;
    return { ...node, body: fillRefs(node.body, this.outputs()), account: { tenant, account }, installation };
  }

  /** Everything that is known of a node's object: the one value that every step gets. */
  knowledge(run: NodeRun): Knowledge {
    const { key } = run.node;
    const held = this.heldByOthers(run);
    return {
      recorded: this.recordOf(key),
      ...(run.carries ? { carried: run.carries } : {}),
      made: madeBy(run),
      looked: this.findings.get(key) ?? null,
      ...(run.failure?.provisioned === undefined ? {} : { provisioned: run.failure.provisioned }),
      inFlightSince: run.inFlightSince,
      ...(run.removing.length > 0 ? { removing: run.removing } : {}),
      ...(held.length > 0 ? { held } : {}),
    };
  }

  /** Ids that the account records for other nodes of the plan: a node that has none yet must not take one of them for its own. */
  private heldByOthers({ node }: NodeRun): string[] {
    if (this.leaves || this.recordOf(node.key)) return [];
    return [...this.recorded.values()].flatMap(({ key, vendor, resource, externalId }) =>
      key !== node.key && vendor === node.vendor && resource === node.resource && this.byKey.has(key)
        ? [externalId]
        : [],
    );
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

  /** What stands now, as far as is known: what steps answered, and what is recorded and has not been removed. */
  standing(): OwnedResource[] {
    const now = this.all.flatMap((run) => {
      const { node } = run;
      if (node.waits === true || isGone(run)) return [];
      const result = run.result ?? madeBy(run);
      if (result) return [owned(node, result)];
      return this.recordOf(node.key) ?? [];
    });
    const behind = this.dropped.filter((each) => !this.dropped.isCarriedOver(each) && !isGone(each.run));
    return [...now, ...behind.flatMap(({ recorded }) => recorded ?? [])];
  }

  /**
   * Counts every node as touched by an operation that was cut off: whatever it made or removed, or may still, has to be reckoned with.
   */
  countAsInFlight(): void {
    const since = new Date().toISOString();
    for (const run of this.all) {
      if (run.node.waits === true) continue;
      const previous = run.previous ?? this.resolved(run.node).body; // a write of it may land over what is wanted next
      Object.assign(run, { touched: true, inFlightSince: since, result: null, byRecord: false, previous });
    }
    for (const run of this.leftBehind) Object.assign(run, { touched: true, inFlightSince: since });
  }

  /**
   * Takes another plan. What does not stay in it is forgotten, but for `later`: that stands, and is kept until what may refer to it has
   * been brought to the plan. What stays is left as it is, or opened again.
   */
  correct(plan: Plan, stays: (run: NodeRun) => boolean, later: readonly NodeRun[]): void {
    const left = new Map([...this.byKey].filter(([, run]) => stays(run)));
    for (const run of later) this.drop(run);
    for (const key of this.byKey.keys()) if (!left.has(key)) this.findings.delete(key);
    const revived = this.dropped.filter(({ run }) => stays(run) && !left.has(run.node.key));
    for (const { carrier } of revived) if (carrier && left.get(carrier.node.key) === carrier) this.giveBack(carrier);
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
      if (this.isAsRecorded(run, plan)) continue;
      const same = sameBody(former, before.texts, node, plan.texts);
      run.stale ||= isHandedOff(former) && !same;
      const back = revived.find((each) => each.run === run);
      if (back) run.previous = back.written.length > 0 ? bodyOf(back) : {};
      else if (same) continue;
      else if (run.result) run.previous = resolveNode(before, former, outputs).body;
      else if (run.touched) run.previous = this.perhapsWritten(run, resolveNode(before, former, outputs).body);
      else if (this.findings.get(node.key)?.action === 'adopt') this.findings.delete(node.key); // it may be another object now
      this.reopen(run);
    }
  }

  /** Leaves a node that no step has touched as it is recorded, where the plan wants just that. True where it does. */
  private isAsRecorded(run: NodeRun, plan: Plan): boolean {
    const { node, touched, standsAs } = run;
    const recorded = this.from?.plan.nodes.find(({ key }) => key === node.key);
    if (touched || !standsAs || !recorded || !this.from) return false;
    if (!sameBody(recorded, this.from.plan.texts, node, plan.texts)) return false;
    Object.assign(run, { result: standsAs, byRecord: true, previous: null });
    return true;
  }

  /** What may stand of a node whose step did not answer: nothing that is known, unless the account records how it stood before. */
  private perhapsWritten(run: NodeRun, wanted: ResolvedNode['body']): ResolvedNode['body'] {
    return this.recordOf(run.node.key) || run.carries ? eitherBody(run.previous, wanted) : {};
  }

  /** A person goes on with a node at the same account of the vendor: what was made there is handed over too, and not lost. */
  private handOver(run: NodeRun): void {
    const { key } = run.node;
    this.findings.delete(key);
    const carriedOver = carriedOverBy(run);
    this.byKey.set(key, { ...freshRun(run.node), carriedOver, touched: carriedOver !== null });
  }

  /** Keeps a node that the plan no longer has until what may refer to it has been brought to that plan. */
  private drop(run: NodeRun): void {
    const { key } = run.node;
    const neededBy = this.dependants(key).map(({ node }) => node.key);
    const finding = this.findings.get(key);
    this.dropped.add({ run, neededBy, input: this.removal(run), finding, recorded: this.recordOf(key) });
  }

  /** The object that a node carries goes back to the node that had it: what else may stand of it is looked for. */
  private giveBack(run: NodeRun): void {
    const { node, touched, inFlightSince, result } = run;
    const held = this.dropped.filter(({ carrier }) => carrier === run);
    for (const each of held) {
      each.carrier = null;
      if (!touched) continue;
      each.written.push(this.resolved(node).body);
      each.run.touched = true;
      each.run.inFlightSince ??= inFlightSince;
    }
    this.findings.delete(node.key);
    const own = result && held.every(({ recorded }) => recorded?.externalId !== result.externalId) ? result : null;
    Object.assign(run, { carries: null, previous: null, result: own, earlier: null });
  }

  /** A later plan has the node again: it still stands. */
  private revive(each: Dropped, runs: Map<string, NodeRun>): void {
    const { key } = each.run.node;
    this.dropped.forget(each.run);
    each.run.leftover = null;
    runs.set(key, each.run);
    if (each.finding) this.findings.set(key, each.finding);
  }

  /** A dropped node is gone. */
  forget(run: NodeRun): void {
    this.dropped.forget(run);
  }

  /** Lets a node be brought to the plan again; what stands of it is known. */
  reopen(run: NodeRun): void {
    const { result, byRecord } = run;
    if (!result) return;
    const { inFlightUntil } = result;
    if (inFlightUntil !== null && Date.parse(inFlightUntil) > Date.now()) run.inFlightSince = new Date().toISOString();
    if (!byRecord) run.earlier = result;
    run.result = null;
    run.byRecord = false;
  }

  /** Lets a node be brought to the plan again, at what is recorded of it. */
  open(run: NodeRun): void {
    if (!run.result) return;
    run.previous ??= this.resolved(run.node).body;
    this.reopen(run);
  }

  /** Lets what refers to a node be brought to the plan again, since the node has another object now. */
  reopenReferring(key: string): void {
    const outputs = this.outputs();
    for (const { node } of this.all.filter(({ node: { needs } }) => needs.includes(key))) {
      const run = this.byKey.get(node.key);
      if (!run?.result || run.running) continue;
      run.previous ??= node.waits === true ? null : resolveNode(this.plan, node, outputs).body;
      this.reopen(run);
    }
  }

  /** What the way back is told of a node. */
  removal(run: NodeRun): RemoveInput {
    const dropped = this.dropped.of(run);
    if (dropped) {
      // What has become known since it was dropped counts too: an operation that was cut off may have made it anew.
      const { removing, inFlightSince, held } = this.knowledge(run);
      const { input } = dropped;
      const since = inFlightSince ?? input.knowledge.inFlightSince;
      const known = { ...(removing ? { removing } : {}), ...(held ? { held } : {}) };
      const knowledge = { ...input.knowledge, inFlightSince: since, ...known };
      return { ...input, knowledge };
    }
    return { node: this.resolved(run.node), knowledge: this.knowledge(run), goal: this.goalOf(run) };
  }

  /** An onboarding leaves nothing of what it met; an amendment only what it made itself goes, or what the new plan no longer has. */
  private goalOf({ node }: NodeRun): RemoveGoal {
    if (this.leaves || this.recordOf(node.key)) return 'remove';
    return this.from ? 'keep' : 'undo';
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
    const own = this.dropped.of(run);
    const staying = own ? own.neededBy.flatMap((other) => this.byKey.get(other) ?? []) : this.dependants(key);
    const gone = this.leftBehind.filter((other) => other !== run && other.node.needs.includes(key));
    return [...staying.filter((other) => this.mayStand(other)), ...gone];
  }

  /** Whether something of a node may stand: it was scheduled, is recorded, or the look saw an object of ours that is not recorded. */
  mayStand({ touched, node }: NodeRun): boolean {
    if (touched || this.recordOf(node.key) !== null) return true;
    return this.from === null && this.findings.get(node.key)?.status === 'ours';
  }

  private outputs(): Record<string, Record<string, string>> {
    const outputs: Record<string, Record<string, string>> = {};
    for (const [key, { id }] of [...this.recorded].map(([key, { externalId }]) => [key, { id: externalId }] as const)) {
      outputs[key] = { id };
    }
    for (const [key, run] of this.byKey) {
      const made = run.result ?? run.earlier;
      if (made) outputs[key] = made.outputs;
    }
    return outputs;
  }
}

/** Whether the way back has seen that nothing of a node stands. */
function isGone({ undone }: NodeRun): boolean {
  return undone?.outcome === 'removed' || undone?.outcome === 'absent';
}
