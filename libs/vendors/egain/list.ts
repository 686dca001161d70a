import type { VendorError } from '#libs/contracts/index.js';
import { LIST_MAX_BYTES } from '#libs/http/index.js';
import type { Listing, Pages } from '#libs/readings/index.js';
import type { SeenObject } from '#libs/resources/contract.js';
import { fault, isSuccess } from '../common/index.js';
import type { EgainClient } from './client.js';
import { EGAIN, egainFault } from './errors.js';
import type { EgainKind } from './kinds.js';
import { readPage, type ListedObject, type ListedPage } from './page.js';
import type { Sizing } from './paging.js';
import { fromTheEnd, PageRefused, thereAndBack, type PageOf, type Passage } from './ways.js';

/** Paging of the sibling APIs, assumed for this one (`docs/vendors/egain.md` §6). */
const LARGEST_PAGE = 75;
const LAST_PAGE = 999;
const SIZINGS: readonly Sizing[] = [`&$pagesize=${LARGEST_PAGE}`, ''];
/** Items a page holds when nobody says how many: so many without `paginationInfo` may be a part only. */
const USUAL_PAGE = 10;
/** How often a list that kept changing is read from its beginning before it is given up for now. */
const LISTINGS = 3;

/** What reading a list needs of a client. */
export type ListClient = Pick<EgainClient, 'ask' | 'unreadable' | 'paging'>;

/** The list of one kind. Its objects carry what they refer to. */
export function listingOf(client: ListClient, kind: EgainKind): Listing<SeenObject> {
  return {
    kind: kind.name,
    scope: undefined,
    read: async (pages) => (await new Lister(client, kind, pages).all()).map(({ seen }) => seen),
  };
}

/** The list of one kind from its first page to its last, one page at a time. */
export async function* pagesOf(
  client: ListClient,
  kind: EgainKind,
  pages: Pages,
): AsyncGenerator<readonly SeenObject[], void, undefined> {
  for await (const page of new Lister(client, kind, pages).forward()) yield page.map(({ seen }) => seen);
}

/**
 * Reads the whole list of a kind, or throws: every object that stood from its first call to its last. The first list of a connection is
 * asked for without a parameter; if that may be a part only, and from then on always, page by page (`ways.ts`).
 * @throws VendorError `CANNOT_ENUMERATE`: not retryable when the server refuses to page, retryable when the list kept changing
 */
class Lister {
  /** Calls that were answered. */
  private answered = 0;
  private hasAskedPlainly = false;

  constructor(
    private readonly client: ListClient,
    private readonly kind: EgainKind,
    private readonly pages: Pages,
  ) {}

  async all(): Promise<ListedObject[]> {
    const { paging } = this.client;
    const finds = await paging.finds(this.pages.signal);
    try {
      return await this.objects();
    } catch (error) {
      if (!(error instanceof PageRefused)) throw error;
      if (this.hasAskedPlainly) throw this.cannot('eGain refuses to page through it', false);
    } finally {
      if (finds) paging.end();
    }
    paging.forget(); // pages are no longer given as they were: it is found out anew
    return this.all();
  }

  /** Forward only; what shifts meanwhile may be hidden. */
  async *forward(): AsyncGenerator<readonly ListedObject[], void, undefined> {
    if (this.client.paging.sizing === undefined) {
      const whole = await this.withoutParameters();
      if (whole) {
        yield whole;
        return;
      }
    }
    let [received, size] = [0, 0];
    let before: ReadonlySet<string> = new Set();
    for (let number = 1; ; number++) {
      const page = await this.forwardPage(number);
      const { objects, count } = page;
      received += objects.length;
      size = Math.max(size, objects.length);
      yield objects;
      if (count === undefined ? objects.length < size : received >= count || objects.length === 0) return;
      if (objects.length > 0 && objects.every(({ id }) => before.has(id))) {
        throw this.cannot('eGain sends the same page again and again', false);
      }
      before = new Set(objects.map(({ id }) => id));
    }
  }

  /** A page behind the end of a list that became shorter may be refused. */
  private async forwardPage(number: number): Promise<ListedPage> {
    try {
      return await this.page(number);
    } catch (error) {
      if (!(error instanceof PageRefused)) throw error;
      if (number > 1) return { objects: [], count: 0 };
      this.client.paging.forget();
      throw this.cannot('eGain refuses to page through it', false);
    }
  }

  private async objects(): Promise<ListedObject[]> {
    const { paging } = this.client;
    if (paging.sizing === undefined && !this.hasAskedPlainly) {
      const whole = await this.withoutParameters();
      if (whole) return whole;
    }
    for (let listing = 1; listing <= LISTINGS; listing++) {
      const objects = await this.listing();
      if (objects) return objects;
    }
    throw this.cannot(`it kept changing while it was read ${LISTINGS} times`, true);
  }

  /** Once through the list by the way that its order allows; undefined when an object may have been hidden. */
  private async listing(): Promise<ListedObject[] | undefined> {
    const { size, order } = this.client.paging.of(this.kind.name);
    const page: PageOf = (number) => this.page(number);
    const fromEnd = order === 'oldest' && size && (await this.passage((expect) => fromTheEnd(page, size, expect)));
    if (fromEnd) return fromEnd;
    return this.passage((expect) => thereAndBack(page, this.client.paging.of(this.kind.name).order, expect));
  }

  private async passage(pass: (expect: (calls: number) => void) => Promise<Passage>): Promise<Passage['objects']> {
    const before = this.answered;
    const { objects, shown } = await pass((calls) => this.pages.expect(before + calls));
    this.client.paging.remember(this.kind.name, shown);
    return objects;
  }

  private async withoutParameters(): Promise<ListedObject[] | undefined> {
    this.hasAskedPlainly = true;
    const page = await this.read('');
    if (page === 'refused') throw this.cannot('eGain refuses the list itself', false);
    return isWhole(page) ? page.objects : undefined;
  }

  /** A page by its number. The first one finds out how pages are asked for, where that is not known. */
  private async page(number: number): Promise<ListedPage> {
    if (number > LAST_PAGE) throw this.cannot(`it has more than ${LAST_PAGE} pages`, false);
    const { paging } = this.client;
    const known = paging.sizing;
    for (const sizing of known === undefined ? SIZINGS : [known]) {
      const page = await this.read(`?$pagenum=${number}${sizing}`);
      if (page === 'refused') continue;
      paging.learn(sizing);
      return page;
    }
    throw new PageRefused(`page ${number} is refused`);
  }

  private read(query: string): Promise<ListedPage | 'refused'> {
    const purpose = { resource: this.kind.name, operation: 'list' } as const;
    return this.pages.page(async (options) => {
      const path = `${this.kind.path}${query}`;
      const answer = await this.client.ask({ ...purpose, ...options, method: 'GET', path, maxBytes: LIST_MAX_BYTES });
      // A parameter that it does not know is 400-101 at the siblings; any other 400 counts the same.
      if (answer.status === 400 && answer.form !== 'page' && query !== '') return 'refused';
      if (!isSuccess(answer.status)) throw egainFault(purpose, answer);
      const page = readPage(this.kind, answer.json);
      if (!page) throw this.client.unreadable(purpose, answer, 'its list cannot be read');
      this.answered++;
      return page;
    });
  }

  private cannot(why: string, retryable: boolean): VendorError {
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
}

function isWhole({ objects, count }: ListedPage): boolean {
  const ids = new Set(objects.map(({ id }) => id));
  return count === undefined ? ids.size < USUAL_PAGE : ids.size === count;
}
