import type { Clock } from '../clock.js';
import { secretNames, takeFields } from '../fields.js';
import { isObject, type JsonObject, mergePatch } from '../json.js';
import { displaySecrets } from '../secrets.js';
import { TokenStore } from '../tokens.js';
import {
  type CallTarget,
  ControlError,
  type Operation,
  segments,
  type Vendor,
  type VendorCall,
  type VendorContext,
  type VendorReply,
} from '../vendor.js';
import { bodyOf, checkChannelKept, checkModified, checkReferences, checkUnique, checkUnreferenced } from './checks.js';
import { EGAIN_CREDENTIALS } from './credentials.js';
import { EgainFault, faultReply } from './errors.js';
import { EgainGate } from './gate.js';
import type { EgainKnobs } from './knobs.js';
import { listParameters, pageOf } from './listing.js';
import { type EgainGrant, issueToken } from './oauth.js';
import { EGAIN_RESOURCES, type EgainKind, type EgainResource } from './resources.js';
import { seedTenant } from './seeds.js';
import { type EgainRecord, EgainTenant } from './store.js';

const BASE = '/conversation/conversationmgr/v3/';
const TOKEN_PATH = '/oauth2/v2.0/token';
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The records of every tenant. */
type Kept = [tenant: string, records: ReturnType<EgainTenant['records']>][];

interface Target extends CallTarget {
  definition?: EgainResource;
  id?: string;
}

/** eGain's six resources and its token endpoint, as docs/vendors/egain.md §2 to §10 document them. */
export class EgainVendor implements Vendor {
  readonly #clock: Clock;
  readonly #knobs: () => EgainKnobs;
  readonly #tokens: TokenStore<EgainGrant>;
  readonly #gate: EgainGate;
  readonly #tenants = new Map<string, EgainTenant>();

  constructor({ clock, knobs }: VendorContext<EgainKnobs>) {
    this.#clock = clock;
    this.#knobs = knobs;
    this.#tokens = new TokenStore(clock);
    this.#gate = new EgainGate(clock, knobs, this.#tokens);
  }

  identify(method: string, path: string): CallTarget {
    const { resource, operation } = locate(method, path);
    return { resource, operation };
  }

