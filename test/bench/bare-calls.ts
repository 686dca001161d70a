import type { Connection } from '#libs/config/connections.js';
import type { OnboardingSpec, Plan, PlanNode } from '#libs/contracts/index.js';
import { planOnboarding } from '#libs/onboarding/index.js';
import { resolveNode, type PlanningContext } from '#libs/planning/index.js';
import type { Resource } from '#libs/resources/index.js';
import { vendorModule } from '#libs/vendors/registry.js';

/** How long the calls of one job took, in milliseconds. */
export interface BareTimes {
  /** The lists of what stands. */
  look: number;
  /** The creates, and the reading whether the channels are active. */
  nodes: number;
  total: number;
}

/** The calls of a job without the engine: the same lists and creates, by the same HTTP clients, without Temporal, fence or state. */
export interface BareCalls {
  /** Each call once the one before has answered. */
  sequential(spec: OnboardingSpec): Promise<BareTimes>;
  /** As much side by side as the plan allows: what takes longest is the critical path. */
  criticalPath(spec: OnboardingSpec): Promise<BareTimes>;
  /** Makes the objects of a spec, and removes them as much side by side as the plan allows. Returns the milliseconds of the removal. */
  removal(spec: OnboardingSpec): Promise<number>;
  close(): Promise<void>;
}

interface Reached {
  resources: readonly Resource<unknown>[];
  client: unknown;
}

type Outputs = Record<string, Record<string, string>>;

export function bareCalls(connections: readonly Connection[], planning: PlanningContext): BareCalls {
  const links = connections.map((connection) => {
    const module = vendorModule(connection.vendor);
    return { vendor: connection.vendor, resources: module.resources, ...module.connect(connection) };
  });
  const reach = (node: PlanNode): Reached => {
    const link = links.find(({ vendor }) => vendor === node.vendor);
    if (!link) throw new Error(`no connection for ${node.vendor}`);
    return link;
  };
  // The plan keeps its secrets as they stand in the spec: nothing has to be unsealed before a call.
  const planOf = (spec: OnboardingSpec): Plan => planOnboarding(spec, planning);
  return {
    sequential: async (spec) => {
      const plan = planOf(spec);
      const outputs: Outputs = {};
      return both(
        async () => {
          for (const list of lists(plan, reach)) await list();
        },
        async () => {
          for (const node of plan.nodes) await make(plan, node, outputs, reach(node));
        },
      );
    },
    criticalPath: async (spec) => {
      const plan = planOf(spec);
      const outputs: Outputs = {};
      return both(
        () => Promise.all(lists(plan, reach).map((list) => list())),
        () => {
          const made = new Map<string, Promise<void>>();
          // Plan order is dependency order: whatever a node needs is in the map already.
          for (const node of plan.nodes) {
            const needs = Promise.all(node.needs.map((key) => made.get(key) ?? Promise.resolve()));
            made.set(
              node.key,
              needs.then(() => make(plan, node, outputs, reach(node))),
            );
          }
          return Promise.all([...made.values()]);
        },
      );
    },
    removal: async (spec) => {
      const plan = planOf(spec);
      const outputs: Outputs = {};
      for (const node of plan.nodes) await make(plan, node, outputs, reach(node));
      const began = performance.now();
      const gone = new Map<string, Promise<void>>();
      // Against plan order: whatever needs a node is in the map already.
      for (const node of [...plan.nodes].reverse()) {
        const before = plan.nodes.flatMap(({ key, needs }) => (needs.includes(node.key) ? [gone.get(key)] : []));
        const link = reach(node);
        const resource = resourceOf(link.resources, node);
        const id = outputs[node.key]?.['id'];
        const remove = (): Promise<void> => (id === undefined ? Promise.resolve() : resource.remove(link.client, id));
        gone.set(node.key, Promise.all(before.map((each) => each ?? Promise.resolve())).then(remove));
      }
      await Promise.all([...gone.values()]);
      return performance.now() - began;
    },
    close: async () => {
      await Promise.all(links.map((link) => link.close()));
    },
  };
}

/** The lists that a job's look reads: every kind once, as far as its place stands already. */
function lists(plan: Plan, reach: (node: PlanNode) => Reached): (() => Promise<unknown>)[] {
  const kinds = new Map<string, () => Promise<unknown>>();
  for (const node of plan.nodes) {
    const { client, ...link } = reach(node);
    const resource = resourceOf(link.resources, node);
    const scope = resource.scope(node.body);
    if (!resource.exists || scope === null) continue;
    kinds.set(`${node.vendor} ${node.resource}`, () => resource.list(client, scope, {}));
  }
  return [...kinds.values()];
}

async function make(plan: Plan, node: PlanNode, outputs: Outputs, { resources, client }: Reached): Promise<void> {
  const resource = resourceOf(resources, node);
  const { body } = resolveNode(plan, node, outputs);
  if (resource.exists) {
    const { id } = await resource.create(client, body);
    outputs[node.key] = { id };
  } else {
    const readiness = await resource.ready?.(client, body, {});
    if (readiness?.state !== 'ready') throw new Error(`${node.key} is not ready at once`);
  }
}

function resourceOf(resources: readonly Resource<unknown>[], node: PlanNode): Resource<unknown> {
  const resource = resources.find(({ name }) => name === node.resource);
  if (!resource) throw new Error(`no resource ${node.vendor}.${node.resource}`);
  return resource;
}

async function both(look: () => Promise<unknown>, nodes: () => Promise<unknown>): Promise<BareTimes> {
  const began = performance.now();
  await look();
  const looked = performance.now();
  await nodes();
  const ended = performance.now();
  return { look: looked - began, nodes: ended - looked, total: ended - began };
}
