import type { FleetScope } from '#libs/contracts/index.js';
import type { Caller } from '../auth/caller.js';
import { quoted } from '#libs/history/rows.js';

/** The runs that a caller may see, as a condition: of its tenants; all, for a caller of all. Null where there can be none. */
export function visibleTo({ tenants }: Pick<Caller, 'tenants'>): string[] | null {
  if (tenants.includes('*')) return [];
  return tenants.length === 0 ? null : [`Tenant IN (${tenants.map(quoted).join(', ')})`];
}

/** Runs of exactly this scope, as a condition. */
export function ofScope({ tenant, chain }: Pick<FleetScope, 'tenant' | 'chain'>): string {
  return [same('Tenant', tenant), same('Chain', chain)].join(' AND ');
}

/** Runs in whose scope an account lies, as a condition. */
export function covering({ tenant, chain }: { tenant: string; chain: string }): string {
  return [
    `(Tenant = ${quoted(tenant)} OR Tenant IS NULL)`,
    `(Chain = ${quoted(chain)} OR Chain IS NULL)`,
    "ExecutionStatus = 'Completed'",
  ].join(' AND ');
}

function same(attribute: 'Tenant' | 'Chain', value: string | null): string {
  return value === null ? `${attribute} IS NULL` : `${attribute} = ${quoted(value)}`;
}
