import type { Vendor } from '#libs/contracts/index.js';
import type { Resource } from '#libs/resources/contract.js';
import { egainModule } from './egain/index.js';
import { livepersonModule } from './liveperson/index.js';
import type { VendorModule } from './module.js';
import { sinchModule } from './sinch/index.js';

/** All vendors of the engine, one line each. A module gets clients and connections of its own vendor only. */
export const VENDOR_MODULES: readonly VendorModule[] = [egainModule, sinchModule, livepersonModule];

/** The module of a vendor. @throws RangeError for one that has none */
export function vendorModule(vendor: Vendor): VendorModule {
  const module = VENDOR_MODULES.find((candidate) => candidate.vendor === vendor);
  if (!module) throw new RangeError(`The vendor "${vendor}" is not supported by this version.`);
  return module;
}

/** A resource by its vendor and name. @throws RangeError for one that is not there */
export function resourceOf(vendor: Vendor, name: string): Resource<unknown> {
  const resource = vendorModule(vendor).resources.find((candidate) => candidate.name === name);
  if (!resource) throw new RangeError(`The vendor "${vendor}" has no resource "${name}".`);
  return resource;
}
