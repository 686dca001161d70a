import {
  connectionNameOf,
  type Chain,
  type JsonObject,
  type OnboardingSpec,
  type Vendor,
} from '#libs/contracts/index.js';
import type { Connection } from '#libs/vendors/common/connection.js';
import { VENDOR_MODULES, vendorModule } from '#libs/vendors/registry.js';

/** What a chain is made of: the section of the vendor that it is named after, and sections that may stand beside it. */
export interface ChainParts {
  name: Chain;
  /** Completes "onboards ...". */
  description: string;
  needed: readonly Vendor[];
  optional: readonly Vendor[];
}

/** The chains that can be onboarded, in the order of the registry. */
export const CHAIN_PARTS: readonly ChainParts[] = VENDOR_MODULES.flatMap(({ vendor, chain }) =>
  chain ? [{ name: vendor, description: chain.description, needed: [vendor], optional: chain.beside }] : [],
);

/** Names of all vendors, in the order of the registry. */
export const VENDORS: readonly Vendor[] = VENDOR_MODULES.map(({ vendor }) => vendor);

/** Names of all chains, in the order of the registry. */
export const CHAINS: readonly Chain[] = CHAIN_PARTS.map(({ name }) => name);

/** Returns what planning needs to know of the connections that a spec names, by vendor. */
export function connectionFacts(
  spec: Pick<OnboardingSpec, 'connections'>,
  known: readonly Connection[],
): { [vendor: string]: JsonObject } {
  const named = known.filter(({ vendor, name }) => connectionNameOf(spec, vendor) === name);
  return Object.fromEntries(
    named.map((connection) => [connection.vendor, vendorModule(connection.vendor).facts(connection)]),
  );
}
