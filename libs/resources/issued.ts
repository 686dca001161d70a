import type { Issued, JsonObject } from '#libs/contracts/index.js';
import type { IssuedValues } from './contract.js';
import type { StepContext } from './step-context.js';

/** Seals what a vendor issued. */
export function sealed(values: IssuedValues, ctx: StepContext): Issued {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, ctx.seal(value)]));
}

/** Opens what a vendor issued. */
export function opened(issued: Issued, ctx: StepContext): IssuedValues {
  const body: JsonObject = ctx.open({ ...issued }, Object.keys(issued));
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
