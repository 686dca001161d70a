import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { VendorError, vendorFault, type VendorFault } from '#libs/contracts/index.js';
import { KeptReadings } from './kept.js';
import type { Listed, Listing, PageOptions } from './listing.js';
import type { Question, ReadingState } from './question.js';
import { Readings } from './readings.js';
import { VirtualClock } from './virtual-clock.fixture.js';

/** A call of a reading that the vendor has not answered yet. */
interface OpenCall {
  kind: string;
  page: number;
  options: PageOptions;
  answer(ids: string[]): Promise<void>;
  fail(fault?: Partial<VendorFault>): Promise<void>;
}

let clock: VirtualClock;
let readings: Readings;
let open: OpenCall[];
let counts: Record<'begun' | 'shared' | 'repeated', number>;
beforeEach(() => {
  clock = new VirtualClock();
  open = [];
  counts = { begun: 0, shared: 0, repeated: 0 };
  readings = new Readings({
    clock,
    kept: new KeptReadings(),
    times: { initialIntervalMs: 1_000, maximumIntervalMs: 8_000, giveUpAfterMs: 60_000 },
    meter: {
      begun: () => counts.begun++,
      shared: () => counts.shared++,
      repeated: () => counts.repeated++,
    },
  });
});

/** A list of so many pages; each call waits in `open` and counts as sent at once. */
function list(kind = 'thing', pages = 1): Listing<Listed> {
  return {
    kind,
    scope: undefined,
    read: async (calls) => {
      const items: Listed[] = [];
      calls.expect(pages);
      for (let page = 1; page <= pages; page++) {
        items.push(...(await calls.page((options) => called(kind, page, options))));
      }
      return items;
    },
  };
}

function called(kind: string, page: number, options: PageOptions): Promise<Listed[]> {
  options.onSent();
  return new Promise((resolve, reject) => {
    const end = async (how: () => void): Promise<void> => {
      open = open.filter((other) => other !== call);
      how();
      await setImmediate();
    };
    const call: OpenCall = {
      kind,
      page,
      options,
      answer: (ids) => end(() => resolve(ids.map((id) => ({ id })))),
      fail: (fault) => end(() => reject(unavailable(fault))),
    };
    options.signal.addEventListener('abort', () => void end(() => reject(options.signal.reason as Error)));
    open.push(call);
  });
}

function unavailable(facts: Partial<VendorFault> = {}): VendorError {
  const context = { vendor: 'egain', resource: 'thing', operation: 'list', message: 'HTTP 503' } as const;
  return new VendorError(vendorFault({ code: 'VENDOR_UNAVAILABLE', retryable: true, ...context, ...facts }));
}

/** Asks, and tells what came of it so far. */
function ask(question: Question = {}, listing = list()): { ids?: string[]; error?: unknown } {
  const outcome: { ids?: string[]; error?: unknown } = {};
  readings.whole(listing, question).then(
    (items) => (outcome.ids = items.map(({ id }) => id)),
    (error: unknown) => (outcome.error = error),
  );
  return outcome;
}

/** The one call that is open. */
function theCall(): OpenCall {
  const [call, ...more] = open;
  if (!call || more.length > 0) throw new Error(`one open call was expected, ${String(open.length)} are`);
  return call;
}

async function begin(): Promise<void> {
  await setImmediate();
}

describe('askers at once', () => {
  it('share the reading that has not begun, and those who come later the next: two readings for any number', async () => {
    const early = [ask(), ask(), ask()];
    await begin();
    await clock.pass(10);
    const late = Array.from({ length: 50 }, () => ask());
    await theCall().answer(['old']);
    expect(early.map(({ ids }) => ids)).toEqual([['old'], ['old'], ['old']]);
    expect(late.every(({ ids }) => ids === undefined)).toBe(true);
    await theCall().answer(['old', 'new']);
    expect(late.every(({ ids }) => ids?.join() === 'old,new')).toBe(true);
    expect(counts).toMatchObject({ begun: 2, shared: 51 });
  });

  it('of different lists do not wait for each other', async () => {
    const things = ask();
    const others = ask({}, list('other'));
    await begin();
    expect(open.map(({ kind }) => kind)).toEqual(['thing', 'other']);
    await open[1]?.answer(['o']);
    expect([things.ids, others.ids]).toEqual([undefined, ['o']]);
  });

  it('get arrays of their own', async () => {
    const first = readings.whole(list());
    const second = readings.whole(list());
    await begin();
    await theCall().answer(['a']);
    (await first).pop();
    expect(await second).toEqual([{ id: 'a' }]);
  });
});

