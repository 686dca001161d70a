import {
  VendorError,
  type DroppedObject,
  type LookFinding,
  type LookedNode,
  type ResolvedNode,
} from '#libs/contracts/index.js';
import type { Resource, SeenObject } from './contract.js';
import { nodeFault } from './faults.js';
import { pathsOf } from './paths-of.js';
import { shownDifferences } from './shown.js';
import type { StepContext } from './step-context.js';

/**
 * What becomes of objects that a plan drops and beside which a new one cannot stand: the same name, or no place left. Where the
 * resource allows it, the dropped object becomes the new node's, each at most once; else it is a conflict.
 */
export class CarryOver {
  private readonly taken = new Set<string>();

  constructor(private readonly dropped: readonly DroppedObject[]) {}

  /**
   * What is to be done with a node that found a dropped object in its way; what was found where there is none. A node that has an object
   * of its own by the record keeps that: it takes over no other.
   */
  instead<C>(
    resource: Resource<C>,
    node: LookedNode,
    { found, recorded }: { found: LookFinding; recorded: boolean },
    list: readonly SeenObject[],
  ): LookFinding {
    if (found.status !== 'foreign' && found.status !== 'shared') return found;
    if (found.action === 'adopt') return found;
    const dropped = this.dropped.find(
      (each) => each.resource === resource.name && each.externalId === found.externalId,
    );
    if (!dropped) return found;
    const seen = list.find(({ id }) => id === dropped.externalId);
    if (resource.carriesOver === true && !recorded && seen && !this.taken.has(seen.id)) {
      return this.carried(resource, node, { dropped, seen, why: `it has the name of ${dropped.key}` }, found.before);
    }
    const reason =
      `${dropped.key} has this name (id ${dropped.externalId}), which the new specification drops, and its ${resource.name} cannot ` +
      'become this one; use another name, or take it out first, by an amendment of its own';
    return { ...found, status: 'foreign', action: 'conflict', reason };
  }

  /** A dropped object whose place a node takes where no other is free; undefined: none. */
  inPlace<C>(
    resource: Resource<C>,
    node: LookedNode,
    found: LookFinding,
    list: readonly SeenObject[],
  ): LookFinding | undefined {
    if (resource.carriesOver !== true) return undefined;
    const scope = resource.scope(node.body);
    for (const dropped of this.dropped) {
      if (dropped.resource !== resource.name || this.taken.has(dropped.externalId)) continue;
      const seen = list.find(({ id }) => id === dropped.externalId);
      if (!seen || resource.scope(dropped.body) !== scope) continue;
      const why = `the limit is ${String(resource.limit?.most)} ${resource.limit?.of ?? ''}`;
      return this.carried(resource, node, { dropped, seen, why }, found.before);
    }
    return undefined;
  }

  private carried<C>(
    resource: Resource<C>,
    node: LookedNode,
    { dropped, seen, why }: { dropped: DroppedObject; seen: SeenObject; why: string },
    before: readonly string[],
  ): LookFinding {
    this.taken.add(seen.id);
    const changes = resource.diff({ body: node.body, mode: 'own', previous: dropped.body }, seen);
    return {
      key: node.key,
      status: 'missing',
      externalId: seen.id,
      before: [...new Set([...before, seen.id])],
      action: 'update',
      carries: dropped.key,
      reason: `${why}: the object of ${dropped.key}, which is dropped, becomes this one and differs in ${pathsOf(changes)}`,
      changes: shownDifferences(changes),
    };
  }
}

/** Whether a vendor has said no to an update for good, and nothing of it can have taken effect. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof VendorError)) return false;
  const { code, retryable, outcomeUnknown } = error.fault;
  return (code === 'INVALID_REQUEST' || code === 'CONFLICT') && !retryable && !outcomeUnknown;
}

/** Removes an object that was to become another node's, and proves it. */
export async function removeCarried<C>(
  resource: Resource<C>,
  client: C,
  ctx: StepContext,
  { node, id }: { node: ResolvedNode; id: string },
): Promise<void> {
  await ctx.confirm({}); // an attempt that another has taken the place of must not delete what that one has changed
  ctx.throwIfCancelled();
  await resource.remove(client, id);
  if (!(await resource.get(client, id, { signal: ctx.signal }))) return;
  const message = `${node.title}: ${id} was deleted and still stands; it is tried again.`;
  throw nodeFault(node, 'delete', 'VENDOR_UNAVAILABLE', message, { externalId: id, retryable: true });
}
