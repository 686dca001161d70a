import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { EgainConnection } from '#libs/config/connections.js';
import { VendorError } from '#libs/contracts/index.js';
import { fakeServer, reply, type FakeServer } from '#libs/http/test-server.js';
import { CHANNEL } from './kinds.js';
import { egainModule, type EgainClient } from './index.js';
import { listAll } from './list.js';

/** What a list call asks for; both are undefined without parameters. */
interface Asked {
  page: number | undefined;
  size: number | undefined;
  /** Number of the list call, from 1. */
  call: number;
}

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

function settingsFor(url: string): EgainConnection {
  return {
    name: 'egain-main',
    vendor: 'egain',
    tenants: ['*'],
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
}

const NEW: Item = { id: 'id-new', type: 'custom.new' };

/** Channels `first` to `last`, both counted. */
function channels(first: number, last: number): Item[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({
    id: `id-${first + index}`,
    type: `custom.${first + index}`,
  }));
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
    expect(await listAll(client, CHANNEL, {})).toHaveLength(149);
  });

  it('is read again when an object came twice', async () => {
    const [client] = await egain((asked) => {
      // A delete on the first page moved the objects of the second; somebody's create kept the count.
      if (asked.call === 3) return { body: { paginationInfo: { count: 80 }, channel: channels(75, 79) } };
      return pageOf(80, asked);
    });
    const list = await listAll(client, CHANNEL, {});
    expect(new Set(list.map(({ id }) => id)).size).toBe(80);
  });

  const hidden: { order: string; pages: number; change: (all: Item[]) => Item[] }[] = [
    { order: 'newest last', pages: 2, change: (all) => [...all.slice(1), NEW] },
    { order: 'newest last', pages: 3, change: (all) => [...all.slice(0, 80), ...all.slice(81), NEW] },
    { order: 'newest first', pages: 3, change: (all) => [NEW, ...all.slice(0, 149), ...all.slice(150)] },
  ];
  it.each(hidden)(
    'is read again when a delete and a create of others hide an object: $order, $pages pages',
    async ({ pages, change }) => {
      const before = channels(1, pages * 75 - 5);
      const after = change(before);
      // The change falls before the last page is read: one call without parameters and all pages but one have been answered.
      const [client] = await egain((asked) => pageOfAll(asked.call <= pages ? before : after, asked));
      const ids = (await listAll(client, CHANNEL, {})).map(({ id }) => id);
      expect(new Set(ids)).toEqual(new Set(after.map(({ id }) => id)));
    },
  );

  const grown: { order: string; pages: number; made: (all: Item[], nth: number) => Item[] }[] = [
    { order: 'newest last', pages: 2, made: (all, nth) => [...all, ...channels(1_000, 999 + nth)] },
    { order: 'newest last', pages: 4, made: (all, nth) => [...all, ...channels(1_000, 999 + nth)] },
    { order: 'newest first', pages: 2, made: (all, nth) => [...channels(1_000, 999 + nth).reverse(), ...all] },
    { order: 'newest first', pages: 4, made: (all, nth) => [...channels(1_000, 999 + nth).reverse(), ...all] },
  ];
  it.each(grown)('is taken at once when others only make objects: $order, $pages pages', async ({ pages, made }) => {
    const stood = channels(1, pages * 75 - 5);
    const [client, server] = await egain((asked) => pageOfAll(made(stood, asked.call), asked));
    const ids = new Set((await listAll(client, CHANNEL, {})).map(({ id }) => id));
    expect(stood.filter(({ id }) => !ids.has(id))).toEqual([]);
    expect(server.got.filter(({ url }) => url.includes('$pagenum=1&'))).toHaveLength(2);
  });

  it('holds all that stood from its start to its end, if it is taken, whatever others make and remove meanwhile', async () => {
    const change = fc.record({ removed: fc.nat({ max: 30 }), made: fc.nat({ max: 3 }), removes: fc.boolean() });
    const changes = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: change }), {
      maxLength: 24,
    });
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.integer({ min: 5, max: 31 }), changes, async (newestFirst, count, happens) => {
        let all = channels(1, count);
        let made = 1_000;
        const stood = new Set(all.map(({ id }) => id));
        const [client] = await egain((asked) => {
          if (asked.size !== undefined) return { status: 400, body: { code: '400-101' } }; // pages of ten
          const now = happens[asked.call - 1];
          if (now?.removes === true && asked.call > 1) {
            const [gone] = all.splice(now.removed % all.length, 1);
            if (gone) stood.delete(gone.id);
          }
          if (now && asked.call > 1) {
            const added = channels(made + 1, made + now.made);
            made += now.made;
            all = newestFirst ? [...added.reverse(), ...all] : [...all, ...added];
          }
          return pageOfAll(all, { ...asked, size: 10 });
        });
        const list = await listAll(client, CHANNEL, {}).catch((error: unknown) => {
          if (error instanceof VendorError && error.fault.code === 'CANNOT_ENUMERATE') return undefined;
          throw error;
        });
        for (const close of open.splice(0).reverse()) await close();
        if (list) taken += 1;
        const ids = new Set(list?.map(({ id }) => id));
        return list === undefined || [...stood].every((id) => ids.has(id));
      }),
      { numRuns: 300 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it('costs no more calls than it has pages, and at most two more to see that they stand still', async () => {
    const calls = async (count: number): Promise<number> => {
      const [client, server] = await egain((asked) => pageOf(count, asked));
      expect(await listAll(client, CHANNEL, {})).toHaveLength(count);
      return server.got.filter(({ url }) => url !== '/token').length;
    };
    expect([await calls(9), await calls(70), await calls(140), await calls(600)]).toEqual([1, 2, 4, 11]);
  });

  it('is given up for now after three listings', async () => {
    // Each call finds the oldest gone and a new one made.
    const [client, server] = await egain((asked) => pageOfAll(channels(asked.call, 200 + asked.call), asked));
    const { fault } = await failureOf(listAll(client, CHANNEL, {}));
    expect(fault).toMatchObject({ code: 'CANNOT_ENUMERATE', retryable: true, operation: 'list' });
    const firsts = server.got.filter(({ url }) => url.includes('$pagenum=1&'));
    expect(firsts.length).toBeGreaterThanOrEqual(3);
    expect(firsts.length).toBeLessThanOrEqual(6); // each listing reads its first page again at its end
  });
});

describe('a list that cannot be trusted', () => {
  it('is not taken when it has more pages than can be asked for', async () => {
    const [client] = await egain((asked) => {
      if (asked.size !== undefined) return { status: 400, body: { code: '400-101' } };
      return pageOf(20_000, { ...asked, size: 10 });
    });
    const { fault } = await failureOf(listAll(client, CHANNEL, {}));
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
    const { fault } = await failureOf(listAll(client, CHANNEL, {}));
    expect(fault).toMatchObject({ code: 'VENDOR_UNAVAILABLE', retryable: true, outcomeUnknown: false });
  });

  it('ends with the reason of whoever stops the reading', async () => {
    const controller = new AbortController();
    const [client, server] = await egain((asked) => {
      controller.abort(new Error('cancelled by a person'));
      return pageOf(200, asked);
    });
    await expect(listAll(client, CHANNEL, { signal: controller.signal })).rejects.toThrow('cancelled by a person');
    expect(server.got.filter(({ url }) => url !== '/token')).toHaveLength(1);
  });
});