describe('a question that has been open for a while', () => {
  it('is served by a reading that began since then', async () => {
    const since = clock.now();
    await clock.pass(5);
    const one = ask();
    await begin();
    await clock.pass(5);
    const another = ask({ begunAfter: since });
    await theCall().answer(['a']);
    expect([one.ids, another.ids]).toEqual([['a'], ['a']]);
    expect(open).toEqual([]);
  });

  it.each([
    { asksAfter: 59_000, served: true, reason: 'it ended less than a minute ago' },
    { asksAfter: 61_000, served: false, reason: 'a minute is over' },
    { asksAfter: 61_000, within: 120_000, served: true, reason: 'the asker takes an older one' },
  ])('is served by one that has ended: $served, $reason', async ({ asksAfter, within, served }) => {
    const since = clock.now();
    ask();
    await begin();
    await theCall().answer(['a']);
    await clock.pass(asksAfter);
    const asked = ask({ begunAfter: since, endedWithinMs: within });
    await begin();
    expect(asked.ids).toEqual(served ? ['a'] : undefined);
    expect(open).toHaveLength(served ? 0 : 1);
  });

  it('is not served by one that began before it, running or kept', async () => {
    ask();
    await begin();
    await clock.pass(1);
    const since = clock.now();
    const during = ask({ begunAfter: since });
    await theCall().answer(['old']);
    expect(during.ids).toBeUndefined();
    await theCall().answer(['new']);
    expect(during.ids).toEqual(['new']);
  });

  it('counts as asked now when it names a later moment', async () => {
    const one = ask({ begunAfter: clock.now() + 60_000 });
    await begin();
    await theCall().answer(['a']);
    expect(one.ids).toEqual(['a']);
  });
});

