import { checkFields, type Finding, referencesIn } from '../fields.js';
import { isObject, type JsonObject, parseJson, textOf } from '../json.js';
import { DANGLING, DUPLICATE, EgainFault, REFERENCED, refuseFindings } from './errors.js';
import type { EgainKnobs } from './knobs.js';
import { type EgainKind, type EgainResource, MODIFIED, roleNames } from './resources.js';
import type { EgainRecord, EgainTenant } from './store.js';

/** The body of a create or an update, checked against docs/vendors/egain.md §7; refuses with 400. */
export function bodyOf(text: string, resource: EgainResource, knobs: EgainKnobs, isUpdate: boolean): JsonObject {
  const body = text.trim() === '' ? {} : parseJson(text);
  if (!isObject(body)) throw new EgainFault('400-152', 'The request body is not a JSON object');
  const fields = isUpdate
    ? { ...resource.fields, modified: { ...MODIFIED, required: knobs.missingModified === 'refused' } }
    : resource.fields;
  const findings = [...checkFields(fields, body), ...resource.rules(body)];
  if (knobs.unknownFields === 'refused') {
    findings.push(
      ...Object.keys(body)
        .filter((key) => !(key in fields))
        .map((path): Finding => ({ problem: 'invalid', path, message: `${path} is not known` })),
    );
  }
  refuseFindings(findings);
  return body;
}

/** Refuses ids that name nothing in this tenant, and a participant whose application lacks its role (`docs/vendors/egain.md` §7.3). */
export function checkReferences(
  tenant: EgainTenant,
  resource: EgainResource,
  body: JsonObject,
  knobs: EgainKnobs,
): void {
  if (knobs.danglingReferences !== 'accepted') {
    const unknown = referencesIn(resource.fields, body).filter(({ kind, id }) =>
      kind === 'entryPoint' ? !knobs.entryPoints.includes(id) : !tenant.get(kind as EgainKind, id),
    );
    if (unknown.length > 0) {
      throw new EgainFault(
        `${knobs.danglingReferences === 'refused' ? 400 : 404}-${DANGLING}`,
        'The request body refers to objects that do not exist',
        unknown.map(({ path, id }) => ({ key: path, value: id })),
      );
    }
  }
  if (resource.kind === 'participant') checkParticipantRole(tenant, body);
}

/** Refuses a second object with the same unique attribute; `self` is the object under update. */
export function checkUnique(
  tenant: EgainTenant,
  resource: EgainResource,
  body: JsonObject,
  knobs: EgainKnobs,
  self?: EgainRecord,
): void {
  const status = knobs.uniqueness === 'conflict' ? 409 : 400;
  const isTaken = (ids: ReadonlySet<string>): boolean => [...ids].some((id) => id !== self?.id);
  const refuse = (key: string, value: string): never => {
    throw new EgainFault(`${status}-${DUPLICATE}`, `Another ${resource.kind} has the same ${key}`, [{ key, value }]);
  };
  const key = textOf(body[resource.uniqueBy]);
  const enforced =
    resource.kind === 'orchestration' ? knobs.orchestrationNames === 'unique' : knobs.uniqueness !== 'off';
  if (enforced && isTaken(tenant.idsByKey(resource.kind, key))) refuse(resource.uniqueBy, key);
  if (resource.kind === 'account' && knobs.accountAddresses === 'unique' && isObject(body.channel)) {
    const address = textOf(body.address);
    if (isTaken(tenant.idsByAddress(textOf(body.channel.id), address))) refuse('address', address);
  }
}

/** The optimistic lock of a PUT (`docs/vendors/egain.md` §6): compared as moments in time, absent is taken unless a knob forbids it. */
export function checkModified(record: EgainRecord, body: JsonObject, knobs: EgainKnobs): void {
  const { modified } = body;
  if (knobs.staleModified === 'ignored' || typeof modified !== 'string') return;
  if (Date.parse(modified) === Date.parse(record.modified)) return;
  throw new EgainFault(
    knobs.staleModified === 'conflict' ? '409-100' : '400-152',
    'The modified date does not match that of the stored object',
    [{ key: 'modified', value: modified }],
  );
}

/** Whether an account may move to another channel (`docs/vendors/egain.md` §7.6). */
export function checkChannelKept(
  { kind }: EgainResource,
  { fields }: EgainRecord,
  body: JsonObject,
  knobs: EgainKnobs,
): void {
  if (kind !== 'account' || knobs.accountChannelChange === 'accepted') return;
  const [stood, wanted] = [fields.channel, body.channel].map((each) => (isObject(each) ? textOf(each.id) : ''));
  if (stood === wanted) return;
  throw new EgainFault('400-152', 'The channel of an account cannot be changed', [
    { key: 'channel.id', value: wanted ?? '' },
  ]);
}

/** Refuses to delete what others refer to, naming them (`docs/vendors/egain.md` §10). */
export function checkUnreferenced(tenant: EgainTenant, kind: EgainKind, id: string, knobs: EgainKnobs): void {
  if (knobs.deleteReferenced === 'accepted') return;
  const referrers = tenant.referrersOf(kind, id);
  if (referrers.length === 0) return;
  const status = { refused: 400, conflict: 409, forbidden: 403 }[knobs.deleteReferenced];
  throw new EgainFault(
    `${status}-${REFERENCED}`,
    `The ${kind} is still referred to`,
    referrers.map((referrer) => ({ key: referrer.kind, value: referrer.id })),
  );
}

function checkParticipantRole(tenant: EgainTenant, { application, type }: JsonObject): void {
  const id = isObject(application) ? textOf(application.id) : '';
  const found = tenant.get('clientApplication', id);
  if (!found || roleNames(found.fields).includes(textOf(type))) return;
  throw new EgainFault('400-152', `The client application does not have the role ${textOf(type)}`, [
    { key: 'application.id', value: id },
  ]);
}
