import { z } from 'zod';
import { egain } from './egain/module.js';
import { liveperson } from './liveperson/module.js';
import { sinch } from './sinch/module.js';

/** The vendors that the sandbox plays. A further one is a folder with a module and one line here. */
export const vendorModules = { egain, liveperson, sinch };

export type VendorName = keyof typeof vendorModules;

/** The knobs of each vendor. */
export type Knobs = { [name in VendorName]: z.output<(typeof vendorModules)[name]['knobs']> };

/** Returns the schema of all knobs of all vendors; what is left out has the documented default. */
export function sandboxKnobs(): z.ZodType<Knobs> {
  const knobs = Object.entries(vendorModules).map(([name, module]) => [name, module.knobs] as const);
  return z.strictObject(Object.fromEntries(knobs)) as unknown as z.ZodType<Knobs>;
}
