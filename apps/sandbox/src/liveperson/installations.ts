import type { Clock } from '../clock.js';
import { isObject, type JsonObject, mergePatch, parseJson, textOf } from '../json.js';
import { inOrder } from '../list-order.js';
import type { VendorCall, VendorReply } from '../vendor.js';
import { LivePersonFault } from './errors.js';
import type { LivePersonKnobs } from './knobs.js';
import { checkManifest } from './manifest-checks.js';
import { type AppRecord, EXTRA_FIELDS, type LivePersonAccount, resourceOf, withoutServerFields } from './store.js';

/** What the server fills in where the manifest has none (docs/vendors/liveperson.md §5.5). */
const RESPONSE_TYPES = ['code', 'token', 'id_token'];
const VERSIONS = ['1.0', '2.0'];

/** The install API of an account: list, read, create, replace, delete with one revision for all (docs/vendors/liveperson.md §6). */
export class Installations {
  readonly #clock: Clock;
  readonly #knobs: () => LivePersonKnobs;

  constructor(clock: Clock, knobs: () => LivePersonKnobs) {
    this.#clock = clock;
    this.#knobs = knobs;
  }

  serve(call: VendorCall, account: LivePersonAccount, operation: string, id: string | undefined): VendorReply {
    if (!VERSIONS.includes(call.query.get('v') ?? ''))
      throw new LivePersonFault(400, `v must be ${VERSIONS.join(' or ')}`);
    if (operation === 'list') return this.#list(call, account);
    if (operation === 'create') return this.#create(call, account);
    const method = call.method === 'POST' ? overrideOf(call) : call.method;
    if (id === undefined || operation === 'unknown')
      throw new LivePersonFault(405, `${call.method} is not possible here`);
    if (method === 'GET') return this.#read(call, account, id);
    if (method === 'PUT') return this.#replace(call, account, id);
    if (method === 'DELETE') return this.#delete(call, account, id);
    throw new LivePersonFault(405, `${call.method} is not possible here`);
  }

  /** A person's create: the same rules, no revision. */
  install(account: LivePersonAccount, manifest: JsonObject): AppRecord {
    this.#check(manifest);
    this.#checkName(account, textOf(manifest.client_name));
    return this.#add(account, manifest);
  }

  /** A person's replace. */
  change(account: LivePersonAccount, app: AppRecord, manifest: JsonObject): void {
    this.#check(manifest);
    this.#checkName(account, textOf(manifest.client_name), app);
    app.fields = { enabled: true, ...manifest };
    account.touch();
  }

  #list(call: VendorCall, account: LivePersonAccount): VendorReply {
    const withDeleted = call.query.get('include_deleted') === 'true';
    const apps = [...account.apps.values()].filter(({ isDeleted }) => withDeleted || !isDeleted);
    const listed = inOrder(apps, this.#knobs().listOrder);
    const body = JSON.stringify(listed.map((app) => this.#show(app, this.#isSecretHidden(call))));
    return { status: 200, body, headers: this.#revisionOf(account) };
  }

  #read(call: VendorCall, account: LivePersonAccount, id: string): VendorReply {
    const app = account.find(id);
    const { deletedRead } = this.#knobs();
    const isShown = app?.isDeleted === false || deletedRead === 'shown' || call.query.get('include_deleted') === 'true';
    if (!app || !isShown) {
      throw new LivePersonFault(app && deletedRead === 'gone' ? 410 : 404, 'there is no such installation');
    }
    return this.#answer(200, account, app, this.#show(app, this.#isSecretHidden(call)), false);
  }

  #create(call: VendorCall, account: LivePersonAccount): VendorReply {
    const knobs = this.#knobs();
    const manifest = bodyOf(call);
    this.#check(manifest);
    const name = textOf(manifest.client_name);
    this.#letPersonIn(account, manifest);
    this.#checkName(account, name);
    const app = this.#add(account, manifest);
    const shown = this.#show(app, knobs.createBody === 'without-secret');
    return this.#answer(knobs.createStatus, account, app, knobs.createBody === 'empty' ? {} : shown, true);
  }

  #replace(call: VendorCall, account: LivePersonAccount, id: string): VendorReply {
    const app = this.#writable(call, account, id);
    const body = bodyOf(call);
    if (body.id !== undefined && body.id !== app.id)
      throw new LivePersonFault(400, 'id is that of another installation');
    const given = withoutServerFields(body);
    const merged = this.#knobs().replace === 'merge' ? mergePatch(app.fields, given) : given;
    const fields = isObject(merged) ? merged : given;
    this.#check(fields);
    this.#checkName(account, textOf(fields.client_name), app);
    app.fields = { enabled: true, ...fields };
    account.touch();
    return this.#answer(200, account, app, this.#show(app, this.#isSecretHidden(call)), true);
  }

