import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { writesOwn, type Desired, type SeenObject } from '#libs/resources/contract.js';
import { layOver, textOf } from '../common/index.js';
import { appDifferences, APP_RULES, entriesOf, entryName } from './app-fields.js';
import { nameWithoutMarker } from './display-name.js';
import { secretFieldsToWrite, topFields, withoutReadDefaults } from './patch.js';

/**
 * The fields that a PATCH of an app must name, as they are to be; `undefined` resets a field to its default. Exactly those that
 * change: one that was only read may lie outside the vendor's own limits (`docs/vendors/sinch.md` §2).
 */
export function appChanges(desired: Desired, seen: SeenObject): Map<string, JsonValue | undefined> {
  const differing = topFields(appDifferences(desired, seen).map(({ path }) => path));
  const names = new Set([...differing, ...secretFieldsToWrite(desired, APP_RULES.secrets, differing.length === 0)]);
  // Its marker was edited away.
  if (writesOwn(desired.mode) && desired.body['display_name'] !== seen.body['display_name']) names.add('display_name');
  const laid = layOver(desired, seen.body, APP_RULES);
  return new Map([...names].map((name) => [name, valueOf(name, laid[name], desired)]));
}

/**
 * Why the array of channels must not be written: it is replaced as a whole, so an entry that is not ours, and whose secret we do
 * not hold, would be lost (`docs/vendors/sinch.md` §2). Undefined when it may be.
 */
export function channelsConflict({ body, mode, previous, former }: Desired, seen: SeenObject): string | undefined {
  const standing = namesOf(seen.body);
  const declared = namesOf(body);
  const written = namesOf(previous);
  switch (mode) {
    case 'own': {
      const other = standing.find((name) => !declared.includes(name) && !written.includes(name));
      return other === undefined
        ? undefined
        : `its channel ${other} is not in the specification, and its secret is not known. Add it to the specification, or remove it at Sinch`;
    }
    case 'replace':
      return undefined; // every entry was ours: the secrets of those that stay are known
    case 'adopted': {
      const formerNames = former ? namesOf(former) : standing;
      const other = standing.find((name) => formerNames.includes(name) || !written.includes(name));
      return other === undefined
        ? undefined
        : `the secret of its channel ${other} is not known, as the app was taken over. Bring its channels in line by hand at Sinch`;
    }
    case 'restore':
      return declared[0] === undefined
        ? undefined
        : `the former secret of its channel ${declared[0]} is not known. Put its channels back by hand at Sinch`;
  }
}

function namesOf(body: JsonObject = {}): string[] {
  return entriesOf(body).map(entryName);
}

function valueOf(name: string, laid: JsonValue | undefined, { body, mode }: Desired): JsonValue | undefined {
  if (name === 'display_name' && mode === 'adopted') return nameWithoutMarker(textOf(laid));
  if (name === 'channel_credentials') return laid ?? [];
  const value = withoutReadDefaults(name, laid, body, APP_RULES.defaults);
  if (name !== 'delivery_report_based_fallback' || !isJsonObject(value)) return value;
  // Unset it reads as 0, which is outside its own limits.
  const { delivery_report_waiting_time: waiting, ...rest } = value;
  return waiting === 0 || waiting === undefined ? rest : value;
}
