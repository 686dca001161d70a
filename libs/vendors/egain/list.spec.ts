import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { EgainConnection } from './connection.js';
import { VendorError } from '#libs/contracts/index.js';
import { fakeServer, reply, type FakeServer } from '#libs/http/test-server.js';
import type { SeenObject } from '#libs/resources/contract.js';
import { CHANNEL } from './kinds.js';
import { egainModule, type EgainClient } from './index.js';
import { listingOf } from './list.js';

/** What a list call asks for; both are undefined without parameters. */
interface Asked {
  page: number | undefined;
  size: number | undefined;
  /** Number of the list call, from 1. */
  call: number;
}

/** Tenants that the property is tried on, over HTTP; `test/faults/readings.spec.ts` tries thousands without. */
const RUNS = 60;

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A client of a fake eGain whose lists answer so. */
async function egain(list: (asked: Asked) => { status?: number; body: unknown }): Promise<[EgainClient, FakeServer]> {
  let call = 0;
  const server = await fakeServer((request, response) => {
    if (request.url === '/token') {
      reply(response, 200, { access_token: 't' });
      return;
    }
    const { searchParams } = new URL(request.url, 'http://egain');
    const number = (name: string): number | undefined => {
      const text = searchParams.get(name);
      return text === null ? undefined : Number(text);
    };
    const { status = 200, body } = list({ page: number('$pagenum'), size: number('$pagesize'), call: ++call });
    reply(response, status, body);
  });
  const connected = egainModule.connect(settingsFor(server.url));
  open.push(
    () => server.close(),
    () => connected.close(),
  );
  return [connected.client, server];
}

/** A new reading of the channels. */
function listAll(client: EgainClient, signal?: AbortSignal): Promise<SeenObject[]> {
  return client.lists.whole(listingOf(client, CHANNEL), { signal });
}

function settingsFor(url: string): EgainConnection {
  return {
    name: 'egain-main',
    vendor: 'egain',
    tenants: ['*'],
    adopt: false,
    limits: { requestsPerSecond: 1_000, concurrency: 4, timeoutMs: 5_000 },
    timing: { deadlineMs: 5_000, settleMs: [], initialIntervalMs: 1, maximumIntervalMs: 1, giveUpAfterMs: 1 },
    allowPrivateUrls: true,
    apiBase: url,
    tokenUrl: `${url}/token`,
    scope: 'scope',
    clientId: () => 'id',
    clientSecret: () => 'secret',
    agentClientApplicationId: 'agent',
  };
}

interface Item {
  id: string;
  type: string;
  created?: string;
  modified?: string;
}

const NEW: Item = { id: 'id-new', type: 'custom.new' };

/** Channels `first` to `last`, both counted. */
function channels(first: number, last: number): Item[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({
    id: `id-${first + index}`,
    type: `custom.${first + index}`,
  }));
}

/** A time of creation, later with a larger number. */
function timeOf(nth: number): string {
  return new Date(Date.UTC(2026, 0, 1) + nth).toISOString();
}

function pageOf(count: number, asked: Asked): { body: unknown } {
  return pageOfAll(channels(1, count), asked);
}

function pageOfAll(all: Item[], { page = 1, size = 10 }: Asked): { body: unknown } {
  const channel = all.slice((page - 1) * size, page * size);
  return { body: { paginationInfo: { count: all.length, pagenum: page, pagesize: size }, channel } };
}

async function failureOf(call: Promise<unknown>): Promise<VendorError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof VendorError) return error;
  throw new Error('a VendorError was expected', { cause: error });
}