  #delete(call: VendorCall, account: LivePersonAccount, id: string): VendorReply {
    const app = this.#writable(call, account, id);
    app.isDeleted = true;
    account.touch();
    const { deleteStatus } = this.#knobs();
    const reply = this.#answer(deleteStatus, account, app, this.#show(app, true), true);
    if (deleteStatus === 204) delete reply.body;
    return reply;
  }

  /** The app, once the revision that the client saw is the one in force. */
  #writable(call: VendorCall, account: LivePersonAccount, id: string): AppRecord {
    const knobs = this.#knobs();
    const app = account.find(id);
    if (!app || app.isDeleted) {
      throw new LivePersonFault(app && knobs.deletedRead === 'gone' ? 410 : 404, 'there is no such installation');
    }
    const seen = call.headers['if-match'];
    if (seen === undefined) throw new LivePersonFault(knobs.missingIfMatch, 'If-Match is needed');
    if (app.races < knobs.revisionRaces) {
      app.races += 1;
      account.touch();
    }
    if (seen !== '*' && seen.replace(/^(?:W\/)?"(.*)"$/, '$1') !== String(account.revision)) {
      throw new LivePersonFault(knobs.staleIfMatch, 'the revision is not the current one', this.#revisionOf(account));
    }
    return app;
  }

  #check(manifest: JsonObject): void {
    const messages = checkManifest(manifest, this.#knobs().unknownFields);
    if (messages.length > 0) throw new LivePersonFault(400, messages);
  }

  #checkName(account: LivePersonAccount, name: string, self?: AppRecord): void {
    const { duplicateName, deletedName } = this.#knobs();
    if (duplicateName === 'accepted') return;
    const isTaken = account
      .named(name)
      .some((app) => app !== self && (!app.isDeleted || (deletedName === 'taken' && self === undefined)));
    if (isTaken) throw new LivePersonFault(duplicateName, 'client_name is taken in this account');
  }

  /** Somebody at LivePerson makes an app of that name, once, between the client's list and its create. */
  #letPersonIn(account: LivePersonAccount, manifest: JsonObject): void {
    const { namesakeByPerson } = this.#knobs();
    const name = textOf(manifest.client_name);
    if (namesakeByPerson === 'none' || account.namesakes.has(name)) return;
    account.namesakes.add(name);
    this.#add(account, namesakeByPerson === 'same' ? manifest : { client_name: name, description: 'made by a person' });
  }

  #add(account: LivePersonAccount, manifest: JsonObject): AppRecord {
    const isClientIdSeparate = this.#knobs().clientId === 'separate';
    const fields = { enabled: true, response_types: RESPONSE_TYPES, ...manifest };
    return account.add(fields, this.#clock.now(), { isClientIdSeparate });
  }

  #show(app: AppRecord, isSecretHidden: boolean): JsonObject {
    const { client_secret: secret, ...rest } = resourceOf(app);
    return {
      ...rest,
      ...(!isSecretHidden && secret !== undefined && { client_secret: secret }),
      ...(this.#knobs().extraFields && EXTRA_FIELDS),
    };
  }

  #isSecretHidden({ query }: VendorCall): boolean {
    const { secretOnRead } = this.#knobs();
    return secretOnRead === 'hidden' || (secretOnRead === 'hidden-in-2.0' && query.get('v') === '2.0');
  }

  #answer(status: number, account: LivePersonAccount, app: AppRecord, body: JsonObject, changed: boolean): VendorReply {
    return { status, body: JSON.stringify(body), headers: this.#revisionOf(account), changed, objectId: app.id };
  }

  #revisionOf({ revision }: LivePersonAccount): Record<string, string> {
    const { revisionHeader } = this.#knobs();
    return {
      ...(revisionHeader !== 'etag' && { 'ac-revision': String(revision) }),
      ...(revisionHeader !== 'ac-revision' && { etag: `"${revision}"` }),
    };
  }
}

function bodyOf({ headers, body }: VendorCall): JsonObject {
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) {
    throw new LivePersonFault(415, 'the content type must be application/json');
  }
  const parsed = parseJson(body);
  if (!isObject(parsed)) throw new LivePersonFault(400, 'the body is not a JSON object');
  return parsed;
}

function overrideOf({ headers }: VendorCall): string {
  return String(headers['x-http-method-override'] ?? '').toUpperCase();
}
