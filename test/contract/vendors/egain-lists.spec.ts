import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KnobChanges } from '#apps/sandbox/src/knobs.js';
import type { SeenObject } from '#libs/resources/contract.js';
import type { EgainClient } from '#libs/vendors/egain/index.js';
import { account } from '#libs/vendors/egain/resources/account.js';
import { channel } from '#libs/vendors/egain/resources/channel.js';
import { faultOf, openVendors, type Vendors } from './vendors.js';

const FOREIGN = 25;

let vendors: Vendors;
/** A client that has learned nothing of the lists yet. */
let fresh: EgainClient;
beforeAll(async () => {
  vendors = await openVendors();
});
beforeEach(() => {
  vendors.sandbox.reset();
  fresh = vendors.connectEgain({});
});
afterAll(() => vendors.close());

function list(): Promise<SeenObject[]> {
  return account.list(fresh, undefined, {});
}

/** Queries of the list calls that were let in, oldest first. */
function listCalls(): Record<string, string>[] {
  const { ledger } = vendors.sandbox.state();
  return ledger.filter((entry) => entry.operation === 'list' && entry.status !== 401).map(({ query }) => query);
}

describe('a list that can be read to its end', () => {
  const cases: { knobs: KnobChanges['egain']; reason: string }[] = [
    { knobs: {}, reason: 'pages of 75 are taken' },
    { knobs: { largestPageSize: 7 }, reason: 'a refused page size leaves $pagenum alone' },
    { knobs: { paging: 'pagenum-only' }, reason: '$pagesize is an unknown parameter' },
    { knobs: { paging: 'all' }, reason: 'the server does not page and says how many there are' },
    { knobs: { paginationInfo: 'absent' }, reason: 'nobody says how many there are: the first short page is the last' },
    {
      knobs: { paging: 'pagenum-only', paginationInfo: 'absent', pageSize: 25 },
      reason: 'a full page, then an empty one',
    },
    { knobs: { paging: 'pagenum-only', paginationInfo: 'absent', pageSize: 10 }, reason: 'the last page is short' },
    { knobs: { pageSize: 25 }, reason: 'one page holds them all' },
  ];

  it.each(cases)('is whole: $reason', async ({ knobs }) => {
    vendors.sandbox.setKnobs({ egain: { ...knobs } });
    const seen = await list();
    expect(new Set(seen.map(({ id }) => id)).size).toBe(FOREIGN);
  });

  it('takes a short list without a count as whole', async () => {
    vendors.sandbox.reset({ seed: false });
    vendors.sandbox.setKnobs({ egain: { paginationInfo: 'absent', paging: 'refused' } });
    expect(await list()).toEqual([]);
    expect(listCalls()).toHaveLength(1);
  });

  it('asks without parameters first, and no more once it knows how the lists page', async () => {
    await list();
    expect(listCalls()[0]).toEqual({});
    const { length } = listCalls();
    await list();
    await channel.list(fresh, undefined, {});
    expect(listCalls().slice(length)).toEqual([
      { $pagenum: '1', $pagesize: '75' },
      { $pagenum: '1', $pagesize: '75' },
    ]);
  });

  it('is whole by what was learned, also when the server has changed its ways since', async () => {
    await list();
    for (const knobs of [{ largestPageSize: 7 }, { paging: 'all' }, { paging: 'pages' }] as const) {
      vendors.sandbox.setKnobs({ egain: { ...knobs } });
      expect(new Set((await list()).map(({ id }) => id)).size, JSON.stringify(knobs)).toBe(FOREIGN);
    }
  });

  it('is whole though one of its calls in five fails: they are made again', async () => {
    vendors.sandbox.setKnobs({ egain: { pageSize: 2, largestPageSize: 2 } });
    const busy = { kind: 'status', status: 503 } as const;
    vendors.sandbox.setFaults([{ match: { vendor: 'egain', operation: 'list' }, share: 0.2, effect: busy }]);
    const seen = await list();
    expect(new Set(seen.map(({ id }) => id)).size).toBe(FOREIGN);
    expect(vendors.sandbox.faults()[0]?.hits).toBeGreaterThan(0);
  });
});

describe('a list that cannot be read to its end', () => {
  const cases: { knobs: KnobChanges['egain']; retryable: boolean; reason: string }[] = [
    { knobs: { paging: 'refused' }, retryable: false, reason: 'the server refuses to page and a part is missing' },
    {
      knobs: { paging: 'refused', paginationInfo: 'absent' },
      retryable: false,
      reason: 'ten objects without a count may be a part only',
    },
    {
      knobs: { paging: 'all', paginationInfo: 'absent' },
      retryable: false,
      reason: 'all came, but nobody says so',
    },
    {
      knobs: { paging: 'refused', unknownQuery: 'ignored' },
      retryable: true,
      reason: 'the server ignores the page number: the same page comes again',
    },
  ];

  it.each(cases)('is CANNOT_ENUMERATE: $reason', async ({ knobs, retryable }) => {
    vendors.sandbox.setKnobs({ egain: { ...knobs } });
    expect(await faultOf(list())).toMatchObject({ code: 'CANNOT_ENUMERATE', operation: 'list', retryable });
  });

  it('is an error when the list is not found: the address of the connection is wrong', async () => {
    const egain = vendors.connectEgain({ apiBase: vendors.settings.egain.apiBase.replace('/egain', '/egain/nowhere') });
    expect(await faultOf(channel.list(egain, undefined, {}))).toMatchObject({
      code: 'INVALID_REQUEST',
      httpStatus: 404,
      retryable: false,
    });
  });

  it('is an error when the permission is missing: a 403 is never "nothing there"', async () => {
    vendors.sandbox.setKnobs({ egain: { permission: 'none' } });
    expect(await faultOf(list())).toMatchObject({ code: 'PERMISSION_DENIED', vendorCode: '403-197', retryable: false });
    expect(await faultOf(account.get(vendors.egain, 'f0e16106-0000-4000-8000-000000000001', {}))).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });
});

describe('tokens', () => {
  it('are asked for anew, once, when they were revoked', async () => {
    await list();
    vendors.sandbox.revokeTokens('egain');
    const { seq } = vendors.sandbox.state();
    await Promise.all([list(), list(), list()]);
    const tokens = vendors.sandbox.state({ since: seq }).ledger.filter((entry) => entry.operation === 'token');
    expect(tokens).toHaveLength(1);
  });

  it('that nobody takes are CREDENTIALS_REJECTED after one more try', async () => {
    vendors.sandbox.setFaults([
      {
        match: { vendor: 'egain', operation: 'list' },
        effect: { kind: 'status', status: 401, body: { code: '401-101' } },
      },
    ]);
    expect(await faultOf(list())).toMatchObject({ code: 'CREDENTIALS_REJECTED', httpStatus: 401, retryable: false });
    const refused = vendors.sandbox.state().ledger.filter((entry) => entry.operation === 'list');
    expect(refused).toHaveLength(2);
  });

  it('are refused for a wrong secret, which no message repeats', async () => {
    const clientSecret = (): string => 'a-wrong-secret';
    const egain = vendors.connectEgain({ clientId: () => 'sandbox-egain-client-2', clientSecret });
    const fault = await faultOf(account.list(egain, undefined, {}));
    expect(fault).toMatchObject({ code: 'CREDENTIALS_REJECTED', resource: 'token', operation: 'token' });
    expect(fault.message).not.toContain('a-wrong-secret');
  });
});
