import type { Resource, SeenObject } from '#libs/resources/contract.js';
import type { Listing, Readings } from '#libs/readings/index.js';

/** A client that owns the readings of its connection. */
export interface ReadingClient {
  readonly lists: Readings;
}

/**
 * A resource whose list is read through its client's readings, which also learn from it what is gone.
 * @param listing the list with the objects of a scope
 */
export function listedResource<C extends ReadingClient>(
  resource: Omit<Resource<C>, 'list'>,
  listing: (client: C, scope: string | undefined) => Listing<SeenObject>,
): Resource<C> {
  return {
    ...resource,
    list: (client, scope, options) => client.lists.whole(listing(client, scope), options),
    get: async (client, id, options) => {
      const seen = await resource.get(client, id, options);
      if (!seen) client.lists.missing(resource.name, id);
      return seen;
    },
    remove: async (client, id) => {
      await resource.remove(client, id);
      client.lists.removed(resource.name, id);
    },
  };
}
