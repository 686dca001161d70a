import type { VendorModule } from '../vendor.js';
import { type LivePersonKnobs, livepersonKnobs } from './knobs.js';
import { LivePersonVendor } from './service.js';

/**
 * LivePerson under `/liveperson` and at the root, since its hosts are found by the Domain API, which tells the sandbox's own host
 * and port. Domain API base: the root or `/liveperson`.
 */
export const liveperson: VendorModule<LivePersonKnobs> = {
  prefixes: ['/liveperson', ''],
  knobs: livepersonKnobs,
  create: (context) => new LivePersonVendor(context),
};
