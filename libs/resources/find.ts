import type { ResolvedNode } from '#libs/contracts/index.js';
import type { ReadOptions, Resource } from './contract.js';
import { classify, type Recorded, type Sighting } from './sighting.js';

/**
 * Looks for a node's object: by its recorded id first, which outlives a rename, else by the whole list. Writes nothing.
 * @throws VendorError when the vendor did not answer, or its list could not be read to the end
 */
export async function find<C>(
  resource: Resource<C>,
  client: C,
  node: ResolvedNode,
  recorded: Recorded,
  options: ReadOptions,
): Promise<Sighting> {
  const scope = resource.scope(node.body);
  if (scope === null) return { status: 'missing' }; // what would hold it does not stand, so neither does it
  if (recorded.known !== null) {
    const seen = await resource.get(client, recorded.known.externalId, options);
    if (seen) return classify(resource, node, [seen], recorded);
  }
  return classify(resource, node, await resource.list(client, scope, options), recorded);
}
