import type { VendorError } from '#libs/contracts/index.js';
import { LIST_MAX_BYTES } from '#libs/http/index.js';
import type { ReadOptions } from '#libs/resources/contract.js';
import { fault, isSuccess } from '../common/index.js';
import type { EgainClient } from './client.js';
import { EGAIN, egainFault } from './errors.js';
import type { EgainKind } from './kinds.js';
import { parsePage, type RawObject, type RawPage } from './schema.js';

/** Paging of the sibling APIs, assumed for this one (`vendors/egain.md` section 6). */
const LARGEST_PAGE = 75;
const LAST_PAGE = 999;
/** Items a page holds when nobody says how many: so many without `paginationInfo` may be a part only. */
const USUAL_PAGE = 10;
/** Listings of one kind in one attempt before it is given up for now. */
const LISTINGS = 3;

/** What the server takes besides `$pagenum`. */
type Sizing = '' | `&$pagesize=${number}`;

/**
 * The whole list of a kind, or an error: every object that stood from its first call to its last. First without a parameter; if that
 * may be a part only, page by page, from the first to the last and back. Pages are offsets: a delete meanwhile can hide an object
 * from the way there, and a create in front of it from the way back. The list counts only if no object can have been hidden from
 * both (`hidNothing`); else it is read again. Creates alone hide nothing: a tenant where somebody always makes objects can be
 * listed too.
 * @throws VendorError `CANNOT_ENUMERATE`: not retryable when the server refuses to page, retryable when the list kept changing
 */
export async function listAll(client: EgainClient, kind: EgainKind, { signal }: ReadOptions): Promise<RawObject[]> {
  const lister = new Lister(client, kind, signal);
  const first = await lister.first();
  if (isWhole(first)) return first.objects;
  for (let listing = 1; listing <= LISTINGS; listing++) {
    const objects = await lister.pages();
    if (objects) return objects;
  }
  throw lister.cannot(`it kept changing while it was read ${LISTINGS} times`, true);
}

class Lister {
  private sizing: Sizing = `&$pagesize=${LARGEST_PAGE}`;

  constructor(
    private readonly client: EgainClient,
    private readonly kind: EgainKind,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async first(): Promise<RawPage> {
    const page = await this.read('');
    if (page === 'refused') throw this.cannot('eGain refuses the list itself', false);
    return page;
  }

  /** The whole list page by page; undefined when an object may have been hidden. */
  async pages(): Promise<RawObject[] | undefined> {
    const there = await this.pagesToTheEnd();
    if (!there) return undefined;
    const back: RawPage[] = [];
    for (let number = there.length - 1; number >= 1; number--) back.push(await this.page(number));
    if (!hidNothing(there, back)) return undefined;
    const byId = new Map([...there, ...back].flatMap(({ objects }) => objects).map((object) => [object.id, object]));
    // As many at least as there have been objects at any time: a server that sends the same page twice sends fewer.
    const fewest = Math.min(...[...there, ...back].map(({ count }) => count ?? 0));
    return byId.size >= fewest ? [...byId.values()] : undefined;
  }

  /** From the first page to the last; undefined when a page holds nothing new, since that tells nothing about where the list ends. */
  private async pagesToTheEnd(): Promise<RawPage[] | undefined> {
    const pages: RawPage[] = [];
    const known = new Set<string>();
    let received = 0;
    for (let number = 1; number <= LAST_PAGE; number++) {
      const page = await this.page(number);
      const [first = page] = pages;
      pages.push(page);
      received += page.objects.length;
      if (isEnd(page, first, received)) return pages;
      if (page.objects.every(({ id }) => known.has(id))) return undefined;
      for (const { id } of page.objects) known.add(id);
    }
    throw this.cannot(`it has more than ${LAST_PAGE} pages`, false);
  }

  cannot(why: string, retryable: boolean): VendorError {
    const { name } = this.kind;
    return fault(
      EGAIN,
      { resource: name, operation: 'list' },
      {
        code: 'CANNOT_ENUMERATE',
        message: `The list of eGain's objects of kind ${name} cannot be read to its end: ${why}. Nothing is created on a part of a list.`,
        retryable,
      },
    );
  }

  private async page(number: number): Promise<RawPage> {
    const page = await this.read(`?$pagenum=${number}${this.sizing}`);
    if (page !== 'refused') return page;
    if (this.sizing !== '' && number === 1) {
      this.sizing = '';
      return this.page(number);
    }
    throw this.cannot('eGain refuses to page through it', false);
  }

  private async read(query: string): Promise<RawPage | 'refused'> {
    const purpose = { resource: this.kind.name, operation: 'list' } as const;
    const answer = await this.client.ask({
      ...purpose,
      method: 'GET',
      path: `${this.kind.path}${query}`,
      signal: this.signal,
      maxBytes: LIST_MAX_BYTES,
    });
    // A parameter that it does not know is 400-101 at the siblings; any other 400 counts the same.
    if (answer.status === 400 && answer.form !== 'page' && query !== '') return 'refused';
    if (!isSuccess(answer.status)) throw egainFault(purpose, answer);
    const page = parsePage(this.kind, answer.json);
    if (!page) throw this.client.unreadable(purpose, answer, 'its list cannot be read');
    return page;
  }
}

function isWhole({ objects, count }: RawPage): boolean {
  const ids = new Set(objects.map(({ id }) => id));
  return count === undefined ? ids.size < USUAL_PAGE : ids.size === count;
}

/**
 * Whether no object can have been hidden from both ways, whichever end the newest objects stand at.
 *
 * - Oldest first, only deletes move objects, and only to earlier pages: on the way back they are met, whatever happens.
 * - Newest first, the way there meets all if between two of its pages at least as many objects were made as removed.
 *
 * Without a count nobody knows how many were made and removed: then the way back must find what the way there found.
 */
function hidNothing(there: RawPage[], back: RawPage[]): boolean {
  if (there.length === 1 || (oldestFirst(there) && oldestFirst([...back.toReversed(), ...there.slice(-1)])))
    return true;
  const counts = there.map(({ count }) => count);
  if (counts.every((count) => count !== undefined))
    return counts.every((count, i) => i === 0 || count >= (counts[i - 1] ?? 0));
  return back.toReversed().every((page, i) => sameIds(page, there[i]));
}

/**
 * Whether the vendor's times of creation, not all the same, show that the oldest objects come first: within each page, and from page
 * to page. Deletes let a page hold again what the page after it, read before it, began with: only where pages begin is compared.
 */
function oldestFirst(pages: RawPage[]): boolean {
  const times = pages.map(({ objects }) => objects.map(({ created }) => Date.parse(created)));
  const begins = times.map(([begin = NaN]) => begin);
  const newest = times.flat().at(-1) ?? NaN;
  return times.every(ascends) && ascends(begins) && (begins[0] ?? NaN) < newest;
}

function ascends(times: number[]): boolean {
  return times.every((time, i) => time >= (times[i - 1] ?? -Infinity));
}

/** In whatever order. */
function sameIds(page: RawPage, other: RawPage | undefined): boolean {
  const ids = new Set(other?.objects.map(({ id }) => id));
  return page.objects.length === ids.size && page.objects.every(({ id }) => ids.has(id));
}

/** With a count: as many came, or no more come. Without one: a page shorter than the first, since the page size is not known. */
function isEnd(page: RawPage, first: RawPage, received: number): boolean {
  return page.count === undefined ? page.objects.length < first.objects.length : received >= page.count;
}
