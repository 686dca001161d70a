import { ApplicationFailure } from '@temporalio/common';
import type { ActivityOptions } from '@temporalio/workflow';
import type {
  DroppedObject,
  EnsureInput,
  EnsureResult,
  JsonObject,
  LookFinding,
  LookInput,
  OwnedResource,
  Plan,
  PlanNode,
  RemoveInput,
  RemoveResult,
  SettleInput,
  Standing,
} from '#libs/contracts/index.js';
import { fillRefs, ref } from '#libs/planning/index.js';

/** What an activity is given, by its verb. */
interface Inputs {
  look: LookInput;
  ensure: EnsureInput;
  remove: RemoveInput;
  settle: SettleInput;
}

/** Vendors as the interpreter meets them: by their activities. It holds one object for each node, and keeps what it was asked. */
export class FakeActivities {
  /** What activities were asked, in order. */
  readonly asked: { type: string; input: unknown }[] = [];
  /** Activities that fail, by `{resource}.{verb}`. */
  readonly failing = new Map<string, ApplicationFailure>();
  /** What stands: its id and its body, by node key. */
  readonly objects = new Map<string, { id: string; body: JsonObject }>();
  /** Keys of dropped nodes whose objects become those of new ones, by the keys of these. */
  readonly carried = new Map<string, string>();
  /** Connections that cannot be looked at. */
  readonly unreadable = new Set<string>();
  /** Keys of nodes of which the last reading of an offboarding still finds something. */
  readonly spares = new Set<string>();
  private made = 0;

  reset(): void {
    this.asked.length = 0;
    this.failing.clear();
    this.objects.clear();
    this.spares.clear();
    this.carried.clear();
    this.unreadable.clear();
    this.made = 0;
  }

  /** Activities since the last call, as `first.ensure`. */
  calls(): string[] {
    return this.asked.splice(0).map(({ type }) => short(type));
  }

  /** What one was asked last. */
  last<V extends keyof Inputs>(name: V | `${string}.${V}`): Inputs[V] {
    const found = this.asked.findLast(({ type }) => short(type) === name);
    if (!found) throw new Error(`${name} was not asked`);
    return found.input as Inputs[V];
  }

  /** An account that stands by a plan. */
  standing(plan: Plan, change: Partial<Record<string, Partial<OwnedResource>>> = {}): Standing {
    const outputs: Record<string, { id: string }> = {};
    const resources = plan.nodes.map((node) => {
      const id = this.put(node.key, fillRefs(node.body, outputs));
      outputs[node.key] = { id };
      const { key, vendor, resource, connection } = node;
      return { key, vendor, resource, connection, externalId: id, ownership: 'created' as const, ...change[resource] };
    });
    return { plan, resources };
  }

  put(key: string, body: JsonObject): string {
    this.made += 1;
    const id = `${key.replace('egain.', '')}-${String(this.made)}`;
    this.objects.set(key, { id, body });
    return id;
  }

  schedule(type: string, [input]: [unknown], _options: ActivityOptions): Promise<unknown> {
    this.asked.push({ type, input });
    const error = this.failing.get(short(type));
    if (error !== undefined) return Promise.reject(error);
    if (type.endsWith('.look') && this.unreadable.has((input as LookInput).connection))
      return Promise.reject(refused());
    return Promise.resolve(this.answer(type, input));
  }

  private answer(type: string, input: unknown): unknown {
    if (type.endsWith('.look')) {
      const { nodes, dropped = [] } = input as LookInput;
      return { findings: nodes.map((node) => this.carriedTo(node, dropped) ?? this.finding(node)) };
    }
    if (type.endsWith('.settle')) {
      this.spares.delete((input as SettleInput).node.key);
      return { removed: [] };
    }
    return type.endsWith('.remove') ? this.remove(input as RemoveInput) : this.ensure(input as EnsureInput);
  }

