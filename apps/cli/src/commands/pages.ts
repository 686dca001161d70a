import type { ListAnswer } from '../api/answers.js';
import type { ApiClient } from '../api/client.js';

/** The most that the API gives at once. */
const PAGE = 100;

/** Reads a list page by page until `limit` items are there or the list ends. */
export async function readPages<Item>(
  client: ApiClient,
  path: string,
  query: Record<string, string | undefined>,
  limit: number,
): Promise<ListAnswer<Item>> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: Record<string, string | undefined> = { ...query, limit: String(Math.min(PAGE, limit - items.length)) };
    if (cursor !== null) page['cursor'] = cursor;
    const { body } = await client.call<ListAnswer<Item>>('GET', path, { query: page });
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor !== null && items.length < limit);
  return { items, nextCursor: cursor };
}
