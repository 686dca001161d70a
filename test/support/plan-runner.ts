import { VENDOR_MODULES } from '#libs/vendors/registry.js';
import type { Connection } from '#libs/config/connections.js';
import type {
  EnsureInput,
  EnsureResult,
  LookFinding,
  Marker,
  Plan,
  PlanNode,
  RemoveInput,
  RemoveResult,
  ResolvedNode,
  Vendor,
} from '#libs/contracts/index.js';
import { resolveNode } from '#libs/planning/index.js';
import { ensure, look, remove, type Resource } from '#libs/resources/index.js';
import { LocalStepContext } from './step-context.js';

interface Vendored {
  connection: Connection;
  resources: ReadonlyMap<string, Resource<unknown>>;
  client: unknown;
  close: () => Promise<void>;
}

/** Runs single nodes of a plan against real vendor modules, without Temporal: what the contract walk works with. */
export class PlanRunner {
  private readonly vendors = new Map<Vendor, Vendored>();
  private readonly outputs: Record<string, Record<string, string>> = {};
  private readonly looked = new Map<string, LookFinding>();

  constructor(
    readonly plan: Plan,
    connections: readonly Connection[],
  ) {
    for (const connection of connections) {
      const module = VENDOR_MODULES.find((candidate) => candidate.vendor === connection.vendor);
      if (!module) continue;
      const connected = module.connect(connection);
      const resources = new Map(module.resources.map((resource) => [resource.name, resource]));
      this.vendors.set(connection.vendor, {
        connection,
        resources,
        client: connected.client,
        close: () => connected.close(),
      });
    }
  }

  async look(): Promise<void> {
    for (const [vendor, { resources, client, connection }] of this.vendors) {
      const nodes = this.plan.nodes.filter((node) => node.vendor === vendor).map((node) => this.resolve(node));
      const lookup = (name: string): Resource<unknown> => resourceOf(resources, name);
      const { findings } = await look(lookup, client, { vendor, connection: connection.name, nodes, known: [] }, {});
      for (const finding of findings) this.looked.set(finding.key, finding);
    }
  }

  resource(node: PlanNode): Resource<unknown> {
    return resourceOf(this.vendored(node).resources, node.resource);
  }

  /** One attempt of `ensure`; a later attempt looks itself. */
  async ensure(node: PlanNode, attempt = 1): Promise<EnsureResult> {
    const { client, connection } = this.vendored(node);
    const input: EnsureInput = {
      node: this.resolve(node),
      known: null,
      looked: this.looked.get(node.key) ?? null,
      first: attempt === 1,
      mayBeInFlightSince: null,
    };
    const result = await ensure(this.resource(node), client, new LocalStepContext(connection.timing, attempt), input);
    this.outputs[node.key] = result.outputs;
    return result;
  }

  async remove(node: PlanNode, made: EnsureResult | null, mayBeInFlight = false): Promise<RemoveResult> {
    const { client, connection } = this.vendored(node);
    const input: RemoveInput = {
      node: this.resolve(node),
      baseline: null,
      made,
      looked: this.looked.get(node.key) ?? null,
      mayBeInFlightSince: mayBeInFlight ? new Date().toISOString() : null,
    };
    return remove(this.resource(node), client, new LocalStepContext(connection.timing), input);
  }

  /** What the engine makes of an object that stands: whether it differs from the plan, its natural key, its marker. */
  async compare(node: PlanNode, id: string): Promise<{ differs: boolean; key: string; marker: Marker | undefined }> {
    const resource = this.resource(node);
    const seen = await resource.get(this.vendored(node).client, id, {});
    if (!seen) throw new Error(`${node.key}: ${id} does not stand`);
    const differs = resource.diff(this.resolve(node).body, seen, 'own').length > 0;
    return { differs, key: seen.key, marker: seen.marker };
  }

  async close(): Promise<void> {
    for (const { close } of this.vendors.values()) await close();
  }

  private resolve(node: PlanNode): ResolvedNode {
    return resolveNode(this.plan, node, this.outputs);
  }

  private vendored(node: PlanNode): Vendored {
    const found = this.vendors.get(node.vendor);
    if (!found) throw new Error(`no connection for ${node.vendor}`);
    return found;
  }
}

function resourceOf(resources: ReadonlyMap<string, Resource<unknown>>, name: string): Resource<unknown> {
  const resource = resources.get(name);
  if (!resource) throw new Error(`no resource ${name}`);
  return resource;
}
