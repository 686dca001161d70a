import { VENDOR_MODULES } from '#libs/vendors/registry.js';
import type { Connection } from '#libs/config/connections.js';
import type {
  CheckInput,
  CheckResult,
  EnsureInput,
  EnsureResult,
  HeartbeatDetails,
  Issued,
  LookFinding,
  Marker,
  OwnedResource,
  Plan,
  PlanNode,
  RemoveInput,
  RemoveResult,
  ResolvedNode,
  Vendor,
} from '#libs/contracts/index.js';
import { resolveNode } from '#libs/planning/index.js';
import { check, ensure, look, remove, type Resource } from '#libs/resources/index.js';
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
  /** What an `ensure` of a node made, as a later one knows it. */
  private readonly known = new Map<string, OwnedResource>();
  /** What the last attempt left that did not succeed, as the next one sees it. */
  private readonly left = new Map<string, HeartbeatDetails>();
  /** The same of a removal. */
  private readonly leftByRemoval = new Map<string, HeartbeatDetails>();

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

  finding(node: PlanNode): LookFinding | undefined {
    return this.looked.get(node.key);
  }

  /** Whether the last attempt left a create that may still take effect. */
  isUnclear(node: PlanNode): boolean {
    const details = this.left.get(node.key);
    return details?.phase === 'posting' && !details.settled;
  }

  resource(node: PlanNode): Resource<unknown> {
    return resourceOf(this.vendored(node).resources, node.resource);
  }

  /** One attempt of `ensure`; a later attempt looks itself, and knows what the one before made or left. */
  async ensure(node: PlanNode, attempt = 1): Promise<EnsureResult> {
    const { client, connection } = this.vendored(node);
    const input: EnsureInput = {
      node: this.resolve(node),
      known: this.known.get(node.key) ?? null,
      looked: this.looked.get(node.key) ?? null,
      first: attempt === 1,
      mayBeInFlightSince: null,
    };
    const ctx = new LocalStepContext(connection.timing, attempt, this.left.get(node.key));
    this.left.delete(node.key);
    try {
      const result = await ensure(this.resource(node), client, ctx, input);
      this.outputs[node.key] = result.outputs;
      this.known.set(node.key, { ...node, ...result });
      return result;
    } catch (error) {
      this.left.set(node.key, ctx.details());
      throw error;
    }
  }

  /** A later scheduling of a node, perhaps with another body, after the last attempt of `former` failed for good. */
  async ensureAgain(node: PlanNode, former: PlanRunner): Promise<EnsureResult> {
    const { client, connection } = this.vendored(node);
    const stood = former.left.get(node.key)?.stands;
    const input: EnsureInput = {
      node: this.resolve(node),
      known: null,
      looked: former.looked.get(node.key) ?? null,
      first: false,
      mayBeInFlightSince: former.isUnclear(node) ? new Date().toISOString() : null,
      ...(stood === undefined ? {} : { stood }),
    };
    return ensure(this.resource(node), client, new LocalStepContext(connection.timing), input);
  }

  /** The vendor's judgement of what a person handed back after an install; values are sealed. */
  async check(node: PlanNode, values: Issued): Promise<CheckResult> {
    const { person } = this.resource(node);
    if (!person) throw new Error(`nobody can be asked for ${node.key}`);
    const { client, connection } = this.vendored(node);
    const input: CheckInput = { node: this.resolve(node), kind: 'install', values, known: null };
    return check(person, client, new LocalStepContext(connection.timing), input);
  }

  /** One attempt of `remove`; after one that failed, the next of the same scheduling. */
  async remove(node: PlanNode, made: EnsureResult | null, mayBeInFlight = false): Promise<RemoveResult> {
    const { client, connection } = this.vendored(node);
    const stood = this.left.get(node.key)?.stands;
    const input: RemoveInput = {
      node: this.resolve(node),
      baseline: null,
      made,
      looked: this.looked.get(node.key) ?? null,
      mayBeInFlightSince: mayBeInFlight ? new Date().toISOString() : null,
      ...(stood === undefined ? {} : { stood }),
    };
    this.known.delete(node.key);
    const former = this.leftByRemoval.get(node.key);
    const ctx = new LocalStepContext(connection.timing, former ? 2 : 1, former);
    this.leftByRemoval.delete(node.key);
    try {
      return await remove(this.resource(node), client, ctx, input);
    } catch (error) {
      this.leftByRemoval.set(node.key, ctx.details());
      throw error;
    }
  }

  /** What the engine makes of an object that stands: whether it differs from the plan, its natural key, its marker. */
  async compare(node: PlanNode, id: string): Promise<{ differs: boolean; key: string; marker: Marker | undefined }> {
    const resource = this.resource(node);
    const seen = await resource.get(this.vendored(node).client, id, {});
    if (!seen) throw new Error(`${node.key}: ${id} does not stand`);
    const differs = resource.diff({ body: this.resolve(node).body, mode: 'own' }, seen).length > 0;
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
