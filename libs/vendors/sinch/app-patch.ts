import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { selectPaths } from '#libs/planning/index.js';
import { writesOwn, type SeenObject, type WriteMode } from '#libs/resources/contract.js';
import { textOf } from '../common/index.js';
import { appDifferences, APP_SECRETS, entriesOf, entryName } from './app-fields.js';
import { nameWithoutMarker } from './display-name.js';
import { topFields } from './patch.js';

/**
 * The fields that a PATCH of an app must name, as they are to be; `undefined` resets a field to its default. Exactly those that
 * change: one that was only read may lie outside the vendor's own limits (`docs/vendors/sinch.md` §2). When nothing differs, the
 * fields that hold secrets: those cannot be compared, so the caller knows of another reason to write.
 */
export function appChanges(desired: JsonObject, seen: SeenObject, mode: WriteMode): Map<string, JsonValue | undefined> {
  const names = new Set(topFields(appDifferences(desired, seen, mode)));
  if (writesOwn(mode)) {
    if (names.size === 0) for (const name of secretFieldsOf(desired)) names.add(name);
    if (desired['display_name'] !== seen.body['display_name']) names.add('display_name'); // its marker was edited away
  }
  return new Map([...names].map((name) => [name, valueOf(name, desired, mode)]));
}

/**
 * Why the array of channels must not be written: it is replaced as a whole, so an entry that is not ours, and whose secret we do
 * not hold, would be lost (`docs/vendors/sinch.md` §2). Undefined when it may be.
 */
export function channelsConflict(desired: JsonObject, seen: SeenObject, mode: WriteMode): string | undefined {
  const standing = entriesOf(seen.body).map(entryName);
  const declared = entriesOf(desired).map(entryName);
  switch (mode) {
    case 'own': {
      const other = standing.find((name) => !declared.includes(name));
      return other === undefined
        ? undefined
        : `its channel ${other} is not in the specification, and its secret is not known. Add it to the specification, or remove it at Sinch`;
    }
    case 'replace':
      return undefined; // every entry was ours: the secrets of those that stay are known
    case 'adopted':
      return standing[0] === undefined
        ? undefined
        : `the secret of its channel ${standing[0]} is not known, as the app was taken over. Bring its channels in line by hand at Sinch`;
    case 'restore':
      return declared[0] === undefined
        ? undefined
        : `the former secret of its channel ${declared[0]} is not known. Put its channels back by hand at Sinch`;
  }
}

function valueOf(name: string, desired: JsonObject, mode: WriteMode): JsonValue | undefined {
  const value = desired[name];
  if (name === 'display_name' && mode === 'adopted') return nameWithoutMarker(textOf(value));
  if (name === 'channel_credentials') return value ?? [];
  if (name !== 'delivery_report_based_fallback' || !isJsonObject(value)) return value;
  // Unset it reads as 0, which is outside its own limits.
  const { delivery_report_waiting_time: waiting, ...rest } = value;
  return waiting === 0 || waiting === undefined ? rest : value;
}

function secretFieldsOf(body: JsonObject): string[] {
  return topFields(APP_SECRETS.filter((path) => selectPaths(body, path).length > 0));
}