describe('a call that fails', () => {
  it('for a passing reason is made again after pauses that grow, and the reading goes on from there', async () => {
    const asked = ask({}, list('thing', 3));
    await begin();
    await theCall().answer(['a']);
    for (const most of [1_200, 2_400, 4_800]) {
      await theCall().fail();
      expect(open).toEqual([]);
      await clock.pass(most);
    }
    expect(theCall().page).toBe(2);
    await theCall().answer(['b']);
    await theCall().answer(['c']);
    expect(asked.ids).toEqual(['a', 'b', 'c']);
    expect(counts).toMatchObject({ begun: 1, repeated: 3 });
  });

  it.each([
    { asked: 20_000, notBefore: 19_999, reason: 'the vendor asks for more patience than we have of our own' },
    { asked: 0, notBefore: 799, reason: 'who asks for none is not called at once: it has just failed' },
  ])('is made again after $notBefore ms: $reason', async ({ asked, notBefore }) => {
    ask();
    await begin();
    await theCall().fail({ code: 'RATE_LIMITED', retryAfterMs: asked });
    await clock.pass(notBefore);
    expect(open).toEqual([]);
    await clock.pass(401);
    expect(open).toHaveLength(1);
  });

  it('too often fails the reading for all, with its fault', async () => {
    const askers = [ask(), ask()];
    await begin();
    for (let tries = 1; tries < 6; tries++) {
      await theCall().fail();
      await clock.pass(10_000);
    }
    await theCall().fail();
    expect(askers.map(({ error }) => error instanceof VendorError && error.fault.code)).toEqual([
      'VENDOR_UNAVAILABLE',
      'VENDOR_UNAVAILABLE',
    ]);
  });

  const ends: { facts: Partial<VendorFault>; reason: string }[] = [
    { facts: { code: 'INVALID_REQUEST', retryable: false, httpStatus: 400 }, reason: 'it is refused' },
    { facts: { code: 'PERMISSION_DENIED', retryable: false, httpStatus: 403 }, reason: 'it is not allowed' },
    { facts: { code: 'CREDENTIALS_REJECTED', retryable: false, httpStatus: 401 }, reason: 'a second 401' },
    {
      facts: { code: 'RATE_LIMITED', retryAfterMs: 61_000 },
      reason: 'the vendor asks for more patience than there is',
    },
  ];
  it.each(ends)('ends the reading for all at once: $reason', async ({ facts }) => {
    const askers = [ask(), ask()];
    await begin();
    await clock.pass(5);
    const later = ask();
    await theCall().fail(facts);
    expect(askers.every(({ error }) => error instanceof VendorError)).toBe(true);
    // Who comes later has not been refused yet.
    await theCall().answer(['a']);
    expect(later.ids).toEqual(['a']);
  });

  it('as the first one does not count as the beginning: who asks meanwhile shares the reading', async () => {
    const one = ask();
    await begin();
    await theCall().fail();
    await clock.pass(100);
    const meanwhile = ask();
    await clock.pass(2_000);
    await theCall().answer(['a']);
    expect([one.ids, meanwhile.ids]).toEqual([['a'], ['a']]);
    expect(counts.begun).toBe(1);
  });

  it('does not end a reading by an error of ours: it is thrown as it is', async () => {
    const broken = ask({}, { kind: 'thing', scope: undefined, read: () => Promise.reject(new TypeError('a bug')) });
    await begin();
    expect(broken.error).toBeInstanceOf(TypeError);
  });
});

describe('an asker who leaves', () => {
  it('does not end the reading of others', async () => {
    const controller = new AbortController();
    const leaving = ask({ signal: controller.signal });
    const staying = ask();
    await begin();
    controller.abort(new Error('cancelled'));
    await begin();
    expect(leaving.error).toMatchObject({ message: 'cancelled' });
    await theCall().answer(['a']);
    expect(staying.ids).toEqual(['a']);
  });

  it('as the last one ends it, also between two tries; whoever comes then begins another', async () => {
    const controller = new AbortController();
    ask({ signal: controller.signal });
    await begin();
    await theCall().fail();
    controller.abort(new Error('cancelled'));
    const next = ask();
    await begin();
    await theCall().answer(['a']);
    await clock.pass(10_000);
    expect(next.ids).toEqual(['a']);
    expect(open).toEqual([]);
  });

  it('before the reading began leaves nothing behind', async () => {
    ask();
    await begin();
    await clock.pass(1);
    const controller = new AbortController();
    const waiting = ask({ signal: controller.signal });
    controller.abort(new Error('cancelled'));
    await theCall().answer(['a']);
    expect(waiting.error).toMatchObject({ message: 'cancelled' });
    expect(open).toEqual([]);
    expect(counts.begun).toBe(1);
  });

  it('has left already: nothing is read for it', async () => {
    const asked = ask({ signal: AbortSignal.abort(new Error('cancelled')) });
    await begin();
    expect(asked.error).toMatchObject({ message: 'cancelled' });
    expect(open).toEqual([]);
  });
});

