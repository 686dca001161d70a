import type { HandoffKind, OwnedResource, ResolvedNode } from '#libs/contracts/index.js';
import { nodeFault } from '#libs/resources/index.js';

/** What the connections file allows on the connection that a worker serves, as it says at this moment. */
export interface ConnectionRights {
  mayUse: (tenant: string) => boolean;
  /** Whether objects of others may be taken over. */
  mayAdopt: () => boolean;
}

/**
 * Stands before every step that goes forward: a tenant that was taken off a connection gets no further there. Undo is never asked:
 * without it, what the tenant's jobs have made would stay as orphans.
 * @throws {VendorError} `PERMISSION_DENIED`, for good, naming the connection
 */
export function requireRight({ mayUse }: ConnectionRights, node: ResolvedNode | undefined): void {
  if (!node || mayUse(node.account.tenant)) return;
  const message =
    `${node.title}: the connection ${node.connection} is none that this tenant may use. An operator allows it by tenants in ` +
    'the connections file.';
  throw nodeFault(node, 'get', 'PERMISSION_DENIED', message);
}

/** A node as it may be gone about: what the account has not taken over already stays untouched where the connection forbids it. */
export function withinRights<N extends ResolvedNode>(
  { mayAdopt }: ConnectionRights,
  node: N,
  known: Pick<OwnedResource, 'ownership'> | null | undefined,
): N {
  return !node.adopt || known?.ownership === 'adopted' || mayAdopt() ? node : { ...node, adopt: false };
}

/** Whether the answer of a person goes forward; a removal takes back. */
export function goesForward(kind: HandoffKind): boolean {
  return kind !== 'remove';
}
