import type { ListedPage } from './page.js';

/** In which order a list stands by the times of creation. `unknown`: they do not tell. */
export type Order = 'oldest' | 'newest' | 'none' | 'unknown';

/**
 * What the vendor's times of creation show of the order of a list's pages, given in the order of their numbers: `oldest` first, `newest`
 * first, neither (`none`), or nothing, where times are missing or all the same.
 */
export function orderOf(pages: readonly ListedPage[]): Order {
  const times = pages.map(({ objects }) => objects.map(({ created }) => Date.parse(created)));
  const all = times.flat();
  if (all.some(Number.isNaN) || all.every((time) => time === all[0])) return 'unknown';
  if (climbs(times)) return 'oldest';
  return climbs(times, true) ? 'newest' : 'none';
}

/**
 * Whether nothing but the creation explains the order: a list by names, by ids or by the last change may stand in the order of creation
 * by chance, until somebody renames or changes an object in it.
 */
export function isByCreation(pages: readonly ListedPage[]): boolean {
  const others = [
    pages.map(({ objects }) => objects.map(({ seen }) => seen.key)),
    pages.map(({ objects }) => objects.map(({ id }) => id)),
    pages.map(({ objects }) => objects.map(({ modified }) => modified ?? '')),
  ];
  return !others.some((values) => climbs(values) || climbs(values, true));
}

/**
 * Whether values climb within each page, and from page to page. While a list is read others may move its objects by a page, so that two
 * pages hold the same ones: from page to page only where they begin is compared.
 */
function climbs(pages: readonly (number | string)[][], down = false): boolean {
  const begins = pages.flatMap((page) => page.slice(0, 1));
  return [...pages, begins].every((values) =>
    values.every((value, i) => {
      const before = values[i - 1];
      return before === undefined || (down ? value <= before : value >= before);
    }),
  );
}