  handle(call: VendorCall): VendorReply {
    const target = locate(call.method, call.path);
    const headers: Record<string, string> = {};
    try {
      if (target.operation === 'token') return issueToken(call, this.#knobs(), this.#tokens);
      const tenant = this.#tenant(this.#gate.enter(call, target, headers));
      const reply = this.#serve(call, target, tenant);
      return { ...reply, headers: { ...headers, ...reply.headers } };
    } catch (error) {
      if (!(error instanceof EgainFault)) throw error;
      const reply = faultReply(error, call.headers['x-egain-error-message'] === 'yes');
      return { ...reply, headers: { ...headers, ...reply.headers } };
    }
  }

  objects(): Record<EgainKind, JsonObject[]> {
    const kinds = EGAIN_RESOURCES.map(({ kind }) => [
      kind,
      [...this.#tenants].flatMap(([name, tenant]) =>
        tenant.list(kind).map((record) => ({ tenant: name, ...shown(record) })),
      ),
    ]);
    return Object.fromEntries(kinds) as Record<EgainKind, JsonObject[]>;
  }

  insert(kind: string, objects: JsonObject[], scope = EGAIN_CREDENTIALS[0]?.tenant ?? ''): string[] {
    const { kind: known, fields: table } = definitionOf(kind);
    const tenant = this.#tenants.get(scope);
    if (!tenant) throw new ControlError(400, `scope: no eGain tenant ${scope}`);
    return objects.map((object) => {
      const { id, created, modified, ...fields } = object;
      const given = Object.fromEntries(
        Object.entries({ id, created, modified }).filter(([, value]) => typeof value === 'string'),
      );
      if (typeof id === 'string' && tenant.get(known, id)) throw new ControlError(409, `objects: id ${id} is taken`);
      return tenant.add(known, { ...takeFields(table, fields), ...fields }, given).id;
    });
  }

  edit(kind: string, id: string, patch: JsonObject): JsonObject {
    const { tenant, record, definition } = this.#anywhere(kind, id);
    const fields = mergePatch(record.fields, patch);
    return shown(tenant.replace(definition.kind, record, isObject(fields) ? fields : {}));
  }

  remove(kind: string, id: string): void {
    const { tenant, record, definition } = this.#anywhere(kind, id);
    tenant.delete(definition.kind, record);
  }

  revokeTokens(): number {
    return this.#tokens.revokeAll();
  }

  reset({ seed }: { seed: boolean }): void {
    this.#tokens.revokeAll();
    this.#gate.reset();
    this.#tenants.clear();
    for (const credential of EGAIN_CREDENTIALS) {
      const tenant = new EgainTenant(this.#clock);
      this.#tenants.set(credential.tenant, tenant);
      const knobs = this.#knobs();
      seedTenant(tenant, credential, seed ? knobs : { ...knobs, seeds: 'required' });
    }
  }

  keep(): Kept {
    return [...this.#tenants].map(([name, tenant]) => [name, tenant.records()]);
  }

  restore(kept: unknown): void {
    for (const [name, kinds] of kept as Kept) {
      const tenant = new EgainTenant(this.#clock);
      for (const [kind, records] of kinds) for (const record of records) tenant.add(kind, record.fields, record);
      this.#tenants.set(name, tenant);
    }
  }

  #serve(call: VendorCall, { definition, operation, id }: Target, tenant: EgainTenant): VendorReply {
    if (!definition || operation === 'unknown') {
      throw new EgainFault('404-101', `${call.method} ${call.path} was not found`);
    }
    this.#checkQuery(call.query, operation);
    if (operation === 'list') return this.#list(call, definition, tenant);
    if (operation === 'create') return this.#create(call, definition, tenant);
    const record = recordOf(tenant, definition, id ?? '');
    if (operation === 'update') return this.#update(call, definition, tenant, record);
    if (operation === 'delete') return this.#delete(definition, tenant, record);
    return { status: 200, body: JSON.stringify(this.#render(definition, record)), objectId: record.id };
  }

  #checkQuery(query: URLSearchParams, operation: Operation): void {
    const knobs = this.#knobs();
    if (knobs.unknownQuery === 'ignored') return;
    const known = operation === 'list' ? listParameters(knobs) : [];
    const unknown = [...query.entries()].filter(([name]) => !known.includes(name));
    if (unknown.length > 0) {
      const details = unknown.map(([key, value]) => ({ key, value }));
      throw new EgainFault('400-101', 'Unsupported query parameter', details);
    }
  }

  #list({ query }: VendorCall, definition: EgainResource, tenant: EgainTenant): VendorReply {
    const knobs = this.#knobs();
    const now = this.#clock.now();
    const all = tenant.list(definition.kind, knobs.listOrder);
    const isAll = tenant.allVisibleAt(definition.kind) <= now;
    const visible = isAll ? all : all.filter(({ visibleAt }) => visibleAt <= now);
    const { from, records, paginationInfo } = pageOf(visible, query, knobs);
    const items = records.map((record) => this.#render(definition, record));
    const page = { from, to: from + records.length, of: visible.length };
    return { status: 200, body: JSON.stringify({ paginationInfo, [definition.kind]: items }), page };
  }

  #create(call: VendorCall, definition: EgainResource, tenant: EgainTenant): VendorReply {
    const knobs = this.#knobs();
    const body = bodyOf(call.body, definition, knobs, false);
    checkReferences(tenant, definition, body, knobs);
    checkUnique(tenant, definition, body, knobs);
    const { id } = tenant.add(definition.kind, takeFields(definition.fields, body), {
      visibleAt: this.#clock.now() + knobs.listLagMs,
    });
    const reply: VendorReply = { status: 201, changed: true, objectId: id };
    if (knobs.createdId !== 'body') reply.headers = { location: `${BASE}${definition.path}/${id}` };
    if (knobs.createdId !== 'location') reply.body = JSON.stringify({ id });
    return reply;
  }

  #update(call: VendorCall, definition: EgainResource, tenant: EgainTenant, record: EgainRecord): VendorReply {
    const knobs = this.#knobs();
    const body = bodyOf(call.body, definition, knobs, true);
    checkModified(record, body, knobs);
    checkReferences(tenant, definition, body, knobs);
    checkUnique(tenant, definition, body, knobs, record);
    checkChannelKept(definition, record, body, knobs);
    tenant.replace(definition.kind, record, takeFields(definition.fields, body));
    return { status: 204, changed: true, objectId: record.id };
  }

  #delete({ kind }: EgainResource, tenant: EgainTenant, record: EgainRecord): VendorReply {
    const knobs = this.#knobs();
    checkUnreferenced(tenant, kind, record.id, knobs);
    tenant.delete(kind, record);
    return { status: knobs.deleteStatus, changed: true, objectId: record.id };
  }

  #render(definition: EgainResource, record: EgainRecord): JsonObject {
    const whole = shown(record);
    const display = displaySecrets(whole, secretNames(definition.fields), this.#knobs().secrets);
    return isObject(display) ? display : whole;
  }

  #tenant(name: string): EgainTenant {
    const tenant = this.#tenants.get(name);
    if (!tenant) throw new EgainFault('401-101', 'The tenant of this token does not exist');
    return tenant;
  }