describe('a list that changes while it is read', () => {
  it('is read again, and taken when it stands still', async () => {
    // The first listing sees 150 objects on its first page and 149 on its last; the second one is quiet.
    const [client] = await egain((asked) => pageOf(asked.call <= 2 ? 150 : 149, asked));
    expect(await listAll(client)).toHaveLength(149);
  });

  it('is read again when an object came twice', async () => {
    const [client] = await egain((asked) => {
      // A delete on the first page moved the objects of the second; somebody's create kept the count.
      if (asked.call === 3) return { body: { paginationInfo: { count: 80 }, channel: channels(75, 79) } };
      return pageOf(80, asked);
    });
    const list = await listAll(client);
    expect(new Set(list.map(({ id }) => id)).size).toBe(80);
  });

  const hidden: { reason: string; pages: number; before: number; change: (all: Item[]) => Item[] }[] = [
    { reason: 'newest last, page 1 of 2', pages: 2, before: 2, change: (all) => [...all.slice(1), NEW] },
    {
      reason: 'newest last, page 2 of 3',
      pages: 3,
      before: 3,
      change: (all) => [...all.slice(0, 80), ...all.slice(81), NEW],
    },
    {
      reason: 'newest last, page 2 of 4',
      pages: 4,
      before: 3,
      change: (all) => [...all.slice(0, 80), ...all.slice(81), NEW],
    },
    {
      reason: 'newest first, page 2 of 3',
      pages: 3,
      before: 3,
      change: (all) => [NEW, ...all.slice(0, 149), ...all.slice(150)],
    },
  ];
  it.each(hidden)(
    'is whole though a delete and a create of others hide an object from the way there: $reason',
    async ({ pages, before, change }) => {
      const stood = channels(1, pages * 75 - 5);
      const after = change(stood);
      // One call without parameters comes before that of page 1.
      const [client] = await egain((asked) => pageOfAll(asked.call <= before ? stood : after, asked));
      const ids = (await listAll(client)).map(({ id }) => id);
      expect(after.filter(({ id }) => id !== NEW.id && !ids.includes(id))).toEqual([]);
    },
  );

  it('is whole though somebody makes an object, removes it before the next page is read, and makes another, newest first', async () => {
    const stood = channels(1, 160);
    const pushed = [NEW, ...stood];
    const [client] = await egain((asked) => pageOfAll(asked.call === 3 || asked.call === 5 ? pushed : stood, asked));
    expect(await listAll(client)).toHaveLength(160);
  });

  const grown: { order: string; pages: number; made: (all: Item[], nth: number) => Item[] }[] = [
    { order: 'newest last', pages: 2, made: (all, nth) => [...all, ...channels(1_000, 999 + nth)] },
    { order: 'newest last', pages: 4, made: (all, nth) => [...all, ...channels(1_000, 999 + nth)] },
    { order: 'newest first', pages: 2, made: (all, nth) => [...channels(1_000, 999 + nth).reverse(), ...all] },
    { order: 'newest first', pages: 4, made: (all, nth) => [...channels(1_000, 999 + nth).reverse(), ...all] },
  ];
  it.each(grown)('is taken at once when others only make objects: $order, $pages pages', async ({ pages, made }) => {
    const stood = channels(1, pages * 75 - 5);
    const [client, server] = await egain((asked) => pageOfAll(made(stood, asked.call), asked));
    const ids = new Set((await listAll(client)).map(({ id }) => id));
    expect(stood.filter(({ id }) => !ids.has(id))).toEqual([]);
    expect(server.got.filter(({ url }) => url.includes('$pagenum=1&'))).toHaveLength(2);
  });

  it('is taken at once, oldest first, when others only remove objects', async () => {
    const stood = channels(1, 400).map((item, index) => ({ ...item, created: timeOf(index) }));
    const [client, server] = await egain((asked) => pageOfAll(stood.slice(asked.call), asked));
    const calls = 1 + 6 + 5;
    const ids = new Set((await listAll(client)).map(({ id }) => id));
    expect(stood.slice(calls).filter(({ id }) => !ids.has(id))).toEqual([]);
    expect(server.got.filter(({ url }) => url !== '/token')).toHaveLength(calls);
  });

  it('holds all that stood from its start to its end, if it is taken, whatever others make and remove meanwhile', async () => {
    const change = fc.record({ removed: fc.nat({ max: 50 }), made: fc.nat({ max: 3 }), removes: fc.boolean() });
    const changes = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: change }), {
      maxLength: 40,
    });
    const tenant = fc.record({
      newestFirst: fc.boolean(),
      dated: fc.boolean(),
      count: fc.integer({ min: 5, max: 49 }),
    });
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(tenant, changes, async ({ newestFirst, dated, count }, happens) => {
        let made = 0;
        const make = (): Item => {
          made += 1;
          return { id: `id-${made}`, type: `custom.${made}`, ...(dated && { created: timeOf(made) }) };
        };
        const all: Item[] = [];
        const add = (): number => (newestFirst ? all.unshift(make()) : all.push(make()));
        for (let i = 0; i < count; i++) add();
        const stood = new Set(all.map(({ id }) => id));
        const [client] = await egain((asked) => {
          if (asked.size !== undefined) return { status: 400, body: { code: '400-101' } }; // pages of ten
          const now = asked.call > 1 ? happens[asked.call - 1] : undefined;
          if (now?.removes) {
            const [gone] = all.splice(now.removed % all.length, 1);
            if (gone) stood.delete(gone.id);
          }
          for (let i = 0; i < (now?.made ?? 0); i++) add();
          return pageOfAll(all, { ...asked, size: 10 });
        });
        const list = await listAll(client).catch((error: unknown) => {
          if (error instanceof VendorError && error.fault.code === 'CANNOT_ENUMERATE') return undefined;
          throw error;
        });
        for (const close of open.splice(0).reverse()) await close();
        if (list) taken += 1;
        const ids = new Set(list?.map(({ id }) => id));
        return list === undefined || [...stood].every((id) => ids.has(id));
      }),
      { numRuns: RUNS },
    );
    expect(taken).toBeGreaterThan(RUNS / 2);
  });

  it('costs one call, or one and those for all pages and back', async () => {
    const calls = async (count: number): Promise<number> => {
      const [client, server] = await egain((asked) => pageOf(count, asked));
      expect(await listAll(client)).toHaveLength(count);
      return server.got.filter(({ url }) => url !== '/token').length;
    };
    expect([await calls(9), await calls(70), await calls(140), await calls(600)]).toEqual([1, 2, 4, 16]);
  });

  it('is given up for now after three listings', async () => {
    // Each call finds one less, and nothing tells which ones are the oldest.
    const [client, server] = await egain((asked) => pageOf(400 - asked.call, asked));
    const { fault } = await failureOf(listAll(client));
    expect(fault).toMatchObject({ code: 'CANNOT_ENUMERATE', retryable: true, operation: 'list' });
    // There and back, three times.
    expect(server.got.filter(({ url }) => url.includes('$pagenum=1&'))).toHaveLength(6);
  });
});

