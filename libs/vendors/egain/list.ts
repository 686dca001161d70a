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
 * may be a part only, page by page. A listing counts when as many different ids came as there were objects at its start, and no
 * delete can have shifted its pages since (`Lister.hidNothing`); else it is read again. Creates alone hide nothing: a tenant
 * where somebody always makes objects can be listed too.
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
    const all =
      first.count === undefined || page.count === undefined
        ? first.count === page.count && byId.size === received
        : page.count >= first.count && byId.size >= first.count;
    return all && (await this.hidNothing(first, before)) ? [...byId.values()] : undefined;
  }

  /**
   * Whether no object can have moved onto a page that was read already. Only deletes do that, and a create elsewhere keeps the count.
   * Oldest first, each such delete changes the last page but one. Newest first, every create pushes the pages on by one object,
   * so the count must have grown by as many as came in front. A list of one page shifts nothing and costs no call.
   */
  private async hidNothing(first: RawPage, lastButOne: NumberedPage | undefined): Promise<boolean> {
    if (!lastButOne) return true;
    const again = await this.page(1);
    const inFront = pushedOn(first, again);
    if (inFront === undefined || (again.count ?? 0) < (first.count ?? 0) + inFront) return false;
    if (lastButOne.number === 1) return true;
    const since = pushedOn(lastButOne.page, await this.page(lastButOne.number));
    return since !== undefined && (inFront > 0 || since === 0);
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

/**
 * By how many objects a full page has been pushed on since it was read: so many others stand in front of what it held. Undefined
 * when anything else has changed, or nothing of what it held is left.
 */
function pushedOn(before: RawPage, after: RawPage): number | undefined {
  const [was, is] = [idsOf(before), idsOf(after)];
  if (was.length !== is.length) return undefined;
  const held = new Set(was);
  if (is.every((id) => held.has(id))) return 0; // in whatever order
  const inFront = is.findIndex((id) => held.has(id));
  return inFront > 0 && is.slice(inFront).every((id, i) => id === was[i]) ? inFront : undefined;
}

function idsOf({ objects }: RawPage): string[] {
  return objects.map(({ id }) => id);
}

/** With a count: as many came, or no more come. Without one: a page shorter than the first, since the page size is not known. */
function isEnd(page: RawPage, first: RawPage, received: number): boolean {
  return page.count === undefined ? page.objects.length < first.objects.length : received >= page.count;
}
