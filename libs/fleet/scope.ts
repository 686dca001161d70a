import type { Chain, FleetScope, Vendor } from '#libs/contracts/index.js';

/** Whether a tenant is one that a run is about. */
export function tenantInScope({ tenant, tenants }: FleetScope, name: string): boolean {
  return (tenant === null || tenant === name) && (tenants === null || tenants.includes(name));
}

/** Whether an account is one that a run is about. One whose chain is not known is in no chain's scope. */
export function accountInScope(scope: FleetScope, account: { tenant: string; chain: Chain | null }): boolean {
  return tenantInScope(scope, account.tenant) && (scope.chain === null || scope.chain === account.chain);
}

/** Whether a vendor's objects can belong to the accounts of a chain. */
export function vendorInScope({ chain }: Pick<FleetScope, 'chain'>, vendor: Vendor): boolean {
  return chain === null || (chain === 'liveperson') === (vendor === 'liveperson');
}
