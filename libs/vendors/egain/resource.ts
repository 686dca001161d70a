import type { JsonObject, JsonValue } from '#libs/contracts/index.js';
import { resourceSecrets } from '#libs/planning/index.js';
import { listedResource } from '#libs/readings/index.js';
import {
  writesWhole,
  type ReadOptions,
  type Resource,
  type SeenObject,
  type WriteMode,
} from '#libs/resources/contract.js';
import {
  differences,
  fault,
  isSuccess,
  secretValues,
  textOf,
  withoutFields,
  type CallPurpose,
  type FieldRules,
} from '../common/index.js';
import type { EgainClient } from './client.js';
import { EGAIN, egainFault, isStale } from './errors.js';
import { bodyToPut, foldKey, MARKER_FIELD, setsWithSecrets, toSeen, type KindFields } from './fields.js';
import type { EgainKind } from './kinds.js';
import { listingOf } from './list.js';
import { canBeReferredTo, referrersOf } from './references.js';
import { parseCreatedId, parseObject, type RawObject } from './schema.js';
import { unknownSecret } from './secrets.js';

/** Reads of an update when somebody else changes the object at the same time (`vendors/egain.md` section 6). */
const UPDATE_TRIES = 3;

/** What one kind of eGain object has of its own. */
export interface EgainResourceOptions {
  kind: EgainKind;
  /** False for an orchestration only. */
  uniqueKey: boolean;
  /** True for a channel only. */
  shared?: boolean;
  neededSecrets?: readonly string[];
  /** Arrays without an order, as in `FieldRules`. */
  sets?: Readonly<Record<string, string | null>>;
  /** Documented defaults besides `active`. */
  defaults?: Readonly<Record<string, JsonValue>>;
  /** A sentence when this body must not be created by us. */
  refuseCreate?: (body: JsonObject) => string | undefined;
  /** Last hand on the body of a PUT; `conflict` is a sentence when it must not be written. */
  beforePut?: (body: JsonObject, read: JsonObject, mode: WriteMode) => { body: JsonObject } | { conflict: string };
  clash?: (body: JsonObject, seen: SeenObject) => string | undefined;
}

/** One kind of eGain object over the engine's contract. All six behave alike (`vendors/egain.md` sections 2, 6 and 9.4). */
export function defineEgainResource(options: EgainResourceOptions): Resource<EgainClient> {
  return listedResource(new EgainResource(options).binding(), (client) => listingOf(client, options.kind));
}

class EgainResource {
  private readonly kind: EgainKind;
  private readonly fields: KindFields;

  constructor(private readonly options: EgainResourceOptions) {
    this.kind = options.kind;
    this.fields = {
      secrets: resourceSecrets(EGAIN.vendor, options.kind.name),
      neededSecrets: options.neededSecrets ?? [],
      sets: options.sets ?? {},
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
      secrets: this.fields.secrets,
      key: (body) => foldKey(textOf(body[kind.keyField])),
      scope: () => undefined,
      get: async (client, id, read) => {
        const raw = await this.read(client, id, read);
        return raw ? this.seen(raw) : null;
      },
      create: (client, body) => this.create(client, body),
      update: (client, seen, body, mode) => this.update(client, seen, body, mode),
      remove: (client, id) => this.remove(client, id),
      diff: (body, seen, mode) => this.diff(body, seen, mode),
      former: (seen) => seen.body,
      ...(canBeReferredTo(kind) ? { referrers: (client, id, read) => referrersOf(client, kind, id, read) } : {}),
      ...(options.clash ? { clash: options.clash } : {}),
    };
  }

  private seen(raw: RawObject): SeenObject {
    return toSeen(raw, (fields) => withoutFields(fields, this.fields.secrets));
  }

  private async read(client: EgainClient, id: string, { signal }: ReadOptions): Promise<RawObject | undefined> {
    const purpose: CallPurpose = { resource: this.kind.name, operation: 'get', externalId: id };
    const answer = await client.ask({ ...purpose, method: 'GET', path: this.pathOf(id), signal });
    if (answer.status === 404) return undefined;
    if (!isSuccess(answer.status)) throw egainFault(purpose, answer);
    const raw = parseObject(this.kind, answer.json);
    if (!raw) throw client.unreadable(purpose, answer.status);
    return raw;
  }