/** Numbers of the pages that were asked for, in order; `-` without parameters. */
function pagesAsked({ got }: FakeServer): string {
  return got
    .filter(({ url }) => url !== '/token')
    .map(({ url }) => /pagenum=(\d+)/.exec(url)?.[1] ?? '-')
    .join(' ');
}

/** Channels made one after the other whose names, ids and last changes tell nothing of that. */
function dated(first: number, last: number): Item[] {
  return channels(first, last).map(({ id, type }, index) => ({
    id: `${(index * 7) % 10}-${id}`,
    type: `${(index * 3) % 10}.${type}`,
    created: timeOf(index),
    modified: timeOf(1_000 + ((index * 37) % 101)),
  }));
}

describe('what a connection has taught', () => {
  it('is how it pages: the list without parameters is asked for once, also when several are read at once', async () => {
    const [client, server] = await egain((asked) => pageOf(20, asked));
    await Promise.all([
      listAll(client),
      client.lists.whole(listingOf(client, { ...CHANNEL, name: 'participant' })).catch(() => undefined),
    ]);
    await listAll(client);
    expect(pagesAsked(server).match(/-/g)).toHaveLength(1);
  });

  it('is forgotten when it does not fit any more', async () => {
    let paged = true;
    const [client, server] = await egain((asked) => {
      if (paged) return pageOf(20, asked);
      if (asked.page !== undefined) return { status: 400, body: { code: '400-101' } };
      return { body: { paginationInfo: { count: 20 }, channel: channels(1, 20) } };
    });
    await listAll(client);
    paged = false;
    expect(await listAll(client)).toHaveLength(20);
    expect(pagesAsked(server)).toBe('- 1 1 -');
  });

  it.each([
    { order: 'oldest first', arranged: (all: Item[]) => all, second: '3 2 1' },
    { order: 'newest first', arranged: (all: Item[]) => all.toReversed(), second: '1 2 3' },
  ])('is its order, where the creation alone explains it: one way is enough then, $order', async (given) => {
    const all = given.arranged(dated(1, 200));
    const [client, server] = await egain((asked) => pageOfAll(all, asked));
    expect(await listAll(client)).toHaveLength(200);
    expect(await listAll(client)).toHaveLength(200);
    expect(pagesAsked(server)).toBe(`- 1 2 3 2 1 ${given.second}`);
  });

  const explained: { by: string; change: (item: Item) => Item }[] = [
    { by: 'the last changes', change: (item) => ({ ...item, modified: item.created ?? '' }) },
    { by: 'the names', change: (item) => ({ ...item, type: `custom.${item.created ?? ''}` }) },
    { by: 'the ids', change: (item) => ({ ...item, id: `id-${(item.created ?? '').replaceAll(/\W/g, '')}` }) },
  ];
  it.each(explained)('is not its order, where $by may explain it as well', async ({ change }) => {
    const all = dated(1, 200).map(change);
    const [client, server] = await egain((asked) => pageOfAll(all, asked));
    await listAll(client);
    await listAll(client);
    expect(pagesAsked(server)).toBe('- 1 2 3 2 1 1 2 3 2 1');
  });

  const ends: { reason: string; before: number; after: number; asked: string }[] = [
    { reason: 'grown by pages', before: 200, after: 400, asked: '3 6 5 4 3 2 1' },
    { reason: 'shrunk by pages', before: 400, after: 100, asked: '6 2 1' },
    { reason: 'shrunk to one page', before: 200, after: 10, asked: '3 1' },
  ];
  it.each(ends)('lets the end be found where the list has $reason', async ({ before, after, asked: expected }) => {
    let count = before;
    const all = dated(1, Math.max(before, after));
    const [client, server] = await egain((asked) => pageOfAll(all.slice(0, count), asked));
    await listAll(client);
    count = after;
    const already = server.got.length;
    expect(await listAll(client)).toHaveLength(after);
    expect(pagesAsked({ ...server, got: server.got.slice(already) })).toBe(expected);
  });

  it('is not trusted when the list shows another order: it is read there and back again', async () => {
    let all = dated(1, 200);
    const [client, server] = await egain((asked) => pageOfAll(all, asked));
    await listAll(client);
    all = all.toReversed();
    const already = server.got.length;
    expect(await listAll(client)).toHaveLength(200);
    expect(pagesAsked({ ...server, got: server.got.slice(already) })).toBe('3 2 1 1 2 3 2 1');
  });
});

