import { isByCreation, orderOf, type Order } from './order.js';
import type { ListedObject, ListedPage } from './page.js';
import type { KindPaging } from './paging.js';

/** Reads a page by its number, from 1. @throws PageRefused when the server does not give it */
export type PageOf = (number: number) => Promise<ListedPage>;

/** A page that the server refuses by a 400. */
export class PageRefused extends Error {
  override name = 'PageRefused';
}

/** What one way through the pages of a list has brought. */
export interface Passage {
  /** All objects; undefined when one may have been hidden. */
  objects: ListedObject[] | undefined;
  /** What it has shown of the list. */
  shown: KindPaging;
}

/** How often the end of a list is looked for before it counts as one that does not hold still. */
const END_TRIES = 3;

/**
 * From the first page to the last and back. Pages are offsets: a delete meanwhile can hide an object from the way there, and a create
 * in front of it from the way back. The list counts only if no object can have been hidden from both (`hidNothing`). Creates alone hide
 * nothing: a tenant where somebody always makes objects can be listed too. Where the newest are proved to come first the way there is
 * enough, as long as it shows that no more were removed than made.
 */
export async function thereAndBack(
  page: PageOf,
  order: KindPaging['order'],
  expect: (calls: number) => void,
): Promise<Passage> {
  const oneWay = order === 'newest';
  const there = await toTheEnd(page, (pages) => expect(oneWay ? pages : 2 * pages - 1));
  if (!there) return { objects: undefined, shown: {} };
  const size = sizeOf(there);
  if (there.length === 1) return { objects: allOf(there), shown: {} };
  if (oneWay && orderOf(there) === 'newest' && neverFewer(there)) return { objects: allOf(there), shown: size };
  const back: ListedPage[] = [];
  for (let number = there.length - 1; number >= 1; number--) back.unshift(await page(number));
  // The last page is read once, for both ways.
  const again = [...back, ...there.slice(-1)];
  const seen = orderOfBoth(orderOf(there), orderOf(again));
  const isProof = (seen === 'oldest' || seen === 'newest') && isByCreation(there) && isByCreation(again);
  const shown: KindPaging = { ...size, ...(seen === 'none' || isProof ? { order: seen } : {}) };
  const hid = !hidNothing(there, back, order === 'none' ? 'none' : seen);
  return { objects: hid ? undefined : allOf([...there, ...back]), shown };
}

/**
 * From the last page to the first, where the oldest are proved to come first: what is removed moves the others to pages that are read
 * later, and what is made stands behind all that is asked for. Counts only if the pages show that order again.
 */
export async function fromTheEnd(
  page: PageOf,
  size: NonNullable<KindPaging['size']>,
  expect: (calls: number) => void,
): Promise<Passage> {
  const nothing: Passage = { objects: undefined, shown: {} };
  const last = await lastPage(page, size);
  if (!last) return nothing;
  expect(last.calls + last.number - 1);
  const pages = [last.page];
  for (let number = last.number - 1; number >= 1; number--) pages.unshift(await page(number));
  const isFull = pages.every(({ objects, count = 0 }, i) => objects.length === lengthOf(i + 1, count, size.page));
  const order = orderOf(pages);
  if (order === 'newest' || order === 'none') return { objects: undefined, shown: { order: 'none' } };
  if (!isFull || (pages.length > 1 && order !== 'oldest')) return nothing;
  return { objects: allOf(pages), shown: { size: { ...size, count: last.count } } };
}

/** The last page that there is, where the list ended when it was read last, or near it. */
async function lastPage(
  page: PageOf,
  size: NonNullable<KindPaging['size']>,
): Promise<{ page: ListedPage; count: number; number: number; calls: number } | undefined> {
  let { count } = size;
  for (let calls = 1; calls <= END_TRIES; calls++) {
    const number = pagesFor(count, size.page);
    const read = await page(number).catch(refusedIsNone);
    if (read?.count === undefined) return undefined;
    ({ count } = read);
    if (pagesFor(count, size.page) === number) return { page: read, count, number, calls };
  }
  return undefined;
}

