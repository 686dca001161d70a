import type { VendorModule } from '../vendor.js';
import { type SinchKnobs, sinchKnobs } from './knobs.js';
import { SinchVendor } from './service.js';

/** Sinch under `/sinch`: API base `/sinch/{us|eu|br}`, token endpoint `/sinch/oauth2/token`. */
export const sinch: VendorModule<SinchKnobs> = {
  prefixes: ['/sinch'],
  knobs: sinchKnobs,
  create: (context) => new SinchVendor(context),
};
