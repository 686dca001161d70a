import { createHash } from 'node:crypto';
import { z } from 'zod';

/** In which order a list stands: by creation, or in none that anybody could tell, which is the same every time. */
export const listOrder = z.enum(['oldest', 'newest', 'none']).default('oldest');
export type ListOrder = z.output<typeof listOrder>;

/** Records in an order; given the oldest first. Does not change what it is given. */
export function inOrder<T extends { id: string }>(oldestFirst: readonly T[], order: ListOrder): readonly T[] {
  if (order === 'oldest') return oldestFirst;
  if (order === 'newest') return oldestFirst.toReversed();
  const keyed = oldestFirst.map((record) => ({ record, key: createHash('sha1').update(record.id).digest('hex') }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ record }) => record);
}
