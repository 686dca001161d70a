import type { DroppedObject, JsonObject, LookFinding, OwnedResource, RemoveInput } from '#libs/contracts/index.js';
import { eitherBody, madeBy, type NodeRun } from './node-run.js';

/** A node that the plan no longer has and that stands until what referred to it has been brought to the plan. */
export interface Dropped {
  run: NodeRun;
  /** Keys of the nodes that may refer to it still. */
  neededBy: string[];
  input: RemoveInput;
  finding: LookFinding | undefined;
  /** What the account records of it; null: nothing. */
  recorded: OwnedResource | null;
  /** The node of the plan that its object becomes; null: none. */
  carrier: NodeRun | null;
  /** Bodies that steps of nodes which the plan has dropped since may have written to its object. */
  written: JsonObject[];
}

/**
 * The nodes that a plan has dropped and that stand still, in the order of the plan that had them. The object of one that cannot stand
 * beside its successor is carried over to it: then it is no more to be removed, and comes back with the node that had it.
 */
export class DroppedNodes {
  private readonly list: Dropped[] = [];

  get runs(): NodeRun[] {
    return this.list.map(({ run }) => run);
  }

  of(run: NodeRun): Dropped | undefined {
    return this.list.find((each) => each.run === run);
  }

  /** Those that fit, in their order. */
  filter(fits: (each: Dropped) => boolean): Dropped[] {
    return this.list.filter(fits);
  }

  /** Takes in a node that the plan drops. What it was carrying is free again, and may stand as either. */
  add(each: Omit<Dropped, 'carrier' | 'written'>): void {
    const { run, input } = each;
    const held = this.list.find(({ carrier }) => carrier === run);
    if (held) {
      held.carrier = null;
      if (run.touched) {
        held.written.push(input.node.body);
        held.run.touched = true;
        held.run.inFlightSince ??= inFlightSince(run);
      }
    }
    this.list.push({ ...each, carrier: null, written: [] });
  }

  forget(run: NodeRun): void {
    const at = this.list.findIndex((each) => each.run === run);
    if (at >= 0) this.list.splice(at, 1);
  }

  /** Has a node of the plan take over the object of a dropped one. */
  carry(carrier: NodeRun, key: string): void {
    const dropped = this.list.find(({ run, recorded }) => run.node.key === key && recorded !== null);
    if (!dropped?.recorded) return;
    dropped.carrier = carrier;
    carrier.carries = { ...dropped.recorded, key: carrier.node.key };
    carrier.previous = bodyOf(dropped);
    carrier.inFlightSince ??= dropped.run.inFlightSince;
  }

  /** What a node was to take over is to be looked at again. It has done nothing yet. */
  release(carrier: NodeRun): void {
    const dropped = this.list.find((each) => each.carrier === carrier);
    if (!dropped) return;
    dropped.carrier = null;
    Object.assign(carrier, { carries: null, previous: null });
  }

  /** Objects of dropped nodes that the account made and that nothing carries yet. */
  objects(vendor: string, connection: string): DroppedObject[] {
    return this.list.flatMap(({ run, recorded, carrier, input }) => {
      const { node } = run;
      if (recorded?.ownership !== 'created' || carrier) return [];
      if (node.vendor !== vendor || node.connection !== connection) return [];
      const { key, resource } = node;
      return [{ key, resource, externalId: recorded.externalId, body: input.node.body }];
    });
  }

  /** Whether the object of a dropped node is another node's by now, so that the record does not hold of it. */
  isCarriedOver({ carrier }: Dropped): boolean {
    return carrier !== null && (carrier.result ?? madeBy(carrier)) !== null;
  }
}

/** What may stand of a dropped node's object: as it was written for it, or for a node that carried it. Empty where that is not known. */
export function bodyOf({ run, input, written }: Dropped): JsonObject {
  const { body } = input.node;
  const own = run.result || !run.previous ? body : eitherBody(run.previous, body);
  return written.reduce((all, each) => eitherBody(all, each), own);
}

/** Since when a write of a node may still take effect. */
function inFlightSince({ inFlightSince: since, result }: NodeRun): string | null {
  const until = result?.inFlightUntil ?? null;
  return since ?? (until !== null && Date.parse(until) > Date.now() ? new Date().toISOString() : null);
}
