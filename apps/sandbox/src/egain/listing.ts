import { EgainFault } from './errors.js';
import type { EgainKnobs } from './knobs.js';
import type { EgainRecord } from './store.js';

const LAST_PAGE = 999;

export interface Page {
  /** Number of its first object, counted from 0. */
  from: number;
  records: readonly EgainRecord[];
  paginationInfo?: { count: number; pagenum: number; pagesize: number };
}

/** The query parameters that a list takes, by the knob `paging`. */
export function listParameters({ paging }: EgainKnobs): readonly string[] {
  if (paging === 'pages') return ['$pagenum', '$pagesize'];
  return paging === 'pagenum-only' ? ['$pagenum'] : [];
}

/** One page of `all`: 10 by default, $pagenum 1..999, $pagesize 1..75 (docs/vendors/egain.md §6). */
export function pageOf(all: readonly EgainRecord[], query: URLSearchParams, knobs: EgainKnobs): Page {
  const known = listParameters(knobs);
  const pagenum = known.includes('$pagenum') ? numberOf(query, '$pagenum', 1, LAST_PAGE) : 1;
  const asked = known.includes('$pagesize')
    ? numberOf(query, '$pagesize', knobs.pageSize, knobs.largestPageSize)
    : knobs.pageSize;
  const pagesize = knobs.paging === 'all' ? Math.max(all.length, 1) : asked;
  const from = Math.min((pagenum - 1) * pagesize, all.length);
  const records = all.slice(from, from + pagesize);
  return knobs.paginationInfo === 'absent'
    ? { from, records }
    : { from, records, paginationInfo: { count: all.length, pagenum, pagesize } };
}

function numberOf(query: URLSearchParams, name: string, fallback: number, largest: number): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= largest) return value;
  throw new EgainFault('400-105', `Query parameter ${name} must be from 1 to ${largest}`, [{ key: name, value: text }]);
}
