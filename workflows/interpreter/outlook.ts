import {
  isHandedOff,
  type Difference,
  type ForeseenNode,
  type LookFinding,
  type PlanNode,
  type PreviewInput,
} from '#libs/contracts/index.js';
import { refsOf, sameBody } from '#libs/planning/index.js';
import { connectionsToLookAt, factsOf } from './begin.js';
import { lookAt } from './look.js';
import type { NodeRun } from './node-run.js';
import type { NodeRuns } from './node-runs.js';

/** Actions by which a condition that hangs on the node is waited for again. */
const CHANGES: readonly ForeseenNode['action'][] = ['create', 'adopt', 'update'];

/** What nobody waits for comes after every job. */
export const PREVIEW_URGENCY = 5;

/**
 * Says what a transition would do with each node of its plan, from what it knows and what its own look sees: what it would bring to the
 * plan, what would follow an object that is made anew, which conditions it would wait for. Writes nothing.
 */
export class Outlook {
  private readonly foreseen = new Map<string, ForeseenNode>();
  /** Keys of nodes whose object would be another one afterwards. */
  private readonly renewed = new Set<string>();
  private readonly inLine: ReadonlySet<string>;

  constructor(
    private readonly nodes: NodeRuns,
    private readonly input: Pick<PreviewInput, 'from' | 'inLine'>,
  ) {
    this.inLine = new Set(input.inLine);
  }

  /** In the order of the plan. @throws ActivityFailure when a connection cannot be read */
  async look(): Promise<ForeseenNode[]> {
    const { nodes } = this;
    // A vendor's fault ends it at once: who asks for a plan does not wait until it has passed.
    const how = { summary: 'what stands already', urgency: PREVIEW_URGENCY, once: true } as const;
    const connections = connectionsToLookAt(nodes).flatMap(({ queue, nodes: all }) => {
      const [first, ...others] = all.filter(({ key }) => !this.inLine.has(key));
      return first ? [{ queue, nodes: [first, ...others] as [PlanNode, ...PlanNode[]] }] : [];
    });
    const found = await Promise.all(connections.map((each) => lookAt(each, factsOf(nodes), nodes.plan.tenant, how)));
    for (const finding of found.flat()) nodes.findings.set(finding.key, finding);
    for (const run of nodes.all) this.foreseen.set(run.node.key, this.of(run));
    return [...this.foreseen.values()];
  }

  private of(run: NodeRun): ForeseenNode {
    const { node } = run;
    if (this.inLine.has(node.key)) return this.afterLine(node);
    if (node.waits === true) return this.condition(run);
    if (isHandedOff(node)) return this.byPerson(run);
    return run.result ? this.recorded(run) : this.lookedAt(run);
  }

  /** No step touches it, unless what it refers to is made anew. */
  private recorded({ node, result }: NodeRun): ForeseenNode {
    const id = result?.externalId ?? null;
    if (result?.ownership === 'shared') return told(node, 'shared', 'is used as it is', id);
    const followed = this.follows(node);
    if (followed) return told(node, 'update', followed, id);
    return told(node, 'unchanged', 'stands as recorded; nothing is written', id);
  }

  private lookedAt({ node, standsAs }: NodeRun): ForeseenNode {
    const finding = this.nodes.findings.get(node.key);
    if (!finding) return told(node, 'create', 'nothing is known of it', null);
    const { action, reason, externalId, changes = [], warnings = [] } = finding;
    if (standsAs && externalId !== standsAs.externalId && action !== 'conflict') this.renewed.add(node.key);
    const followed = this.follows(node);
    const seen = { ...told(node, action, reason, externalId, changes), warnings };
    if (!followed || (action !== 'unchanged' && action !== 'update')) return seen;
    return { ...seen, action: 'update', reason: action === 'update' ? `${reason}, and ${followed}` : followed };
  }

  /** Why a node follows another to its new object; undefined where it does not. */
  private follows({ body }: PlanNode): string | undefined {
    const renewed = refsOf(body).find((key) => this.renewed.has(key));
    return renewed === undefined ? undefined : `refers to ${renewed}, which will be another object`;
  }

  private condition({ node, result }: NodeRun): ForeseenNode {
    const hangsOn = node.needs.find((key) => {
      const needed = this.foreseen.get(key);
      return needed !== undefined && CHANGES.includes(needed.action);
    });
    if (result && hangsOn === undefined) return told(node, 'unchanged', 'nothing that it hangs on is changed', null);
    return told(node, 'wait', 'a condition that the job waits for', null);
  }

  private byPerson({ node, result, standsAs }: NodeRun): ForeseenNode {
    const id = standsAs?.externalId ?? null;
    if (result) return told(node, 'unchanged', 'stands as recorded; nobody is asked', id);
    const asked = 'a person is asked to do it; what stands already is not looked at';
    return standsAs ? told(node, 'update', asked, id) : told(node, 'create', asked, null);
  }

  /** What stands says nothing of a node that something in line changes first: then the two plans decide. */
  private afterLine(node: PlanNode): ForeseenNode {
    const { from } = this.input;
    const { plan } = this.nodes;
    const before = from?.plan.nodes.find(({ key }) => key === node.key);
    const id = this.nodes.recordOf(node.key)?.externalId ?? null;
    if (node.waits === true) return told(node, 'wait', 'a condition that the job waits for', null);
    if (!before) return told(node, 'create', 'what stands is removed by an operation in line before', null);
    if (from && sameBody(before, from.plan.texts, node, plan.texts)) {
      return told(node, 'unchanged', 'an operation in line before brings it to this', id);
    }
    return told(node, 'update', 'an operation in line before changes it first', id);
  }
}

function told(
  { key }: PlanNode,
  action: LookFinding['action'],
  reason: string,
  externalId: string | null,
  changes: Difference[] = [],
): ForeseenNode {
  return { key, action, reason, externalId, changes, warnings: [] };
}
