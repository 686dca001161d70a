import type { ListAnswer } from '../api/answers.js';
import type { ApiClient } from '../api/client.js';
import { note, printJson, printLines, widthOf, type CliContext } from '../context.js';
import { columns } from '../render/columns.js';

/** The most that the API gives at once. */
const PAGE = 100;

/** What narrows every list. */
export interface ListOptions {
  tenant?: string;
  chain?: string;
  limit: number;
  json?: boolean;
}

/** How a list is shown. */
export interface ListView<Item> {
  /** Said of an empty one. */
  none: string;
  header: readonly string[];
  /** Columns that are left out where they do not fit, the first one first. */
  optional: readonly string[];
  row: (item: Item) => readonly string[];
}

/** Reads a list of the API and prints it; returns what was read. */
export async function showList<Item>(
  context: CliContext,
  path: string,
  query: Record<string, string | undefined>,
  { limit, json }: { limit: number; json: boolean },
  view: ListView<Item>,
): Promise<readonly Item[]> {
  const answer = await readPages<Item>(context.client(), path, query, limit);
  if (json) printJson(context, answer);
  else if (answer.items.length === 0) printLines(context, [view.none]);
  else {
    const rows = answer.items.map(view.row);
    printLines(context, columns(view.header, rows, { width: widthOf(context), optional: view.optional }));
    if (answer.nextCursor !== null) note(context, 'there are more: raise --limit');
  }
  return answer.items;
}

/** Reads a list page by page until `limit` items are there or the list ends. */
async function readPages<Item>(
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