  #anywhere(kind: string, id: string): { tenant: EgainTenant; record: EgainRecord; definition: EgainResource } {
    const definition = definitionOf(kind);
    for (const tenant of this.#tenants.values()) {
      const record = tenant.get(definition.kind, id);
      if (record) return { tenant, record, definition };
    }
    throw new ControlError(404, `no ${kind} ${id} at egain`);
  }
}

const COLLECTION_OPERATIONS: Record<string, Operation> = { GET: 'list', POST: 'create' };
const OBJECT_OPERATIONS: Record<string, Operation> = { GET: 'get', PUT: 'update', DELETE: 'delete' };

function locate(method: string, path: string): Target {
  if (path === TOKEN_PATH && method === 'POST') return { resource: 'token', operation: 'token' };
  const [collection, id, ...more] = path.startsWith(BASE) ? segments(path.slice(BASE.length)) : [];
  const definition = EGAIN_RESOURCES.find((candidate) => candidate.path === collection);
  if (!definition || more.length > 0) return { resource: 'unknown', operation: 'unknown' };
  const operation = (id === undefined ? COLLECTION_OPERATIONS : OBJECT_OPERATIONS)[method] ?? 'unknown';
  return { resource: definition.kind, operation, definition, ...(id !== undefined && { id }) };
}

function recordOf(tenant: EgainTenant, { kind }: EgainResource, id: string): EgainRecord {
  if (!ID.test(id)) throw new EgainFault('400-108', 'The id in the path is not valid', [{ key: 'id', value: id }]);
  const record = tenant.get(kind, id.toLowerCase());
  if (!record) throw new EgainFault('404-100', `No ${kind} with this id`, [{ key: 'id', value: id }]);
  return record;
}

function shown({ id, created, modified, fields }: EgainRecord): JsonObject {
  return { id, created, modified, ...fields };
}

function definitionOf(kind: string): EgainResource {
  const definition = EGAIN_RESOURCES.find((candidate) => candidate.kind === kind);
  if (definition) return definition;
  const known = EGAIN_RESOURCES.map((resource) => resource.kind).join(', ');
  throw new ControlError(400, `kind: eGain has ${known}; not ${kind}`);
}