describe('who waits', () => {
  it('is told how far the reading is, what is wrong and since when, and that it is over', async () => {
    const told: ReadingState[] = [];
    ask({ onReading: (state) => told.push(state) }, list('thing', 2));
    await begin();
    await theCall().answer(['a']);
    const since = clock.wallNow();
    await theCall().fail({ httpStatus: 503 });
    await clock.pass(1_200);
    await theCall().fail({ httpStatus: 503 });
    await clock.pass(10_000);
    await theCall().answer(['b']);
    const briefly = told.map(({ page, of, fault, over }) => ({ page, of, since: fault?.since ?? null, over }));
    expect(briefly).toEqual([
      { page: 0, of: null, since: null, over: false },
      { page: 0, of: 2, since: null, over: false },
      { page: 1, of: 2, since: null, over: false },
      { page: 1, of: 2, since, over: false },
      { page: 1, of: 2, since, over: false },
      { page: 2, of: 2, since: null, over: false },
      { page: 2, of: 2, since: null, over: true },
    ]);
    expect(told.at(3)?.fault?.fault.httpStatus).toBe(503);
  });

  it('and throws at what it is told does not end the reading of others', async () => {
    const throwing = ask({
      onReading: ({ page }) => {
        if (page > 0) throw new Error('its own fault');
      },
    });
    const other = ask();
    await begin();
    await theCall().answer(['a']);
    expect(throwing.error).toMatchObject({ message: 'its own fault' });
    expect(other.ids).toEqual(['a']);
  });

  it('decides by the most urgent of all in which lane the pages go', async () => {
    ask({ lane: 'preview' });
    await begin();
    expect(theCall().options.lane()).toBe('preview');
    const controller = new AbortController();
    ask({ begunAfter: 0, signal: controller.signal });
    expect(theCall().options.lane()).toBe('job');
    controller.abort(new Error('cancelled'));
    expect(theCall().options.lane()).toBe('preview');
  });
});

describe('an object that goes while it is listed or kept', () => {
  it('is left out once it is proved that we have deleted it', async () => {
    const since = clock.now();
    ask();
    await begin();
    await theCall().answer(['a', 'b']);
    readings.removed('thing', 'a');
    expect(await readings.whole(list(), { begunAfter: since })).toEqual([{ id: 'a' }, { id: 'b' }]);
    readings.missing('thing', 'a');
    expect(await readings.whole(list(), { begunAfter: since })).toEqual([{ id: 'b' }]);
  });

  it('is left out of a reading that is under way', async () => {
    const asked = ask({}, list('thing', 2));
    await begin();
    await theCall().answer(['a']);
    readings.removed('thing', 'a');
    readings.missing('thing', 'a');
    await theCall().answer(['b']);
    expect(asked.ids).toEqual(['b']);
  });

  it('stays when the vendor merely says that it is not there: a gateway may say so of anything', async () => {
    const since = clock.now();
    ask();
    await begin();
    await theCall().answer(['a']);
    readings.missing('thing', 'a');
    readings.removed('other', 'a');
    readings.missing('other', 'a');
    expect(await readings.whole(list(), { begunAfter: since })).toEqual([{ id: 'a' }]);
  });
});

describe('what is kept', () => {
  it('is dropped when its connection closes', async () => {
    const since = clock.now();
    ask();
    await begin();
    await theCall().answer(['a']);
    readings.close();
    ask({ begunAfter: since });
    await begin();
    expect(open).toHaveLength(1);
  });

  it('is bounded in memory: the least recently used goes first, and what alone is too large is not kept', () => {
    const kept = new KeptReadings(100);
    const reading = (bytes: number): Parameters<KeptReadings['put']>[1] => ({
      items: [],
      begunAt: 0,
      endedAt: 0,
      bytes,
    });
    kept.put('a', reading(40));
    kept.put('b', reading(40));
    kept.get('a');
    kept.put('c', reading(40));
    expect(['a', 'b', 'c'].filter((key) => kept.get(key))).toEqual(['a', 'c']);
    kept.put('a', reading(101));
    expect(['a', 'b', 'c'].filter((key) => kept.get(key))).toEqual(['c']);
  });

  it('of one that took no call is as old as its beginning', async () => {
    const empty: Listing<Listed> = { kind: 'thing', scope: undefined, read: () => Promise.resolve([]) };
    await readings.whole(empty);
    await clock.pass(1_000);
    const asked = ask();
    await begin();
    await theCall().answer(['a']);
    expect(asked.ids).toEqual(['a']);
  });
});
