import { isJsonObject, type Issued } from '#libs/contracts/index.js';
import { ISSUED_UNDER } from '#libs/planning/index.js';
import type { IssuedValues } from './contract.js';
import type { StepContext } from './step-context.js';

/** Seals what a vendor issued. */
export function sealed(values: IssuedValues, ctx: StepContext): Issued {
  const seal = (value: string, name: string): string => ctx.seal(value, `/${ISSUED_UNDER.vendor}/${name}`);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, seal(value, name)]));
}

/** Opens what a vendor issued, or a person has handed back. */
export function opened(issued: Issued, ctx: StepContext, by: keyof typeof ISSUED_UNDER = 'vendor'): IssuedValues {
  const under = ISSUED_UNDER[by];
  const paths = Object.keys(issued).map((name) => `${under}.${name}`);
  const { [under]: values } = ctx.open({ [under]: { ...issued } }, paths);
  return Object.fromEntries(
    Object.entries(isJsonObject(values) ? values : {}).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  );
}
