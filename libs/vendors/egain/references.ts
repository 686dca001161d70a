import { isJsonObject, type JsonValue } from '#libs/contracts/index.js';
import type { Referrer, ReadOptions } from '#libs/resources/contract.js';
import { textOf } from '../common/index.js';
import type { EgainClient } from './client.js';
import { KINDS, type EgainKind } from './kinds.js';
import { listingOf } from './list.js';
import { readObject } from './read.js';
import { referringKinds, refsIn, refTo } from './reference-graph.js';

/** Whether anything can refer to objects of a kind. */
export function canBeReferredTo(kind: EgainKind): boolean {
  return referringKinds(kind).length > 0;
}

/**
 * What refers to an object, by listing the kinds that can, side by side. What a reading that began before it was asked for shows may
 * have gone since, by whatever process: at least the first one named has then been read by its id.
 */
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
  const referrers = found.flat();
  if (options.begunAfter === undefined) return referrers;
  for (const [index, referrer] of referrers.entries()) {
    if (await refersStill(client, referrer, ref, options)) return referrers.slice(index);
  }
  return [];
}

async function refersStill(
  client: EgainClient,
  { resource, externalId }: Referrer,
  ref: string,
  options: ReadOptions,
): Promise<boolean> {
  const kind = KINDS.find(({ name }) => name === resource);
  if (!kind) throw new TypeError(`eGain has no kind ${resource}`);
  const read = await readObject(client, kind, externalId, options);
  return read !== undefined && refsIn(kind, read.fields).includes(ref);
}

/** The id in an object like `{ "id": "..." }`; undefined for anything else, such as a reference that is still open. */
export function idIn(value: JsonValue | undefined): string | undefined {
  return isJsonObject(value) && typeof value['id'] === 'string' ? value['id'] : undefined;
}
