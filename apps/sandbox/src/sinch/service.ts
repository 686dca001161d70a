import type { Clock } from '../clock.js';
import { isObject, type JsonObject, mergePatch, parseJson, textOf } from '../json.js';
import { inOrder } from '../list-order.js';
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
import { SINCH_SECRETS, SinchApps } from './apps.js';
import { entriesFromRendered } from './channels.js';
import { isRegion, SINCH_REGIONS, type SinchRegion } from './credentials.js';
import { faultReply, invalid, SinchFault } from './errors.js';
import { SinchGate } from './gate.js';
import type { SinchKnobs } from './knobs.js';
import { type AppRecord, SinchStore, type WebhookRecord } from './store.js';
import { SinchWebhooks } from './webhooks.js';

const TOKEN_PATH = '/oauth2/token';

type SinchKind = 'app' | 'webhook';

/** What every region and project holds. */
type Kept = { region: SinchRegion; project: string; apps: AppRecord[]; webhooks: WebhookRecord[] }[];

interface Target extends CallTarget {
  region?: SinchRegion;
  project?: string;
  id?: string;
}

/** Apps and webhooks of the Conversation API in three regions, as docs/vendors/sinch.md documents them. */
export class SinchVendor implements Vendor {
  readonly #clock: Clock;
  readonly #knobs: () => SinchKnobs;
  readonly #tokens: TokenStore<'project'>;
  readonly #gate: SinchGate;
  readonly #apps: SinchApps;
  readonly #webhooks: SinchWebhooks;
  /** Keyed by region and project. */
  readonly #stores = new Map<string, SinchStore>();

  constructor({ clock, knobs }: VendorContext<SinchKnobs>) {
    this.#clock = clock;
    this.#knobs = knobs;
    this.#tokens = new TokenStore(clock);
    this.#gate = new SinchGate(clock, knobs, this.#tokens);
    this.#apps = new SinchApps(clock, knobs);
    this.#webhooks = new SinchWebhooks(clock, knobs);
  }

  identify(method: string, path: string): CallTarget {
    const { resource, operation } = locate(method, path);
    return { resource, operation };
  }

  handle(call: VendorCall): VendorReply {
    try {
      const target = locate(call.method, call.path);
      if (target.operation === 'token') return this.#gate.issueToken(call);
      const { region, project } = target;
      if (region === undefined || project === undefined) throw notFound(call);
      this.#gate.enter(call, project);
      return this.#serve(call, target, this.#store(region, project));
    } catch (error) {
      if (error instanceof SinchFault) return faultReply(error);
      throw error;
    }
  }

