import { describe, expect, it } from 'vitest';
import { planOf, chain12Spec } from '#test/factories/index.js';
import type { Caller } from '../auth/caller.js';
import { requireAdoption, type AdoptionDeps } from './adoption.js';

const SCOPE = 'onboardings:adopt';

function caller(...scopes: string[]): Caller {
  const known = { id: 'ci', tenants: ['*'], scopes, isValid: () => true };
  return known;
}

/** What is answered: undefined where it may be taken over, else the problem. */
async function judged(
  adopt: boolean | string[],
  who: Caller,
  { allowed = ['egain-main', 'sinch-eu'], known = [] }: { allowed?: string[]; known?: string[] } = {},
): Promise<unknown> {
  const deps: AdoptionDeps = {
    rights: { mayAdopt: (connection) => allowed.includes(connection) },
    adopted: () => Promise.resolve(new Set(known)),
  };
  return requireAdoption(who, planOf(chain12Spec({ adopt })), deps).catch((error: unknown) => error);
}

describe('taking over', () => {
  it.each<{ reason: string; adopt: boolean | string[]; scopes: string[]; allowed?: string[]; known?: string[] }>([
    { reason: 'nothing is asked for', adopt: false, scopes: [], allowed: [] },
    { reason: 'scope and connections allow it', adopt: true, scopes: [SCOPE] },
    {
      reason: 'the connection of the one node allows it',
      adopt: ['sinch.app'],
      scopes: [SCOPE],
      allowed: ['sinch-eu'],
    },
    {
      reason: 'the account takes it over already',
      adopt: ['egain.clientApplication'],
      scopes: [],
      allowed: [],
      known: ['egain.clientApplication'],
    },
  ])('passes where $reason', async ({ adopt, scopes, ...given }) => {
    expect(await judged(adopt, caller(...scopes), given)).toBeUndefined();
  });

  it.each<{ reason: string; adopt: boolean | string[]; known?: string[] }>([
    { reason: 'of one node', adopt: ['sinch.app'] },
    { reason: 'of all', adopt: true },
    { reason: 'of more than the account takes over already', adopt: true, known: ['sinch.app'] },
  ])('needs its scope: $reason', async ({ adopt, ...given }) => {
    expect(await judged(adopt, caller('onboardings:write'), given)).toMatchObject({
      slug: 'missing-scope',
      status: 403,
    });
  });

  it('is a finding at /adopt that names the connections which do not allow it', async () => {
    const problem = await judged(true, caller(SCOPE), { allowed: ['sinch-eu'] });
    expect(problem).toMatchObject({
      slug: 'invalid-spec',
      extras: { errors: [{ pointer: '/adopt', message: expect.stringContaining('on egain-main, where') as string }] },
    });
  });

  it('asks for the scope before it tells about connections', async () => {
    expect(await judged(true, caller(), { allowed: [] })).toMatchObject({ slug: 'missing-scope' });
  });
});
