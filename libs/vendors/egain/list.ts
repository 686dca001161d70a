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
 * The whole list of a kind, or an error. First without a parameter; if that may be a part only, page by page. A listing counts
 * when the number of all objects was the same on its first and last page, as many different ids came, and its pages still held the
 * same objects at its end (`Lister.isUnchanged`); else it is read again, as somebody's create or delete shifts the pages.
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

interface NumberedPage {
  number: number;
  page: RawPage;
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

  /** The whole list page by page; undefined when it changed meanwhile. */
  async pages(): Promise<RawObject[] | undefined> {
    const byId = new Map<string, RawObject>();
    const first = await this.page(1);
    let page = first;
    let before: NumberedPage | undefined;
    let received = 0;
    let number = 1;
    for (;;) {
      const known = byId.size;
      received += page.objects.length;
      for (const object of page.objects) byId.set(object.id, object);
      // A page without anything new: beyond the end of the list, or of a server that ignores the parameters.
      if (isEnd(page, first, received) || byId.size === known) break;
      if (number === LAST_PAGE) throw this.cannot(`it has more than ${LAST_PAGE} pages`, false);
      before = { number, page };
      page = await this.page(++number);
    }
    const whole = first.count === page.count && byId.size === (page.count ?? received);
    return whole && (await this.isUnchanged(first, before)) ? [...byId.values()] : undefined;
  }

  /**
   * Whether the pages have not shifted since they were read: a delete on a page already read and a create elsewhere keep the count
   * and hide the object that moved onto that page. Newest first, every create changes the first page; oldest first, every
   * such delete changes the last page but one. A list of one page shifts nothing and costs no call.
   */
  private async isUnchanged(first: RawPage, lastButOne: NumberedPage | undefined): Promise<boolean> {
    if (!lastButOne) return true;
    if (!isSame(first, await this.page(1))) return false;
    return lastButOne.number === 1 || isSame(lastButOne.page, await this.page(lastButOne.number));
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
    if (answer.status === 400 && query !== '') return 'refused';
    if (!isSuccess(answer.status)) throw egainFault(purpose, answer);
    const page = parsePage(this.kind, answer.json);
    if (!page) throw this.client.unreadable(purpose, answer.status, 'its list cannot be read');
    return page;
  }
}

function isWhole({ objects, count }: RawPage): boolean {
  const ids = new Set(objects.map(({ id }) => id));
  return count === undefined ? ids.size < USUAL_PAGE : ids.size === count;
}

/** The same objects, in whatever order, out of as many. */
function isSame(before: RawPage, after: RawPage): boolean {
  const ids = new Set(before.objects.map(({ id }) => id));
  const same = after.objects.filter(({ id }) => ids.has(id)).length;
  return before.count === after.count && after.objects.length === before.objects.length && same === ids.size;
}

/** With a count: as many came, or no more come. Without one: a page shorter than the first, since the page size is not known. */
function isEnd(page: RawPage, first: RawPage, received: number): boolean {
  return page.count === undefined ? page.objects.length < first.objects.length : received >= page.count;
}