  private async create(client: EgainClient, body: JsonObject): Promise<{ id: string }> {
    const purpose: CallPurpose = { resource: this.kind.name, operation: 'create', secrets: this.secretsOf(body) };
    const refusal = this.options.refuseCreate?.(body);
    if (refusal !== undefined) throw fault(EGAIN, purpose, { code: 'INVALID_REQUEST', message: refusal });
    const answer = await client.demand({ ...purpose, method: 'POST', path: this.kind.path, body });
    const id = parseCreatedId(answer.json, answer.headers['location']);
    if (id === undefined) throw client.unreadable(purpose, answer.status, 'named no id');
    return { id };
  }

  private async update(client: EgainClient, { id }: SeenObject, body: JsonObject, mode: WriteMode): Promise<void> {
    const purpose: CallPurpose = {
      resource: this.kind.name,
      operation: 'update',
      externalId: id,
      secrets: this.secretsOf(body),
    };
    for (let tries = 1; ; tries++) {
      const raw = await this.read(client, id, {});
      if (!raw) {
        const message = `The ${this.kind.name} ${id} vanished at eGain while it was to be changed; it is looked for again.`;
        throw fault(EGAIN, purpose, { code: 'CONFLICT', message, retryable: true });
      }
      // Somebody else's change may have brought it to what is desired.
      if (tries > 1 && this.diff(body, this.seen(raw), mode).length === 0) return;
      const next = this.nextBody(purpose, body, raw, mode);
      const call: CallPurpose = { ...purpose, secrets: [...(purpose.secrets ?? []), ...this.secretsOf(next)] };
      const answer = await client.ask({ ...call, method: 'PUT', path: this.pathOf(id), body: next });
      if (isSuccess(answer.status)) return;
      if (!isStale(answer) || tries === UPDATE_TRIES) throw egainFault(call, answer);
    }
  }

  private nextBody(purpose: CallPurpose, desired: JsonObject, raw: RawObject, mode: WriteMode): JsonObject {
    const conflict = (message: string): never => {
      throw fault(EGAIN, purpose, { code: 'CONFLICT', message });
    };
    const laid = bodyToPut(desired, raw, mode, this.fields);
    const last = this.options.beforePut?.(laid, raw.fields, mode) ?? { body: laid };
    if ('conflict' in last) return conflict(last.conflict);
    const unknown = unknownSecret(last.body, this.fields);
    if (unknown === undefined) return last.body;
    return conflict(
      `The ${this.kind.name} ${raw.id} cannot be changed: eGain does not show the secret at ${unknown}, so it would be overwritten. ` +
        'Change it by hand in eGain, or remove it there so that it is made anew.',
    );
  }

  private async remove(client: EgainClient, id: string): Promise<void> {
    const purpose: CallPurpose = { resource: this.kind.name, operation: 'delete', externalId: id };
    const answer = await client.ask({ ...purpose, method: 'DELETE', path: this.pathOf(id) });
    if (isSuccess(answer.status) || answer.status === 404) return;
    const refused = egainFault(purpose, answer);
    if (refused.fault.code !== 'STILL_REFERENCED') throw refused;
    const referrers = await referrersOf(client, this.kind, id, {});
    const named = referrers.slice(0, 5).map(({ resource, name, externalId }) => `${resource} ${name} (${externalId})`);
    const who =
      named.length > 0 ? `These refer to it: ${named.join(', ')}.` : 'Nothing that can be listed refers to it.';
    throw fault(EGAIN, purpose, { ...refused.fault, message: `${refused.fault.message} ${who}` });
  }

  private diff(body: JsonObject, seen: SeenObject, mode: WriteMode): string[] {
    const rules: FieldRules = {
      ignored: [...this.fields.secrets, MARKER_FIELD],
      defaults: { active: true, ...this.options.defaults },
      sets: this.fields.sets,
      ...(mode === 'adopted' ? { extras: setsWithSecrets(this.fields) } : {}),
    };
    const forth = differences(body, seen.body, rules);
    // What an update added goes when the former fields are put back.
    const back = writesWhole(mode) ? differences(seen.body, body, rules) : [];
    return [...new Set([...forth, ...back])];
  }

  private secretsOf(body: JsonObject): string[] {
    return this.fields.secrets.length === 0 ? [] : secretValues(body, this.fields.secrets);
  }

  private pathOf(id: string): string {
    return `${this.kind.path}/${encodeURIComponent(id)}`;
  }
}
