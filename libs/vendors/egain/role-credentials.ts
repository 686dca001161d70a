import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import type { WriteMode } from '#libs/resources/contract.js';
import { isMasked } from './secrets.js';

/**
 * What a role sends to its callback: extra headers, and the credentials of an authentication. They were set for the callback that the
 * role has. When somebody takes the application over and changes the callback, they must not go to the new one, so they are taken out
 * and kept with what is put back.
 */
const CREDENTIALS = ['headers', 'authentication'] as const;

/** A role as it stands, beside the role of the same name in another body. */
interface RolePair {
  name: string;
  stands: JsonObject;
  other: JsonObject;
}

/** Brings the credentials of roles to where their callbacks lead, in the last moment before a PUT. */
export function credentialsForCallbacks(
  laid: JsonObject,
  read: JsonObject,
  mode: WriteMode,
  desired: JsonObject,
): { body: JsonObject } | { conflict: string } {
  if (mode !== 'adopted' && mode !== 'restore') return { body: laid };
  const conflict = mode === 'adopted' ? unshownCredentials(desired, read) : undefined;
  if (conflict !== undefined) return { conflict };
  const moved = new Map(movedRoles(desired, read).map(({ name, other }) => [name, other]));
  const roles = rolesOf(laid).map((role) => {
    const wanted = moved.get(nameOf(role));
    if (!wanted) return role;
    const rest = Object.fromEntries(Object.entries(role).filter(([name]) => !isCredential(name)));
    return { ...rest, ...Object.fromEntries(Object.entries(wanted).filter(([name]) => isCredential(name))) };
  });
  return { body: 'roles' in laid ? { ...laid, roles } : laid };
}

/** A sentence when the callback of a role would change whose headers eGain does not show: nobody could put them back. */
export function unshownCredentials(desired: JsonObject, read: JsonObject): string | undefined {
  const hidden = movedRoles(desired, read).find(({ stands }) => headersOf(stands).some((header) => !shows(header)));
  return hidden && sentence(hidden.name, 'eGain does not show the values of its headers');
}

/** A sentence when the callback of a role would change and `former` does not hold all that would go with it. */
export function lostCredentials(desired: JsonObject, seen: JsonObject, former: JsonObject): string | undefined {
  const kept = new Map(rolesOf(former).map((role) => [nameOf(role), role]));
  const lost = movedRoles(desired, seen).find(({ name, stands }) => {
    const held = headersOf(kept.get(name) ?? {}).filter(shows);
    return headersOf(stands).some((header) => !held.some((each) => each['name'] === header['name']));
  });
  return lost && sentence(lost.name, 'the values of its headers were not kept when the job began');
}

/** Whether any role has headers: only those hold what the object itself does not show us again. */
export function hasHeaders(body: JsonObject): boolean {
  return rolesOf(body).some((role) => headersOf(role).length > 0);
}

/** Roles whose callback differs between what stands and another body that has them too. */
function movedRoles(other: JsonObject, stands: JsonObject): RolePair[] {
  return rolesOf(stands).flatMap((role) => {
    const name = nameOf(role);
    const match = rolesOf(other).find((each) => nameOf(each) === name);
    const callback = match?.['callback'];
    if (!match || callback === undefined || callback === role['callback']) return [];
    return [{ name, stands: role, other: match }];
  });
}

function sentence(role: string, why: string): string {
  return (
    `the callback of its role ${role} cannot be changed, since ${why}, and they would be lost: keep the callback, or take the ` +
    'headers out in eGain first'
  );
}

function isCredential(name: string): boolean {
  return CREDENTIALS.some((each) => each === name);
}

function rolesOf(body: JsonObject): JsonObject[] {
  return objectsIn(body['roles']);
}

function headersOf(role: JsonObject): JsonObject[] {
  return objectsIn(role['headers']);
}

function nameOf(role: JsonObject): string {
  return typeof role['name'] === 'string' ? role['name'] : '';
}

function shows({ value }: JsonObject): boolean {
  return typeof value === 'string' && value !== '' && !isMasked(value);
}

function objectsIn(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