  private carriedTo({ key }: PlanNode, dropped: readonly DroppedObject[]): LookFinding | undefined {
    const from = dropped.find((each) => each.key === this.carried.get(key));
    if (!from) return undefined;
    const { externalId } = from;
    return { key, status: 'missing', externalId, before: [], action: 'update', reason: '', carries: from.key };
  }

  private finding({ key }: PlanNode): LookFinding {
    const id = this.objects.get(key)?.id ?? null;
    const before = id === null ? [] : [id];
    const [status, action] = id === null ? (['missing', 'create'] as const) : (['ours', 'update'] as const);
    return {
      key,
      status,
      externalId: id,
      before,
      action,
      reason: '',
      ...(this.spares.has(key) ? { own: true as const } : {}),
    };
  }

  private ensure({ node, knowledge }: EnsureInput): EnsureResult {
    const known = knowledge.carried ?? knowledge.recorded;
    const holder = [...this.objects].find(([, { id }]) => id === known?.externalId)?.[0];
    const stood = this.objects.get(holder ?? node.key);
    if (holder !== undefined) this.objects.delete(holder);
    const id = stood?.id ?? this.put(node.key, node.body);
    if (stood) this.objects.set(node.key, { id, body: node.body });
    const same = stood && JSON.stringify(stood.body) === JSON.stringify(node.body);
    const ownership = knowledge.recorded?.externalId === id ? knowledge.recorded.ownership : 'created';
    return {
      externalId: id,
      ownership,
      outcome: !stood ? 'created' : same ? 'unchanged' : 'updated',
      outputs: { id },
      settle: false,
      inFlightUntil: null,
      message: '',
    };
  }

  private remove({ node, knowledge }: RemoveInput): RemoveResult {
    const stood = this.objects.get(node.key);
    if (!stood || knowledge.held?.includes(stood.id)) {
      this.spares.delete(node.key);
      return { outcome: 'absent', removed: [], message: '' };
    }
    if (knowledge.carried?.externalId === stood.id) return { outcome: 'kept', removed: [], message: '' };
    if (knowledge.recorded?.ownership === 'adopted') return { outcome: 'restored', removed: [], message: '' };
    this.objects.delete(node.key);
    return { outcome: 'removed', removed: [stood.id], message: '' };
  }
}

/** The vendors of a test file. */
export const vendors = new FakeActivities();

/** What the interpreter uses of a workflow, without one. */
export const workflowMock = {
  CancellationScope: class {
    static current(): object {
      return { consideredCancelled: false };
    }
    run<T>(run: () => Promise<T>): Promise<T> {
      return run();
    }
    cancel(): void {
      // nothing runs beside what failed
    }
  },
  scheduleActivity: vendors.schedule.bind(vendors),
};

/** A vendor's answer that does not pass. `unclear`: a write of the step may still take effect. */
export function refused(unclear = false): ApplicationFailure {
  return ApplicationFailure.create({ type: 'PERMISSION_DENIED', message: 'refused', details: [{ unclear }] });
}

/** A node that needs others, which its body refers to. */
export function node(resource: string, needs: string[] = [], body: JsonObject = {}): PlanNode {
  const refs = Object.fromEntries(needs.map((other) => [`${other}Id`, ref(`egain.${other}`)]));
  return {
    key: `egain.${resource}`,
    vendor: 'egain',
    resource,
    connection: 'egain-main',
    title: resource,
    needs: needs.map((other) => `egain.${other}`),
    adopt: false,
    marker: '',
    body: { ...refs, ...body },
  };
}

export function planOf(nodes: PlanNode[], planHash = ''): Plan {
  return {
    version: 1,
    tenant: 'acme',
    account: 'support',
    chain: 'egain',
    installation: 'test',
    onFailure: 'rollback',
    notify: [],
    nodes,
    spec: {},
    texts: [],
    planHash,
    specHash: planHash,
  };
}

function short(type: string): string {
  return type.replace(/^egain\./, '');
}