/** A page behind the end may be refused: then the end is not where it was. */
function refusedIsNone(error: unknown): undefined {
  if (!(error instanceof PageRefused)) throw error;
}

/** From the first page to the last; undefined when a page holds nothing new, since that tells nothing about where the list ends. */
async function toTheEnd(page: PageOf, expect: (pages: number) => void): Promise<ListedPage[] | undefined> {
  const pages: ListedPage[] = [];
  const known = new Set<string>();
  let received = 0;
  for (let number = 1; ; number++) {
    const read = await page(number);
    const [first = read] = pages;
    pages.push(read);
    received += read.objects.length;
    if (read.count !== undefined) expect(pagesFor(read.count, first.objects.length));
    if (isEnd(read, first, received)) return pages;
    if (read.objects.every(({ id }) => known.has(id))) return undefined;
    for (const { id } of read.objects) known.add(id);
  }
}

/** With a count: as many came, or no more come. Without one: a page shorter than the first, since the page size is not known. */
function isEnd(page: ListedPage, first: ListedPage, received: number): boolean {
  return page.count === undefined ? page.objects.length < first.objects.length : received >= page.count;
}

/** What both ways together show: what one shows and the other does not deny. */
function orderOfBoth(there: Order, back: Order): Order {
  if (there === back || back === 'unknown') return there;
  return there === 'unknown' ? back : 'none';
}

/**
 * Whether no object can have been hidden from both ways.
 *
 * - Oldest first, only deletes move objects, and only to earlier pages: on the way back they are met, whatever happens.
 * - Newest first, the way there meets all if between two of its pages at least as many objects were made as removed.
 * - Where the times do not tell, it is one of the two: what the newest first asks for is enough for both.
 * - Where they show neither, a new object may stand anywhere: only a list that held still counts, page by page on both ways.
 *
 * Without a count nobody knows how many were made and removed: then the way back must find what the way there found.
 */
function hidNothing(there: readonly ListedPage[], back: readonly ListedPage[], order: Order): boolean {
  if (order === 'oldest') return true;
  const isSame = (): boolean => back.every((page, i) => sameIds(page, there[i]));
  const counts = [...there, ...back].map(({ count }) => count);
  if (order === 'none') return counts.every((count) => count === counts[0]) && isSame();
  return counts.includes(undefined) ? isSame() : neverFewer(there);
}

/** Whether the counts of a way, which are all there, never went down. */
function neverFewer(pages: readonly ListedPage[]): boolean {
  return pages.every(({ count }, i) => count !== undefined && count >= (pages[i - 1]?.count ?? 0));
}

/** In whatever order. */
function sameIds(page: ListedPage, other: ListedPage | undefined): boolean {
  const ids = new Set(other?.objects.map(({ id }) => id));
  return page.objects.length === ids.size && page.objects.every(({ id }) => ids.has(id));
}

/** All objects by their ids; undefined when they are fewer than there have been at any time, as when a server sends the same page twice. */
function allOf(pages: readonly ListedPage[]): ListedObject[] | undefined {
  const byId = new Map(pages.flatMap(({ objects }) => objects).map((object) => [object.id, object]));
  const fewest = Math.min(...pages.map(({ count }) => count ?? 0));
  return byId.size >= fewest ? [...byId.values()] : undefined;
}

function sizeOf(there: readonly ListedPage[]): Pick<KindPaging, 'size'> {
  const [first] = there;
  const count = there.at(-1)?.count;
  return first === undefined || count === undefined ? {} : { size: { page: first.objects.length, count } };
}

/** Number of the page with which a list of so many objects ends. */
function pagesFor(count: number, pageSize: number): number {
  return Math.max(1, Math.ceil(count / Math.max(1, pageSize)));
}

/** How many objects a page must hold. */
function lengthOf(number: number, count: number, pageSize: number): number {
  return Math.min(Math.max(count - (number - 1) * pageSize, 0), pageSize);
}
