import { vendorModules } from '#apps/sandbox/src/vendors.js';
import type { VendorModule } from '#libs/vendors/module.js';
import { VENDOR_MODULES } from '#libs/vendors/registry.js';
import { parleyModule } from './index.js';
import { parley } from './sandbox.js';

// The line of the registry, and the line of the sandbox. To be imported before anything that reads either of them.
(VENDOR_MODULES as VendorModule[]).push(parleyModule);
Object.assign(vendorModules, { parley });
