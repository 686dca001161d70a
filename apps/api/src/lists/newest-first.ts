import type { ListCursors, Page } from './cursor.js';

/** Pages of closed rows that one list reads at most: beyond that, rows that overlap in time for long may change places. */
const PAGES = 20;
const PAGE_SIZE = 100;

/** What the order depends on. */
export interface Timed {
  runId: string;
  startedAt: string;
  closedAt: string | null;
}

/** One page of a query that is narrowed by `condition`, in the order of Temporal's lists: latest close first, then latest start. */
export type ReadPage<Row> = (
  condition: string,
  pageSize: number,
  token: Uint8Array | null,
) => Promise<{ rows: Row[]; nextPageToken: Uint8Array | null }>;

interface Cursor {
  /** RFC 3339, milliseconds: the start of the last row that was given. */
  before: string;
  /** Runs that began in that very millisecond and have been given. */
  given: string[];
}

/**
 * Rows by their start, newest first. Temporal orders closed rows by their close, and none begins after it closes. So they are read until
 * every unread row must have begun before all rows of the page. `keeps` narrows the list by what no query can ask for: where few rows
 * pass, a page may hold fewer than asked for, or none, and still name the next one.
 */
export async function newestFirst<Row extends Timed>(
  read: ReadPage<Row>,
  limit: number,
  cursorText: string | undefined,
  cursors: ListCursors,
  keeps: (row: Row) => boolean = () => true,
): Promise<Page<Row>> {
  const cursor = parseCursor(cursors.read(cursorText));
  const fits = (row: Row): boolean => keeps(row) && (cursor === null || isAfter(row, cursor));
  const bound = cursor === null ? '' : ` AND StartTime < '${oneMsLater(cursor.before)}'`;
  // One row more than asked for tells whether there is a next page.
  const wanted = limit + 1;
  const open = await readOpen(read, `ExecutionStatus = 'Running'${bound}`, wanted, fits);
  const { found: closed, unread } = await readClosed(read, `ExecutionStatus != 'Running'${bound}`, wanted, fits);
  const sorted = [...open, ...closed].sort(byStart);
  // Reading was given up, and the next page can go on from there: what began before comes with it.
  const goesOn = unread !== null && (cursor === null || unread < cursor.before) ? unread : null;
  const ready = goesOn === null ? sorted : sorted.filter(({ startedAt }) => startedAt > goesOn);
  const items = ready.slice(0, limit);
  const place = ready.length > limit ? placeOf(items, cursor) : goesOn === null ? null : placeBefore(goesOn);
  return { items, nextCursor: cursors.write(place) };
}

async function readOpen<Row extends Timed>(
  read: ReadPage<Row>,
  condition: string,
  wanted: number,
  fits: (row: Row) => boolean,
): Promise<Row[]> {
  const found: Row[] = [];
  let token: Uint8Array | null = null;
  do {
    const page: Awaited<ReturnType<ReadPage<Row>>> = await read(condition, PAGE_SIZE, token);
    found.push(...page.rows.filter(fits));
    token = page.nextPageToken;
  } while (token && found.length < wanted);
  return found;
}

async function readClosed<Row extends Timed>(
  read: ReadPage<Row>,
  condition: string,
  wanted: number,
  fits: (row: Row) => boolean,
): Promise<{ found: Row[]; unread: string | null }> {
  const found: Row[] = [];
  let token: Uint8Array | null = null;
  let last: string | null = null;
  for (let pages = 0; pages < PAGES; pages += 1) {
    const page: Awaited<ReturnType<ReadPage<Row>>> = await read(condition, PAGE_SIZE, token);
    found.push(...page.rows.filter(fits));
    token = page.nextPageToken;
    last = page.rows.at(-1)?.closedAt ?? last;
    if (!token || (last !== null && newerThan(found, last) >= wanted)) return { found, unread: null };
  }
  return { found, unread: last };
}

function newerThan(rows: readonly Timed[], time: string): number {
  return rows.filter(({ startedAt }) => startedAt > time).length;
}

function byStart(a: Timed, b: Timed): number {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? 1 : -1;
  return a.runId < b.runId ? 1 : -1;
}

function isAfter({ startedAt, runId }: Timed, { before, given }: Cursor): boolean {
  return startedAt < before || (startedAt === before && !given.includes(runId));
}

/** Temporal keeps finer times than the rows show. */
function oneMsLater(time: string): string {
  return new Date(Date.parse(time) + 1).toISOString();
}

function placeOf(items: readonly Timed[], former: Cursor | null): Buffer {
  const before = items.at(-1)?.startedAt ?? '';
  const given = items.filter(({ startedAt }) => startedAt === before).map(({ runId }) => runId);
  const all = former?.before === before ? [...former.given, ...given] : given;
  return Buffer.from(JSON.stringify([before, ...all]));
}

/** Where reading was given up: what closed before then began before then. */
function placeBefore(closedAt: string): Buffer {
  return Buffer.from(JSON.stringify([closedAt]));
}

/** What is signed was written by `placeOf`. */
function parseCursor(place: Buffer | null): Cursor | null {
  if (place === null) return null;
  const [before = '', ...given] = JSON.parse(place.toString('utf8')) as string[];
  return { before, given };
}
