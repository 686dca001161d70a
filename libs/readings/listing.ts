import type { Lane } from '#libs/http/index.js';

/** What is needed of an item to tell it from others. */
export interface Listed {
  /** The vendor's id, never used twice. */
  id: string;
}

/** What one call of a reading carries; spread into the call. */
export interface PageOptions {
  /** Aborted when nobody waits for the reading any more. */
  signal: AbortSignal;
  lane: () => Lane;
  onSent: () => void;
}

/** The calls of one reading. */
export interface Pages {
  /** Aborted when nobody waits for the reading any more. */
  readonly signal: AbortSignal;
  /**
   * Makes one call of the reading. One that fails for a passing reason is made again, a few times, after a pause that grows or that the
   * vendor asks for. Must be called for one page after the other.
   * @returns what the call returns
   * @throws the call's fault when it does not pass, or not soon
   */
  page<P>(call: (options: PageOptions) => Promise<P>): Promise<P>;
  /** Says how many calls the reading will take in all, about; for those who wait. */
  expect(calls: number): void;
}

/** A list at a vendor: one kind of object, or what of it belongs to one other object. */
export interface Listing<T extends Listed> {
  /** Resource name: `channel`. */
  kind: string;
  /** Id of the object whose list it is; undefined where one list holds all. */
  scope: string | undefined;
  /**
   * Reads the list once, by calls of `pages.page` alone.
   * @returns every object that stood from the first call to the last; others may be among them
   * @throws VendorError when that cannot be promised
   */
  read(pages: Pages): Promise<T[]>;
}
