import type { Issued, IssuedFor, ResolvedNode } from '#libs/contracts/index.js';
import type { Resource } from './contract.js';
import { nodeFault } from './faults.js';
import { opened, sealed } from './issued.js';
import type { StepContext } from './step-context.js';

/**
 * The proof that what a vendor issued for removed objects is of no use any more. What was issued is recorded before the delete: once
 * the object is gone the vendor shows it no longer, and every later attempt must ask all the same. Without `Resource.revoked` it
 * records and asks nothing.
 */
export class Revocation<C> {
  private readonly objects: Map<string, Issued>;

  /** `known`: what the steps of the node have recorded of objects that are to go, or are gone already. */
  constructor(
    private readonly resource: Resource<C>,
    private readonly client: C,
    private readonly ctx: StepContext,
    private readonly node: ResolvedNode,
    known: readonly { id: string; issued: Issued }[],
  ) {
    const recorded = [...known, ...(ctx.previous?.removing ?? [])];
    this.objects = new Map(resource.revoked ? recorded.map(({ id, issued }) => [id, issued]) : []);
  }

  /**
   * Must stand before every delete: confirms that this attempt holds the step, and records what was issued for the object.
   * @throws FencedError when another attempt holds the step
   */
  async confirmDelete(id: string): Promise<void> {
    const { resource, client, ctx } = this;
    if (!resource.revoked) {
      await ctx.confirm({});
      return;
    }
    const recorded = this.objects.get(id) ?? {};
    const complete = (resource.issues ?? []).every((name) => recorded[name] !== undefined);
    const shown = complete ? {} : ((await resource.issued?.(client, id, { signal: ctx.signal })) ?? {});
    this.objects.set(id, { ...recorded, ...sealed(shown, ctx) });
    const removing = [...this.objects].map(([each, issued]): IssuedFor => ({ id: each, issued }));
    await ctx.confirm({ removing });
  }

  /**
   * Asks the vendor about everything that was issued for what has been removed.
   * @throws VendorError `VENDOR_UNAVAILABLE`, retryable, as long as any of it still works
   */
  async prove(): Promise<void> {
    const { resource, client, ctx, node } = this;
    for (const [id, issued] of this.objects) {
      const object = { id, body: node.body, issued: opened(issued, ctx) };
      if ((await resource.revoked?.(client, object, { signal: ctx.signal })) !== false) continue;
      const message = `${node.title}: ${id} is deleted, and what was issued for it still works; it is asked again.`;
      throw nodeFault(node, 'delete', 'VENDOR_UNAVAILABLE', message, { externalId: id, retryable: true });
    }
  }
}
