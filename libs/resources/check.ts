import type { CheckInput, CheckResult } from '#libs/contracts/index.js';
import type { IssuedValues, PersonAbility } from './contract.js';
import { opened, sealed } from './issued.js';
import type { StepContext } from './step-context.js';

/**
 * Whether what a person answered to a hand-off is right: its form first, then what the vendor says of it. Writes nothing. What was
 * handed back is opened here only, and is sealed again before it leaves.
 * @throws VendorError when the vendor did not say
 */
export async function check<C>(
  person: PersonAbility<C>,
  client: C,
  ctx: StepContext,
  { node, kind, values, known }: CheckInput,
): Promise<CheckResult> {
  const given = values && opened(values, ctx, 'person');
  const wrong = given
    ? malformed(
        person.returns.map(({ name }) => name),
        given,
      )
    : undefined;
  if (wrong !== undefined) return { state: 'refused', message: wrong };
  const recorded = known && { id: known.externalId, issued: opened(known.issued ?? {}, ctx) };
  const found = await person.check(client, { kind, body: node.body, given, known: recorded }, { signal: ctx.signal });
  if (found.state === 'refused') return found;
  return {
    state: 'accepted',
    externalId: found.id,
    issued: given ? sealed(given, ctx) : {},
    level: found.level,
    message: found.message,
  };
}

/** A sentence when what was handed back cannot be it: something is missing, blank, or was copied with a blank at its end. */
function malformed(names: readonly string[], given: IssuedValues): string | undefined {
  for (const name of names) {
    const value = given[name] ?? '';
    if (value.trim() === '') return `${name} is missing.`;
    if (value !== value.trim()) return `${name} begins or ends with a blank.`;
  }
  return undefined;
}
