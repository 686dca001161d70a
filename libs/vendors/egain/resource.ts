import type { Difference, JsonObject } from '#libs/contracts/index.js';
import { resourceSecrets } from '#libs/planning/index.js';
import { listedResource } from '#libs/readings/index.js';
import type { Desired, ReadOptions, Resource, SeenObject, WriteMode } from '#libs/resources/contract.js';
import {
  changedSecrets,
  differences,
  fault,
  isSuccess,
  pathKind,
  projection,
  saysGone,
  secretValues,
  textOf,
  withoutFields,
  type CallPurpose,
  type FieldRules,
} from '../common/index.js';
import type { EgainClient } from './client.js';
import { EGAIN, egainFault, isStale } from './errors.js';
import { bodyToPut, foldKey, MARKER_FIELD, requestFields, toSeen } from './fields.js';
import type { EgainKind } from './kinds.js';
import { listingOf, pagesOf } from './list.js';
import { objectPath, readObject } from './read.js';
import { canBeReferredTo, referrersOf } from './references.js';
import { parseCreatedId, type RawObject } from './schema.js';
import { unknownSecret, withoutMasked, type KindSecrets } from './secrets.js';

/** Reads of an update when somebody else changes the object at the same time (`docs/vendors/egain.md` §6). */
const UPDATE_TRIES = 3;

/** What one kind of eGain object has of its own. */
export interface EgainResourceOptions {
  kind: EgainKind;
  /** False for an orchestration only. */
  uniqueKey: boolean;
  /** True for a channel only. */
  shared?: boolean;
  /** Documented fields besides `active`, secrets aside, as patterns. */
  fields: readonly string[];
  neededSecrets?: readonly string[];
  /** Arrays without an order, as in `FieldRules`. */
  sets?: Readonly<Record<string, string | null>>;
  /** Objects with fields that eGain needs, as in `FieldRules`. */
  units?: readonly string[];
  /** A sentence when this body must not be created by us. */
  refuseCreate?: (body: JsonObject) => string | undefined;
  /** Last hand on the body of a PUT, beside what was read and what is desired; `conflict` is a sentence when it must not be written. */
  beforePut?: (
    body: JsonObject,
    read: JsonObject,
    mode: WriteMode,
    desired: JsonObject,
  ) => { body: JsonObject } | { conflict: string };
  /** For a kind of which secrets go when it is taken over; see `Resource.takeover` and `Resource.loses`. */
  takeover?: {
    /** Whether an object, as listed without its secrets, may hold some that would go: then it is read with them. */
    holds: (seen: JsonObject) => boolean;
    /** A sentence when the object must not be taken over. */
    refuse: (desired: JsonObject, read: JsonObject) => string | undefined;
    loses?: (desired: JsonObject, seen: JsonObject, former: JsonObject) => string | undefined;
  };
  clash?: (body: JsonObject, seen: SeenObject) => string | undefined;
}

/** One kind of eGain object over the engine's contract. All six behave alike (`docs/vendors/egain.md` §2, §6 and §9.4). */
export function defineEgainResource(options: EgainResourceOptions): Resource<EgainClient> {
  return listedResource(new EgainResource(options).binding(), (client) => listingOf(client, options.kind));
}

class EgainResource {
  private readonly kind: EgainKind;
  private readonly secrets: KindSecrets;
  private readonly rules: FieldRules;

  constructor(private readonly options: EgainResourceOptions) {
    this.kind = options.kind;
    const secrets = resourceSecrets(EGAIN.vendor, options.kind.name);
    this.secrets = { secrets, neededSecrets: options.neededSecrets ?? [] };
    this.rules = {
      secrets,
      ignored: [MARKER_FIELD],
      defaults: { active: true },
      sets: options.sets ?? {},
      units: options.units ?? [],
    };
  }

  binding(): Omit<Resource<EgainClient>, 'list'> {
    const { kind, options } = this;
    return {
      vendor: EGAIN.vendor,
      name: kind.name,
      uniqueKey: options.uniqueKey,
      shared: options.shared ?? false,
      marked: true,
      exists: true,
      secrets: this.secrets.secrets,
      key: (body) => foldKey(textOf(body[kind.keyField])),
      scope: () => undefined,
      get: async (client, id, read) => {
        const raw = await this.read(client, id, read);
        return raw ? this.seen(raw) : null;
      },
      create: (client, body) => this.create(client, body),
      update: (client, seen, desired) => this.update(client, seen, desired),
      remove: (client, id) => this.remove(client, id),
      diff: (desired, seen) => this.diff(desired, seen),
      pathKind: (path) => pathKind(path, { fields: ['active', ...options.fields], secrets: this.secrets.secrets }),
      former: (seen) => seen.body,
      projection: (body) => projection(body, this.rules),
      pages: (client, pages) => pagesOf(client, kind, pages),
      ...(canBeReferredTo(kind) ? { referrers: (client, id, read) => referrersOf(client, kind, id, read) } : {}),
      ...(options.clash ? { clash: options.clash } : {}),
      ...(options.takeover ? this.takeoverOf(options.takeover) : {}),
    };
  }