describe('a list without any order', () => {
  /** Objects whose times of creation neither climb nor fall. */
  function shuffled(count: number): Item[] {
    return dated(1, count).map((item, index) => ({ ...item, created: timeOf((index * 89) % 211) }));
  }

  it('is taken when it held still', async () => {
    const all = shuffled(200);
    const [client, server] = await egain((asked) => pageOfAll(all, asked));
    expect(await listAll(client)).toHaveLength(200);
    expect(pagesAsked(server)).toBe('- 1 2 3 2 1');
  });

  it('is read again when an object went and another came, since both may have moved others from page to page', async () => {
    const stood = shuffled(200);
    const made = { ...NEW, created: timeOf(500) };
    // Between the pages 1 and 2: the first goes, and a new one comes at the end; on the way back it is the other way round.
    const moved = [...stood.slice(1), made];
    const [client, server] = await egain(({ call, ...asked }) =>
      pageOfAll(call >= 3 && call <= 4 ? moved : stood, { call, ...asked }),
    );
    const ids = (await listAll(client)).map(({ id }) => id);
    expect(stood.filter(({ id }) => !ids.includes(id))).toEqual([]);
    expect(pagesAsked(server)).toBe('- 1 2 3 2 1 1 2 3 2 1');
  });
});

describe('a list that cannot be trusted', () => {
  it('is not taken when it has more pages than can be asked for', async () => {
    const [client] = await egain((asked) => {
      if (asked.size !== undefined) return { status: 400, body: { code: '400-101' } };
      return pageOf(20_000, { ...asked, size: 10 });
    });
    const { fault } = await failureOf(listAll(client));
    expect(fault).toMatchObject({ code: 'CANNOT_ENUMERATE', retryable: false });
  });

  const unreadable: { body: unknown; reason: string }[] = [
    { body: {}, reason: 'a success without the list is not an empty list' },
    { body: { channels: [] }, reason: 'another envelope' },
    { body: { channel: [{ id: 'x' }] }, reason: 'an object without its natural key' },
    { body: { channel: [{ type: 'x' }] }, reason: 'an object without an id' },
  ];
  it.each(unreadable)('is an error: $reason', async ({ body }) => {
    const [client] = await egain(() => ({ body }));
    const { fault } = await failureOf(listAll(client));
    expect(fault).toMatchObject({ code: 'VENDOR_UNAVAILABLE', retryable: true, outcomeUnknown: false });
  });

  it('ends with the reason of whoever stops the reading', async () => {
    const controller = new AbortController();
    const [client, server] = await egain((asked) => {
      controller.abort(new Error('cancelled by a person'));
      return pageOf(200, asked);
    });
    await expect(listAll(client, controller.signal)).rejects.toThrow('cancelled by a person');
    expect(server.got.filter(({ url }) => url !== '/token')).toHaveLength(1);
  });
});
