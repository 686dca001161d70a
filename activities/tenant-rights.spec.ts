import { describe, expect, it } from 'vitest';
import { HANDOFF_KINDS, type OwnedResource } from '#libs/contracts/index.js';
import { thing } from '#libs/resources/fake-vendor.fixture.js';
import { goesForward, requireRight, withinRights, type ConnectionRights } from './tenant-rights.js';

const rights = (change: Partial<ConnectionRights> = {}): ConnectionRights => ({
  mayUse: () => true,
  mayAdopt: () => true,
  ...change,
});

describe('requireRight', () => {
  it('lets a tenant of the connection pass, and a step that belongs to no account', () => {
    expect(() => requireRight(rights(), thing())).not.toThrow();
    expect(() => requireRight(rights({ mayUse: () => false }), undefined)).not.toThrow();
  });

  it('asks for the tenant of the step, and ends it for good, naming the connection and the cure', () => {
    const asked: string[] = [];
    const mayUse = (tenant: string): boolean => {
      asked.push(tenant);
      return false;
    };
    const node = thing();
    const refusal: unknown = expect.objectContaining({
      fault: expect.objectContaining({
        code: 'PERMISSION_DENIED',
        retryable: false,
        outcomeUnknown: false,
        message: expect.stringContaining(
          `the connection ${node.connection} is none that this tenant may use. An operator allows it by tenants`,
        ) as string,
      }) as unknown,
    });
    expect(() => requireRight(rights({ mayUse }), node)).toThrow(refusal);
    expect(asked).toEqual([node.account.tenant]);
  });
});

describe('withinRights', () => {
  const known = { ownership: 'adopted' } as OwnedResource;
  it.each([
    { reason: 'nothing to take over', adopt: false, may: false, recorded: null, left: false },
    { reason: 'it is allowed', adopt: true, may: true, recorded: null, left: true },
    { reason: 'it is forbidden', adopt: true, may: false, recorded: null, left: false },
    { reason: 'it was taken over when it was allowed', adopt: true, may: false, recorded: known, left: true },
    {
      reason: 'what the account made is not taken over',
      adopt: true,
      may: false,
      recorded: { ...known, ownership: 'created' as const },
      left: false,
    },
  ])('leaves adopt at $left: $reason', ({ adopt, may, recorded, left }) => {
    const node = { ...thing(), adopt };
    expect(withinRights(rights({ mayAdopt: () => may }), node, recorded).adopt).toBe(left);
    expect(node.adopt, 'the node itself stays').toBe(adopt);
  });
});

describe('goesForward', () => {
  it('is true of every task of a person but a removal, which is part of an undo', () => {
    expect(HANDOFF_KINDS.filter((kind) => !goesForward(kind))).toEqual(['remove']);
  });
});
