import { randomInt, randomUUID } from 'node:crypto';
import { type JsonObject, textOf } from '../json.js';

export interface AppRecord {
  id: string;
  clientId: string;
  clientSecret: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** What the client has set, and what the server filled in for it. */
  fields: JsonObject;
  isDeleted: boolean;
  isInternal: boolean;
  /** True once the vendor has switched the app off by itself. */
  isStruckOff: boolean;
  /** How often somebody else's write came in before one to this app. */
  races: number;
}

const SECRET_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const SECRET_LENGTH = 26;

/** An account at rest. */
export interface KeptAccount {
  id: string;
  apps: AppRecord[];
  namesakes: string[];
  revision: number;
}

/** The apps of one account. The revision is that of the whole collection: every write by anyone raises it. */
export class LivePersonAccount {
  readonly id: string;
  readonly apps = new Map<string, AppRecord>();
  /** Names of which a person has made a namesake. */
  readonly namesakes = new Set<string>();
  #revision = 1;

  constructor(id: string) {
    this.id = id;
  }

  /** The account that `keep` has answered. */
  static of({ id, apps, namesakes, revision }: KeptAccount): LivePersonAccount {
    const account = new LivePersonAccount(id);
    for (const app of apps) account.apps.set(app.id, app);
    for (const name of namesakes) account.namesakes.add(name);
    account.#revision = revision;
    return account;
  }

  keep(): KeptAccount {
    const { id, apps, namesakes, revision } = this;
    return { id, apps: [...apps.values()], namesakes: [...namesakes], revision };
  }

  get revision(): number {
    return this.#revision;
  }

  /** Writes down that the collection has changed. */
  touch(): void {
    this.#revision += 1;
  }

  add(fields: JsonObject, at: number, options: { isClientIdSeparate?: boolean; id?: string } = {}): AppRecord {
    const id = options.id ?? randomUUID();
    const app: AppRecord = {
      id,
      clientId: options.isClientIdSeparate ? randomUUID() : id,
      clientSecret: newSecret(),
      createdAt: at,
      fields,
      isDeleted: false,
      isInternal: false,
      isStruckOff: false,
      races: 0,
    };
    this.apps.set(id, app);
    this.touch();
    return app;
  }

  /** An app by `id` or `client_id`, deleted ones too. */
  find(id: string): AppRecord | undefined {
    return this.apps.get(id) ?? [...this.apps.values()].find(({ clientId }) => clientId === id);
  }

  named(name: string): AppRecord[] {
    return [...this.apps.values()].filter(({ fields }) => fields.client_name === name);
  }
}

/** The resource of docs/vendors/liveperson.md §5.5. */
export function resourceOf(app: AppRecord): JsonObject {
  return {
    ...app.fields,
    client_id_issued_at: Math.floor(app.createdAt / 1000),
    client_secret_expires_at: 0,
    client_id: app.clientId,
    client_secret: app.clientSecret,
    id: app.id,
    deleted: app.isDeleted,
    is_internal: app.isInternal,
  };
}

/** Fields of the resource that the server sets; a PUT may carry them and changes none. */
export const SERVER_FIELDS: readonly string[] = [
  ...['id', 'client_id', 'client_secret', 'client_id_issued_at', 'client_secret_expires_at'],
  ...['deleted', 'is_internal'],
];

/** Fields that only the knob `extraFields` brings. */
export const EXTRA_FIELDS: JsonObject = { install_source: 'sandbox', audit: { version: 3, tags: ['a', null] } };

/** What of a resource a client may set. */
export function withoutServerFields(resource: JsonObject): JsonObject {
  const names = new Set([...SERVER_FIELDS, ...Object.keys(EXTRA_FIELDS)]);
  return Object.fromEntries(Object.entries(resource).filter(([name]) => !names.has(name)));
}

/** Applies a whole resource to a record behind the client's back, server fields included. */
export function overwrite(app: AppRecord, resource: JsonObject): void {
  app.fields = withoutServerFields(resource);
  app.isDeleted = resource.deleted === true;
  app.isInternal = resource.is_internal === true;
  app.clientSecret = textOf(resource.client_secret) || app.clientSecret;
  app.clientId = textOf(resource.client_id) || app.clientId;
}

/** Whether an app asks for a grant type. */
export function hasGrant({ fields }: AppRecord, grant: string): boolean {
  return Array.isArray(fields.grant_types) && fields.grant_types.includes(grant);
}

/** Whether an app is neither deleted nor switched off. */
export function isEnabled({ fields }: AppRecord): boolean {
  return fields.enabled !== false;
}

/** 26 lower-case letters and digits, as in the vendor's examples. */
function newSecret(): string {
  return Array.from({ length: SECRET_LENGTH }, () => SECRET_CHARACTERS[randomInt(SECRET_CHARACTERS.length)]).join('');
}
