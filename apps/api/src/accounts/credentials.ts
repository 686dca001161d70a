import type { OwnedResource } from '#libs/contracts/index.js';
import { issuedField } from '#libs/onboarding/index.js';
import type { Sealer } from '#libs/secrets/index.js';
import type { Caller } from '../auth/caller.js';
import type { AccountReader } from './account-reader.js';

/** What vendors issued for an account's objects, in clear. */
export interface CredentialsAnswer {
  id: string;
  items: (Pick<OwnedResource, 'key' | 'vendor' | 'resource' | 'externalId'> & { values: Record<string, string> })[];
}

/** Opens what vendors issued; nothing else reads it in clear but the activities that use it. */
export class Credentials {
  constructor(
    private readonly accounts: AccountReader,
    private readonly sealer: Sealer,
  ) {}

  /** Empty for an account to which nothing was issued, or not yet. @throws {Problem} `not-found` */
  async read(caller: Caller, id: string): Promise<CredentialsAnswer> {
    const owned = await this.accounts.owned(caller, id);
    const items = owned.flatMap(({ key, vendor, resource, externalId, issued }) => {
      const values = Object.entries(issued ?? {}).map(([name, value]) => {
        const place = { accountId: id, field: issuedField(key, 'vendor', name) };
        return [name, this.sealer.open(value, place)] as const;
      });
      return values.length === 0 ? [] : [{ key, vendor, resource, externalId, values: Object.fromEntries(values) }];
    });
    return { id, items };
  }
}