  private takeoverOf({
    holds,
    refuse,
    loses,
  }: NonNullable<EgainResourceOptions['takeover']>): Pick<Resource<EgainClient>, 'takeover' | 'loses'> {
    return {
      takeover: async (client, body, seen, read) => {
        const raw = holds(seen.body) ? await this.read(client, seen.id, read) : undefined;
        const fields = raw ? requestFields(raw.fields) : seen.body;
        const conflict = refuse(body, fields);
        return conflict === undefined ? { former: withoutMasked(fields, this.secrets.secrets) } : { conflict };
      },
      ...(loses ? { loses: (body, seen, former) => loses(body, seen.body, former) } : {}),
    };
  }

  private seen(raw: RawObject): SeenObject {
    return toSeen(raw, (fields) => withoutFields(fields, this.secrets.secrets));
  }

  private read(client: EgainClient, id: string, options: ReadOptions): Promise<RawObject | undefined> {
    return readObject(client, this.kind, id, options);
  }

  private async create(client: EgainClient, body: JsonObject): Promise<{ id: string }> {
    const purpose: CallPurpose = { resource: this.kind.name, operation: 'create', secrets: this.secretsOf(body) };
    const refusal = this.options.refuseCreate?.(body);
    if (refusal !== undefined) throw fault(EGAIN, purpose, { code: 'INVALID_REQUEST', message: refusal });
    const answer = await client.demand({ ...purpose, method: 'POST', path: this.kind.path, body });
    const id = parseCreatedId(answer.json, answer.headers['location']);
    if (id === undefined) throw client.unreadable(purpose, answer, 'named no id');
    return { id };
  }

  private async update(client: EgainClient, seen: SeenObject, desired: Desired): Promise<void> {
    const { id } = seen;
    const forSecrets =
      changedSecrets(desired, this.secrets.secrets).length > 0 || this.diff(desired, seen).length === 0;
    const purpose: CallPurpose = {
      resource: this.kind.name,
      operation: 'update',
      externalId: id,
      secrets: this.secretsOf(desired.body),
    };
    for (let tries = 1; ; tries++) {
      const raw = await this.read(client, id, {});
      if (!raw) {
        const message = `The ${this.kind.name} ${id} vanished at eGain while it was to be changed; it is looked for again.`;
        throw fault(EGAIN, purpose, { code: 'CONFLICT', message, retryable: true });
      }
      // Somebody else's change may have brought it to what is desired, but for secrets, which no reading tells.
      if (tries > 1 && !forSecrets && this.diff(desired, this.seen(raw)).length === 0) return;
      const next = this.nextBody(purpose, desired, raw);
      const call: CallPurpose = { ...purpose, secrets: [...(purpose.secrets ?? []), ...this.secretsOf(next)] };
      const answer = await client.ask({ ...call, method: 'PUT', path: this.pathOf(id), body: next });
      if (isSuccess(answer.status)) return;
      if (!isStale(answer) || tries === UPDATE_TRIES) throw egainFault(call, answer);
    }
  }

  private nextBody(purpose: CallPurpose, desired: Desired, raw: RawObject): JsonObject {
    const conflict = (message: string): never => {
      throw fault(EGAIN, purpose, { code: 'CONFLICT', message });
    };
    const laid = bodyToPut(desired, raw, this.rules);
    const last = this.options.beforePut?.(laid, raw.fields, desired.mode, desired.body) ?? { body: laid };
    if ('conflict' in last) return conflict(last.conflict);
    const unknown = unknownSecret(last.body, this.secrets);
    if (unknown === undefined) return last.body;
    return conflict(
      `The ${this.kind.name} ${raw.id} cannot be changed: eGain does not show the secret at ${unknown}, so it would be overwritten. ` +
        'Change it by hand in eGain, or remove it there so that it is made anew.',
    );
  }

  private async remove(client: EgainClient, id: string): Promise<void> {
    const purpose: CallPurpose = { resource: this.kind.name, operation: 'delete', externalId: id };
    const answer = await client.ask({ ...purpose, method: 'DELETE', path: this.pathOf(id) });
    if (isSuccess(answer.status) || saysGone(answer)) return;
    const refused = egainFault(purpose, answer);
    if (refused.fault.code !== 'STILL_REFERENCED') throw refused;
    const referrers = await referrersOf(client, this.kind, id, {});
    const named = referrers.slice(0, 5).map(({ resource, name, externalId }) => `${resource} ${name} (${externalId})`);
    const who =
      named.length > 0 ? `These refer to it: ${named.join(', ')}.` : 'Nothing that can be listed refers to it.';
    throw fault(EGAIN, purpose, { ...refused.fault, message: `${refused.fault.message} ${who}` });
  }

  private diff(desired: Desired, seen: SeenObject): Difference[] {
    return differences(desired, seen.body, this.rules);
  }

  private secretsOf(body: JsonObject): string[] {
    return this.secrets.secrets.length === 0 ? [] : secretValues(body, this.secrets.secrets);
  }

  private pathOf(id: string): string {
    return objectPath(this.kind, id);
  }
}
