import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '#apps/sandbox/src/ledger.js';
import { blindCreates, type CallTimes, type Creatable } from '../faults/blind-creates.js';

const TIMES: CallTimes = { timeoutMs: 1_000, settleMs: [100, 200] };
/** When the first create can no longer take effect. */
const FENCE_MS = 1_300;
const PATH = '/vendor/things';
const STARTED = Date.parse('2026-01-01T00:00:00.000Z');

const free: Creatable = {
  node: { key: 'egain.thing', vendor: 'egain', resource: 'thing' },
  resource: { uniqueKey: false },
  isCreate: ({ name }) => name === 'ours',
};
const unique: Creatable = { ...free, resource: { uniqueKey: true } };

function call(atMs: number, change: Partial<LedgerEntry>): LedgerEntry {
  return {
    seq: atMs,
    at: new Date(STARTED + atMs).toISOString(),
    vendor: 'egain',
    resource: 'thing',
    operation: 'list',
    method: 'GET',
    path: PATH,
    query: {},
    body: null,
    status: 200,
    code: null,
    applied: false,
    objectId: null,
    genuine: true,
    page: null,
    fault: null,
    requestId: String(atMs),
    durationMs: 5,
    ...change,
  };
}

function create(atMs: number, change: Partial<LedgerEntry> = {}): LedgerEntry {
  return call(atMs, { operation: 'create', method: 'POST', body: { name: 'ours' }, status: 201, ...change });
}

const lost = create(1, { status: null, genuine: false });
const second = create(5_000);

describe('blindCreates', () => {
  it.each<[string, Creatable, LedgerEntry[]]>([
    ['a look that began once the first could no longer take effect', free, [call(FENCE_MS + 1, {})]],
    ['any look after it, with a unique key', unique, [call(10, {})]],
    [
      'all pages of a list',
      unique,
      [call(10, { page: { from: 0, to: 2, of: 3 } }), call(11, { page: { from: 2, to: 3, of: 3 } })],
    ],
  ])('is content with %s', (_, made, looks) => {
    expect(blindCreates([lost, ...looks, second], [made], TIMES)).toEqual([]);
  });

  it.each<[string, Creatable, LedgerEntry[]]>([
    ['nothing', unique, []],
    ['a look that began while the first could still take effect', free, [call(FENCE_MS - 200, {})]],
    ['a look at another kind', unique, [call(10, { resource: 'other' })]],
    ['a look in another region', unique, [call(10, { path: '/elsewhere/things' })]],
    ['a read of one object', unique, [call(10, { operation: 'get' })]],
    ['a list that was refused', unique, [call(10, { status: 503 })]],
    ['a list whose answer did not come whole', unique, [call(10, { genuine: false })]],
    ['the first page of a list', unique, [call(10, { page: { from: 0, to: 2, of: 3 } })]],
    [
      'pages with a gap',
      unique,
      [call(10, { page: { from: 0, to: 1, of: 3 } }), call(11, { page: { from: 2, to: 3, of: 3 } })],
    ],
  ])('tells of a second create after %s', (_, made, looks) => {
    expect(blindCreates([lost, ...looks, second], [made], TIMES)).toEqual([
      expect.stringContaining('egain.thing: create 5000'),
    ]);
  });

  it.each([400, 401, 409, 429])('lets a create follow one that was refused with %i', (status) => {
    expect(blindCreates([create(1, { status }), second], [free], TIMES)).toEqual([]);
  });

  it.each([201, 408, 500, 503])('does not take %i for a refusal', (status) => {
    expect(
      blindCreates([create(1, { status, genuine: status < 400, applied: status === 201 }), second], [free], TIMES),
    ).toEqual([expect.stringContaining('create 5000')]);
  });

  it('needs no wait after a create that was answered', () => {
    expect(blindCreates([create(1), call(100, {}), second], [free], TIMES)).toEqual([]);
  });

  it('counts no answer that came to nobody after the fence', () => {
    const late = create(1, { durationMs: 10_000 });
    expect(blindCreates([late, call(FENCE_MS + 1, {}), second], [free], TIMES)).toEqual([]);
    expect(blindCreates([late, call(10, {}), second], [unique], TIMES)).toEqual([]);
    expect(blindCreates([late, call(FENCE_MS - 200, {}), second], [free], TIMES)).toHaveLength(1);
  });

  it('counts a create that was cut off before its body came, where no other object is of its kind', () => {
    const cut = create(1, { body: null, status: null, genuine: false });
    const other: Creatable = { ...free, node: { ...free.node, key: 'egain.other' }, isCreate: () => false };
    expect(blindCreates([cut, second], [free], TIMES)).toHaveLength(1);
    expect(blindCreates([cut, second], [free, other], TIMES)).toEqual([]);
  });

  it('lists webhooks below their app', () => {
    const body = { name: 'ours', app_id: 'app-1' };
    const made = { ...unique, node: { ...unique.node, vendor: 'sinch' as const, resource: 'webhook' } };
    const hook = { vendor: 'sinch', resource: 'webhook', body, path: '/v1/webhooks' };
    const look = (app: string): LedgerEntry =>
      call(10, { vendor: 'sinch', resource: 'webhook', path: `/v1/apps/${app}/webhooks` });
    const creates = [create(1, { ...hook, status: null }), create(5_000, hook)] as const;
    expect(blindCreates([creates[0], look('app-1'), creates[1]], [made], TIMES)).toEqual([]);
    expect(blindCreates([creates[0], look('app-2'), creates[1]], [made], TIMES)).toHaveLength(1);
  });
});
