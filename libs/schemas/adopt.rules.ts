import type { PlanNode, Vendor } from '#libs/contracts/index.js';
import type { Finding } from './findings.js';

/** A node whose object may be taken over from others. */
type Adopting = Pick<PlanNode, 'key' | 'vendor' | 'connection' | 'adopt' | 'waits'>;

/**
 * The nodes for which a plan asks to take over what others made, beyond those of an account that already does (`adopted`: their
 * keys). A caller needs the scope `onboardings:adopt` when there are some.
 */
export function adoptedAnew<T extends Adopting>(nodes: readonly T[], adopted: ReadonlySet<string> = new Set()): T[] {
  return nodes.filter(({ key, adopt, waits }) => adopt && waits !== true && !adopted.has(key));
}

/** Findings for nodes that may not be taken over, one for each vendor: `allows` tells what the connection of a vendor is set to. */
export function adoptFindings(
  nodes: readonly Adopting[],
  allows: (vendor: Vendor, connection: string) => boolean,
): Finding[] {
  const refused = nodes.filter(({ vendor, connection }) => !allows(vendor, connection));
  return [...new Set(refused.map(({ vendor }) => vendor))].map((vendor) => ({
    pointer: '/adopt',
    message: `covers objects of the ${vendor} connection, which does not allow to take over what others made: leave them out`,
  }));
}
