import { describe, expect, it } from 'vitest';
import type { ListCursors } from './cursor.js';
import { newestFirst, type ReadPage, type Timed } from './newest-first.js';

function time(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 1, 12, 0, seconds)).toISOString();
}

function row(runId: string, started: number, closed: number | null): Timed {
  return { runId, startedAt: time(started), closedAt: closed === null ? null : time(closed) };
}

/** Answers as Temporal does: by close, then by start, in pages of two. */
function server(rows: readonly Timed[]): ReadPage<Timed> {
  return (condition, _, token) => {
    const open = condition.startsWith("ExecutionStatus = 'Running'");
    const [, before] = /StartTime < '([^']+)'/.exec(condition) ?? [];
    const found = rows
      .filter(({ closedAt }) => (closedAt === null) === open)
      .filter(({ startedAt }) => before === undefined || startedAt < before)
      .sort((a, b) => `${b.closedAt ?? ''}${b.startedAt}`.localeCompare(`${a.closedAt ?? ''}${a.startedAt}`));
    const from = token?.[0] ?? 0;
    const nextPageToken = from + 2 < found.length ? Uint8Array.of(from + 2) : null;
    return Promise.resolve({ rows: found.slice(from, from + 2), nextPageToken });
  };
}

const CURSORS: ListCursors = {
  read: (cursor) => (cursor === undefined ? null : Buffer.from(cursor)),
  write: (place) => place && Buffer.from(place).toString(),
};

async function all(rows: readonly Timed[], limit: number): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await newestFirst(server(rows), limit, cursor, CURSORS);
    ids.push(...page.items.map(({ runId }) => runId));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return ids;
}

const ROWS = [
  row('long', 1, 100), // closes last and began first
  row('a', 2, 20),
  row('held', 3, null),
  row('b', 4, 5),
  row('c', 6, 7),
  row('c2', 6, 30),
  row('c3', 6, null),
  row('new', 9, null),
];
const SORTED = ['new', 'c3', 'c2', 'c', 'b', 'held', 'a', 'long'];

describe('newestFirst', () => {
  it.each([1, 2, 3, 7, 8, 50])('gives every row once by its start, %i at a time', async (limit) => {
    expect(await all(ROWS, limit)).toEqual(SORTED);
  });

  it.each([1, 3, 50])('goes on where it gave up, when few rows pass: every one once, %i at a time', async (limit) => {
    // More than the closed rows that one page reads, and one that has run beside all of them.
    const many = Array.from({ length: 150 }, (_, index) => row(`r${String(index).padStart(3, '0')}`, index, index + 1));
    const rows = [row('beside', 0, 400), ...many, row('open', 75, null)];
    const rare = new Set(['beside', 'r149', 'r075', 'open', 'r074', 'r003', 'r000']);
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await newestFirst(server(rows), limit, cursor, CURSORS, ({ runId }) => rare.has(runId));
      ids.push(...page.items.map(({ runId }) => runId));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(ids).toEqual(['r149', 'r075', 'open', 'r074', 'r003', 'r000', 'beside']);
  });

  it('has no next page after the last row', async () => {
    expect((await newestFirst(server(ROWS), ROWS.length, undefined, CURSORS)).nextCursor).toBeNull();
    expect(await newestFirst(server([]), 10, undefined, CURSORS)).toEqual({ items: [], nextCursor: null });
  });
});
