import { describe, expect, it } from 'vitest';
import type { Quotas } from '#libs/config/api-keys.js';
import { ListsBusy } from '#libs/history/rows.js';
import { TenantQuotas } from './tenant-quotas.js';

const JOBS = expect.objectContaining({
  slug: 'quota-exceeded',
  status: 429,
  extras: expect.objectContaining({ members: { quota: 'openJobs', limit: 3 } }) as object,
}) as Error;

/** Quotas over a server of which the test says what it counts. */
function over(quotas: Quotas): {
  quotas: TenantQuotas;
  server: { jobs: number; accounts: number; asked: string[]; now: number; busy: boolean };
} {
  const server = { jobs: 0, accounts: 0, asked: [] as string[], now: 0, busy: false };
  const count = (query: string): Promise<number> => {
    server.asked.push(query);
    if (server.busy) return Promise.reject(new ListsBusy({}));
    return Promise.resolve(query.startsWith("WorkflowType = 'account'") ? server.accounts : server.jobs);
  };
  return {
    quotas: new TenantQuotas(
      count,
      () => quotas,
      () => server.now,
    ),
    server,
  };
}

describe('the quota of a tenant', () => {
  it('is reached with what is open and what was started since it was counted, also all at once', async () => {
    const { quotas, server } = over({ acme: { openJobs: 3 } });
    server.jobs = 1;
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => quotas.take('acme')));
    expect(tries.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected']);
    await expect(quotas.take('acme')).rejects.toThrow(JOBS);
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]).toContain("Tenant = 'acme'");
  });

  it('is counted again after a second', async () => {
    const { quotas, server } = over({ acme: { openJobs: 3 } });
    server.jobs = 3;
    await expect(quotas.take('acme')).rejects.toThrow(JOBS);
    server.jobs = 2;
    server.now = 999;
    await expect(quotas.take('acme')).rejects.toThrow(JOBS);
    server.now = 1_000;
    await quotas.take('acme');
    await expect(quotas.take('acme')).rejects.toThrow(JOBS);
  });

  it('is judged by the last count, and what was started since, while Temporal takes no more lists', async () => {
    const { quotas, server } = over({ acme: { openJobs: 3 } });
    server.jobs = 1;
    await quotas.take('acme');
    server.busy = true;
    server.jobs = 0;
    server.now = 30_000;
    await quotas.take('acme');
    await expect(quotas.take('acme')).rejects.toThrow(JOBS);
    server.now = 59_999;
    await expect(quotas.take('acme')).rejects.toThrow(JOBS);
    server.now = 61_000;
    await expect(quotas.take('acme'), 'a count of a minute ago says nothing any more').rejects.toThrow(ListsBusy);
    server.busy = false;
    await quotas.take('acme');
  });

  it('cannot be judged while Temporal takes no lists and nothing was counted before', async () => {
    const { quotas, server } = over({ acme: { openJobs: 3 } });
    server.busy = true;
    await expect(quotas.take('acme')).rejects.toThrow(ListsBusy);
  });

  it('gets room back that was not used', async () => {
    const { quotas } = over({ acme: { openJobs: 1 } });
    const giveBack = await quotas.take('acme');
    giveBack();
    await quotas.take('acme');
  });

  it('bounds accounts, too', async () => {
    const { quotas, server } = over({ acme: { openJobs: 3, accounts: 10 } });
    server.accounts = 10;
    await expect(quotas.take('acme')).rejects.toMatchObject({
      slug: 'quota-exceeded',
      headers: {},
      extras: { members: { quota: 'accounts', limit: 10 } },
    });
  });

  it.each([
    {
      reason: 'its own holds where it is named',
      quotas: { acme: { openJobs: 1 }, '*': { openJobs: 0 } },
      refused: false,
    },
    { reason: 'else the one of all', quotas: { globex: { openJobs: 0 }, '*': { openJobs: 0 } }, refused: true },
    { reason: 'none is none', quotas: { globex: { openJobs: 0 } }, refused: false },
    {
      reason: 'an empty one frees a tenant from that of all',
      quotas: { acme: {}, '*': { openJobs: 0 } },
      refused: false,
    },
  ])('$reason', async ({ quotas: given, refused }) => {
    const { quotas } = over(given);
    const taken = quotas.take('acme').then(
      () => false,
      () => true,
    );
    expect(await taken).toBe(refused);
  });

  it('asks nobody where there is none', async () => {
    const { quotas, server } = over({});
    await quotas.take('acme');
    expect(server.asked).toEqual([]);
  });

  it('keeps no count that failed', async () => {
    let fails = true;
    const count = (): Promise<number> => (fails ? Promise.reject(new Error('away')) : Promise.resolve(0));
    const quotas = new TenantQuotas(
      count,
      () => ({ '*': { openJobs: 1 } }),
      () => 0,
    );
    await expect(quotas.take('acme')).rejects.toThrow('away');
    fails = false;
    await quotas.take('acme');
  });
});
