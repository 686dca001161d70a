import type { Chain, FleetScope, Vendor } from '#libs/contracts/index.js';
import { VENDOR_MODULES } from '#libs/vendors/registry.js';

/** Whether a tenant is one that a run is about. */
export function tenantInScope({ tenant, tenants }: FleetScope, name: string): boolean {
  return (tenant === null || tenant === name) && (tenants === null || tenants.includes(name));
}

/** Whether an account is one that a run is about. One whose chain is not known is in no chain's scope. */
export function accountInScope(scope: FleetScope, account: { tenant: string; chain: Chain | null }): boolean {
  return tenantInScope(scope, account.tenant) && (scope.chain === null || scope.chain === account.chain);
}

/** The chains to which a vendor's objects can belong. */
export function chainsOf(vendor: Vendor): Chain[] {
  return VENDOR_MODULES.flatMap((module) =>
    module.chain && (module.vendor === vendor || module.chain.beside.includes(vendor)) ? [module.vendor] : [],
  );
}

/** Whether a vendor's objects can belong to the accounts of a chain. */
export function vendorInScope({ chain }: Pick<FleetScope, 'chain'>, vendor: Vendor): boolean {
  return chain === null || chainsOf(vendor).includes(chain);
}
