import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { writesOwn } from '#libs/resources/contract.js';
import { textOf } from '../../common/index.js';
import { AUTHENTICATION } from '../kinds.js';
import { defineEgainResource } from '../resource.js';

/** The object that belongs to each `type`. */
const RECIPES: Readonly<Record<string, string>> = { oauth2: 'oauth2', basic: 'basicAuth' };

/** How eGain logs in to the customer's callback (`docs/vendors/egain.md` §7.1). Not our own login. */
export const authentication = defineEgainResource({
  kind: AUTHENTICATION,
  uniqueKey: true,
  fields: [
    'name',
    'type',
    ...['tokenRequestUrl', 'method', 'headers[].name', 'accessTokenPath'].map((name) => `oauth2.${name}`),
    'basicAuth.username',
  ],
  neededSecrets: ['basicAuth.password', 'oauth2.headers[].value'],
  sets: { 'oauth2.headers': 'name' },
  units: ['oauth2', 'basicAuth'],
  beforePut: (body, read, mode) => {
    const refused = writesOwn(mode) ? undefined : notOurs(body, read);
    if (refused !== undefined) return { conflict: `The authentication cannot be changed: ${refused}.` };
    return { body: withOneRecipe(body) };
  },
  takeover: { holds: () => false, refuse: notOurs },
});

/** The credentials of an authentication of others stay with the recipe, and with the address, for which they were set. */
function notOurs(body: JsonObject, read: JsonObject): string | undefined {
  if (body['type'] !== undefined && body['type'] !== read['type']) {
    const kinds = `${textOf(read['type'])} to ${textOf(body['type'])}`;
    return `it would change from ${kinds}, and its former credentials could not be put back; they are not ours to replace`;
  }
  const address = tokenUrlOf(body);
  if (address === undefined || address === tokenUrlOf(read)) return undefined;
  return 'its former credentials would be sent to another address, the tokenRequestUrl of the spec; they are not ours to send';
}

function tokenUrlOf({ oauth2 }: JsonObject): JsonValue | undefined {
  return isJsonObject(oauth2) ? oauth2['tokenRequestUrl'] : undefined;
}

/** After a change of type the object of the former one must go: a PUT replaces the whole. */
function withOneRecipe(body: JsonObject): JsonObject {
  const type: JsonValue | undefined = body['type'];
  const wanted = typeof type === 'string' ? RECIPES[type] : undefined;
  if (wanted === undefined) return body;
  const others = Object.values(RECIPES).filter((name) => name !== wanted);
  return Object.fromEntries(Object.entries(body).filter(([name]) => !others.includes(name)));
}
