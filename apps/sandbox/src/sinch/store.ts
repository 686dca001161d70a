import type { JsonObject } from '../json.js';
import { identityOf } from './channel-fields.js';
import type { ChannelEntry } from './channels.js';
import type { SinchRegion } from './credentials.js';

export interface AppRecord {
  id: string;
  /** Every settable field but the channels, defaults filled in. */
  settings: JsonObject;
  /** Settings that the client has given at least once. */
  given: ReadonlySet<string>;
  channels: ChannelEntry[];
  /** From when on lists show it, in milliseconds since the epoch. */
  visibleAt: number;
}

export interface WebhookRecord {
  id: string;
  appId: string;
  fields: JsonObject;
  visibleAt: number;
}

/** The apps and webhooks of one project in one region; regions share nothing (docs/vendors/sinch.md §1). */
export class SinchStore {
  readonly region: SinchRegion;
  readonly project: string;
  readonly apps = new Map<string, AppRecord>();
  readonly webhooks = new Map<string, WebhookRecord>();
  readonly #webhooksOfApp = new Map<string, Map<string, WebhookRecord>>();
  readonly #appsByIdentity = new Map<string, Set<string>>();

  constructor(region: SinchRegion, project: string) {
    this.region = region;
    this.project = project;
  }

  putApp(app: AppRecord): void {
    const old = this.apps.get(app.id);
    if (old) this.#forgetIdentities(old);
    this.apps.set(app.id, app);
    for (const key of identityKeys(app)) {
      const users = this.#appsByIdentity.get(key);
      if (users) users.add(app.id);
      else this.#appsByIdentity.set(key, new Set([app.id]));
    }
  }

  /** Its webhooks go with it (`docs/vendors/sinch.md` §2, assumed). */
  deleteApp(app: AppRecord): void {
    this.#forgetIdentities(app);
    this.apps.delete(app.id);
    for (const webhook of this.webhooksOf(app.id)) this.deleteWebhook(webhook);
  }

  /** Whether an app other than `appId` has a channel with this identity. */
  isShared(key: string, appId: string): boolean {
    return [...(this.#appsByIdentity.get(key) ?? [])].some((id) => id !== appId);
  }

  webhooksOf(appId: string): WebhookRecord[] {
    return [...(this.#webhooksOfApp.get(appId)?.values() ?? [])];
  }

  putWebhook(webhook: WebhookRecord): void {
    this.webhooks.set(webhook.id, webhook);
    const siblings = this.#webhooksOfApp.get(webhook.appId) ?? new Map<string, WebhookRecord>();
    this.#webhooksOfApp.set(webhook.appId, siblings.set(webhook.id, webhook));
  }

  deleteWebhook(webhook: WebhookRecord): void {
    this.webhooks.delete(webhook.id);
    const siblings = this.#webhooksOfApp.get(webhook.appId);
    siblings?.delete(webhook.id);
    if (siblings?.size === 0) this.#webhooksOfApp.delete(webhook.appId);
  }

  #forgetIdentities(app: AppRecord): void {
    for (const key of identityKeys(app)) {
      const users = this.#appsByIdentity.get(key);
      users?.delete(app.id);
      if (users?.size === 0) this.#appsByIdentity.delete(key);
    }
  }
}

/** What tells the users of a channel apart, `undefined` where its credentials do not say. */
export function identityKey(spec: ChannelEntry['spec']): string | undefined {
  const identity = identityOf(spec);
  return identity === undefined ? undefined : `${spec.channel}/${identity}`;
}

function identityKeys({ channels }: AppRecord): string[] {
  return channels.map(({ spec }) => identityKey(spec)).filter((key) => key !== undefined);
}