  objects(): Record<SinchKind, JsonObject[]> {
    const stores = [...this.#stores.values()];
    const place = ({ region, project }: SinchStore): JsonObject => ({ region, project });
    return {
      app: stores.flatMap((store) =>
        [...store.apps.values()].map((app) => ({ ...place(store), ...this.#apps.show(app) })),
      ),
      webhook: stores.flatMap((store) =>
        [...store.webhooks.values()].map((webhook) => ({ ...place(store), ...this.#webhooks.show(webhook) })),
      ),
    };
  }

  insert(kind: string, objects: JsonObject[], scope = 'eu'): string[] {
    const known = kindOf(kind);
    if (!isRegion(scope)) throw new ControlError(400, `scope: a region of ${SINCH_REGIONS.join(', ')}; not ${scope}`);
    const store = this.#store(scope, this.#knobs().projects[0] ?? '');
    return objects.map((object) => {
      const taken = known === 'app' ? store.apps : store.webhooks;
      if (typeof object.id === 'string' && taken.has(object.id)) {
        throw new ControlError(409, `objects: id ${object.id} is taken`);
      }
      if (known === 'app') return this.#apps.insert(store, object).id;
      if (!store.apps.has(textOf(object.app_id))) throw new ControlError(400, 'objects: app_id names no app there');
      return this.#webhooks.insert(store, object).id;
    });
  }

  edit(kind: string, id: string, patch: JsonObject): JsonObject {
    if (kindOf(kind) === 'app') {
      const { store, record } = this.#anywhere('app', id);
      const { channel_credentials: channels } = patch;
      const settings = mergePatch(record.settings, { ...patch, channel_credentials: null });
      const app: AppRecord = { ...record, settings: isObject(settings) ? settings : {} };
      if (Array.isArray(channels)) app.channels = entriesFromRendered(channels.filter(isObject));
      store.putApp(app);
      return this.#apps.show(app);
    }
    const { store, record } = this.#anywhere('webhook', id);
    const fields = mergePatch(record.fields, patch);
    const webhook: WebhookRecord = { ...record, fields: isObject(fields) ? fields : {} };
    store.putWebhook(webhook);
    return this.#webhooks.show(webhook);
  }

  remove(kind: string, id: string): void {
    if (kindOf(kind) === 'app') {
      const { store, record } = this.#anywhere('app', id);
      store.deleteApp(record);
    } else {
      const { store, record } = this.#anywhere('webhook', id);
      store.deleteWebhook(record);
    }
  }

  revokeTokens(): number {
    return this.#tokens.revokeAll();
  }

  reset(): void {
    this.#tokens.revokeAll();
    this.#gate.reset();
    this.#stores.clear();
  }

  keep(): Kept {
    return [...this.#stores.values()].map(({ region, project, apps, webhooks }) => ({
      region,
      project,
      apps: [...apps.values()],
      webhooks: [...webhooks.values()],
    }));
  }

  restore(kept: unknown): void {
    this.#stores.clear();
    for (const { region, project, apps, webhooks } of kept as Kept) {
      const store = this.#store(region, project);
      for (const app of apps) store.putApp(app);
      for (const webhook of webhooks) store.putWebhook(webhook);
    }
  }

  #serve(call: VendorCall, target: Target, store: SinchStore): VendorReply {
    const writes = target.operation !== 'list' && target.operation !== 'get';
    if (target.operation === 'unknown') throw notFound(call);
    if (writes && this.#knobs().credit === 'breached') throw new SinchFault(403, 'BILLING_CREDIT_LIMIT_BREACHED');
    return target.resource === 'app' ? this.#serveApp(call, target, store) : this.#serveWebhook(call, target, store);
  }

  #serveApp(call: VendorCall, { operation, id }: Target, store: SinchStore): VendorReply {
    if (operation === 'list') {
      const apps = this.#listed([...store.apps.values()]).map((app) => this.#apps.render(app));
      return { status: 200, body: `{"apps":[${apps.join(',')}]}` };
    }
    const answer = (app: AppRecord, changed: boolean): VendorReply => ({
      status: 200,
      body: this.#apps.render(app),
      changed,
      objectId: app.id,
    });
    if (operation === 'create') return answer(this.#apps.create(store, bodyOf(call)), true);
    const app = recordOf(store.apps, 'app', id);
    if (operation === 'get') return answer(app, false);
    if (operation === 'update') return answer(this.#apps.update(store, app, bodyOf(call), call.query), true);
    store.deleteApp(app);
    return this.#deleted(app.id);
  }

  #serveWebhook(call: VendorCall, { operation, id }: Target, store: SinchStore): VendorReply {
    if (operation === 'list') {
      const app = recordOf(store.apps, 'app', id);
      const webhooks = this.#listed(store.webhooksOf(app.id)).map((webhook) => this.#renderWebhook(webhook));
      return { status: 200, body: `{"webhooks":[${webhooks.join(',')}]}`, objectId: app.id };
    }
    const answer = (webhook: WebhookRecord, changed: boolean): VendorReply => ({
      status: 200,
      body: this.#renderWebhook(webhook),
      changed,
      objectId: webhook.id,
    });
    if (operation === 'create') return answer(this.#webhooks.create(store, bodyOf(call)), true);
    const webhook = recordOf(store.webhooks, 'webhook', id);
    if (operation === 'get') return answer(webhook, false);
    if (operation === 'update') return answer(this.#webhooks.update(store, webhook, bodyOf(call), call.query), true);
    store.deleteWebhook(webhook);
    return this.#deleted(webhook.id);
  }

  #deleted(objectId: string): VendorReply {
    const reply: VendorReply = { status: 200, changed: true, objectId };
    return this.#knobs().deleteBody === 'object' ? { ...reply, body: '{}' } : reply;
  }

  #renderWebhook(webhook: WebhookRecord): string {
    return JSON.stringify(displaySecrets(this.#webhooks.show(webhook), SINCH_SECRETS, this.#knobs().secrets));
  }

  #listed<T extends { id: string; visibleAt: number }>(records: T[]): readonly T[] {
    const now = this.#clock.now();
    const visible = records.filter(({ visibleAt }) => visibleAt <= now);
    return inOrder(visible, this.#knobs().listOrder);
  }

  #store(region: SinchRegion, project: string): SinchStore {
    const key = `${region}/${project}`;
    let store = this.#stores.get(key);
    if (!store) this.#stores.set(key, (store = new SinchStore(region, project)));
    return store;
  }

  #anywhere(kind: 'app', id: string): { store: SinchStore; record: AppRecord };
  #anywhere(kind: 'webhook', id: string): { store: SinchStore; record: WebhookRecord };
  #anywhere(kind: SinchKind, id: string): { store: SinchStore; record: AppRecord | WebhookRecord } {
    for (const store of this.#stores.values()) {
      const record = kind === 'app' ? store.apps.get(id) : store.webhooks.get(id);
      if (record) return { store, record };
    }
    throw new ControlError(404, `no ${kind} ${id} at sinch`);
  }
}

const COLLECTION_OPERATIONS: Record<string, Operation> = { GET: 'list', POST: 'create' };
const OBJECT_OPERATIONS: Record<string, Operation> = { GET: 'get', PATCH: 'update', DELETE: 'delete' };

/** `/{region}/v1/projects/{project}/apps[/{id}[/webhooks]]` and `.../webhooks[/{id}]`. */
function locate(method: string, path: string): Target {
  if (path === TOKEN_PATH && method === 'POST') return { resource: 'token', operation: 'token' };
  const unknown: Target = { resource: 'unknown', operation: 'unknown' };
  const [region, version, projects, project, collection, id, nested, ...more] = segments(path);
  if (!isRegion(region) || version !== 'v1' || projects !== 'projects' || project === undefined) return unknown;
  const place = { region, project, ...(id !== undefined && { id }) };
  if (collection === 'apps' && nested === 'webhooks' && more.length === 0) {
    return { ...place, resource: 'webhook', operation: method === 'GET' ? 'list' : 'unknown' };
  }
  if ((collection !== 'apps' && collection !== 'webhooks') || nested !== undefined) return { ...unknown, ...place };
  const resource = collection === 'apps' ? 'app' : 'webhook';
  if (id !== undefined) return { ...place, resource, operation: OBJECT_OPERATIONS[method] ?? 'unknown' };
  const operation = resource === 'webhook' && method === 'GET' ? 'unknown' : COLLECTION_OPERATIONS[method];
  return { ...place, resource, operation: operation ?? 'unknown' };
}

function bodyOf({ body }: VendorCall): JsonObject {
  const parsed = parseJson(body);
  if (!isObject(parsed)) throw invalid('the request body is not a JSON object');
  return parsed;
}

function recordOf<T>(records: ReadonlyMap<string, T>, kind: SinchKind, id = ''): T {
  const record = records.get(id);
  if (!record) throw new SinchFault(404, `${kind} ${id} was not found`);
  return record;
}

function notFound({ method, path }: VendorCall): SinchFault {
  return new SinchFault(404, `${method} ${path} was not found`);
}

function kindOf(kind: string): SinchKind {
  if (kind === 'app' || kind === 'webhook') return kind;
  throw new ControlError(400, `kind: Sinch has app and webhook; not ${kind}`);
}
