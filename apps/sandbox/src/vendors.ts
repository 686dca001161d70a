import { z } from 'zod';
import { egain } from './egain/module.js';
import { liveperson } from './liveperson/module.js';
import { sinch } from './sinch/module.js';

/** The vendors that the sandbox plays. A further one is a folder with a module and one line here. */
export const vendorModules = { egain, liveperson, sinch };

export type VendorName = keyof typeof vendorModules;

/** All knobs of all vendors; what is left out has the documented default. */
export const sandboxKnobs = z.strictObject({
  egain: egain.knobs,
  liveperson: liveperson.knobs,
  sinch: sinch.knobs,
});

export type Knobs = z.output<typeof sandboxKnobs>;
