import type {
  ErrorCode,
  Leftover,
  ObserveInput,
  ObserveResult,
  PlanNode,
  SettleInput,
  SettleResult,
} from '#libs/contracts/index.js';
import type { Urgency } from './activity-options.js';
import { byConnection, lookAt } from './look.js';
import { keepRemoving, type NodeRun } from './node-run.js';
import type { NodeRuns } from './node-runs.js';
import type { StepVerb } from './schedule-step.js';
import { readStepFailure, type StepFailure } from './step-failure.js';
import type { StepFault } from './step-fault.js';
import type { Undo } from './undo.js';

/** Faults that a shared object gone since the look may have caused in what refers to it. */
const SHARED_GONE: readonly ErrorCode[] = ['INVALID_REQUEST', 'CONFLICT'];

/** What the last readings work on. */
export interface RemainsDeps {
  nodes: NodeRuns;
  taking: Undo;
  /** Schedules one step of a node. Rejects as an activity does. */
  schedule: <R>(node: PlanNode, verb: StepVerb, input: unknown, summary: string) => Promise<R>;
  /** Of the readings; undefined: that of what ends a job. */
  urgency: Urgency | undefined;
  /** Is told of a reading that failed. */
  failed: (step: string, failure: StepFailure) => void;
}

/** Reads at the end what stands besides what is known: spare objects, shared ones that others have removed, and what should be gone. */
export class Remains {
  constructor(private readonly deps: RemainsDeps) {}

  /** Removes what attempts presumed dead may have made besides the recorded objects. */
  async settleAll(): Promise<void> {
    const unsettled = this.deps.nodes.all.filter((run) => run.result?.settle === true && !run.byRecord);
    await Promise.all(
      unsettled.map(async (run) => {
        const failure = await this.settle(run);
        if (failure) this.deps.failed(run.node.key, failure);
      }),
    );
  }

  /** Removes what carries the account's marker besides the recorded objects of some nodes. Returns what could not be removed. */
  async removeSpares(keys: ReadonlySet<string>): Promise<Leftover[]> {
    const left: Leftover[] = [];
    for (const run of this.deps.nodes.all.filter(({ node, result }) => keys.has(node.key) && result !== null)) {
      const failure = await this.settle(run);
      if (failure?.kind !== 'failed') continue;
      left.push({ key: run.node.key, externalId: '', reason: `${failure.code}: ${failure.message}` });
    }
    return left;
  }

  /** Whether a shared object that has gone may be why a step was refused. */
  mayMissShared(fault: StepFault | null): boolean {
    if (!fault || !SHARED_GONE.includes(fault.code)) return false;
    const { byKey } = this.deps.nodes;
    const needs = byKey.get(fault.step)?.node.needs ?? [];
    return needs.some((key) => byKey.get(key)?.result?.outcome === 'shared');
  }

  /** Reads again the shared objects that were found: somebody else may have removed one. True when a part must be ensured again. */
  async sharedVanished(): Promise<boolean> {
    const { nodes, schedule, failed } = this.deps;
    const shared = nodes.all.filter((run) => run.result?.outcome === 'shared');
    const vanished = await Promise.all(
      shared.map(async ({ node, result }) => {
        if (!result) return false;
        const { externalId, ownership } = result;
        const input: ObserveInput = { node: nodes.resolved(node), externalId, ownership };
        try {
          const seen = await schedule<ObserveResult>(node, 'observe', input, 'still there');
          return seen.status === 'missing';
        } catch (error) {
          failed(node.key, readStepFailure(error));
          return false;
        }
      }),
    );
    shared.forEach((run, i) => {
      if (vanished[i] !== true) return;
      for (const each of [run, ...nodes.dependants(run.node.key)]) nodes.reopen(each);
      run.earlier = null; // the object that is known is the one that is gone
    });
    return vanished.includes(true);
  }

  /** One reading of each list: nothing that carries the account's marker may stand; what does is removed, or is a leftover. */
  async proveGone(): Promise<void> {
    const { nodes, taking, urgency } = this.deps;
    const all = [...nodes.all, ...nodes.leftBehind].filter(({ node }) => node.waits !== true);
    const facts = {
      resolved: (node: PlanNode) => nodes.resolvedWithoutTexts(node),
      texts: nodes.plan.texts,
      recordedOn: () => [],
    };
    const how = { summary: 'nothing is left', urgency: urgency ?? (1 as const) };
    await Promise.all(
      byConnection(all.map(({ node }) => node)).map(async (each) => {
        try {
          const findings = await lookAt(each, facts, nodes.plan.tenant, how);
          const standing = new Set(findings.filter(({ own }) => own === true).map(({ key }) => key));
          for (const run of all.filter(({ node }) => standing.has(node.key) && each.nodes.includes(node)).reverse()) {
            await taking.again(run);
          }
        } catch (error) {
          const { code, message } = readStepFailure(error);
          const run = all.find(({ node }) => node === each.nodes[0]);
          if (run) run.leftover = { key: run.node.key, externalId: '', reason: `${code}: ${message}` };
        }
      }),
    );
  }

  /** Returns why it failed; null when it did not. */
  private async settle(run: NodeRun): Promise<StepFailure | null> {
    const { nodes, schedule } = this.deps;
    const { node, result } = run;
    if (!result) return null;
    const looked = nodes.findings.get(node.key) ?? null;
    const input: SettleInput = { node: nodes.resolved(node), recorded: result.externalId, looked };
    try {
      await schedule<SettleResult>(node, 'settle', input, 'no spare objects');
      return null;
    } catch (error) {
      const failure = readStepFailure(error);
      keepRemoving(run, failure);
      return failure;
    }
  }
}
