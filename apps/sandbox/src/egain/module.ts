import type { VendorModule } from '../vendor.js';
import { type EgainKnobs, egainKnobs } from './knobs.js';
import { EgainVendor } from './service.js';

/** eGain under `/egain`: API base `/egain`, token endpoint `/egain/oauth2/v2.0/token`. */
export const egain: VendorModule<EgainKnobs> = {
  prefixes: ['/egain'],
  knobs: egainKnobs,
  create: (context) => new EgainVendor(context),
};
