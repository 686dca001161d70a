import { isJsonObject, type JsonValue } from '#libs/contracts/index.js';
import type { Referrer, ReadOptions } from '#libs/resources/contract.js';
import { textOf } from '../common/index.js';
import type { EgainClient } from './client.js';
import type { EgainKind } from './kinds.js';
import { listingOf } from './list.js';
import { referringKinds, refTo } from './reference-graph.js';

/** Whether anything can refer to objects of a kind. */
export function canBeReferredTo(kind: EgainKind): boolean {
  return referringKinds(kind).length > 0;
}

/** What refers to an object, by listing the kinds that can, side by side. */
export async function referrersOf(
  client: EgainClient,
  kind: EgainKind,
  id: string,
  options: ReadOptions,
): Promise<Referrer[]> {
  const ref = refTo(kind, id);
  const found = await Promise.all(
    referringKinds(kind).map(async (from) => {
      const list = await client.lists.whole(listingOf(client, from), options);
      return list
        .filter(({ refs = [] }) => refs.includes(ref))
        .map((seen): Referrer => ({
          resource: from.name,
          externalId: seen.id,
          name: textOf(seen.body[from.keyField]),
        }));
    }),
  );
  return found.flat();
}

/** Ids are UUIDs, which are the same in both cases. */
export function sameId(value: JsonValue | undefined, id: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === id.toLowerCase();
}

/** The id in an object like `{ "id": "..." }`; undefined for anything else, such as a reference that is still open. */
export function idIn(value: JsonValue | undefined): string | undefined {
  return isJsonObject(value) && typeof value['id'] === 'string' ? value['id'] : undefined;
}
