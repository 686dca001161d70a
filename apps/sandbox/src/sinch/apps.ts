import { monotonicFactory } from 'ulid';
import type { Clock } from '../clock.js';
import { checkFields, type Fields, secretNames, takeFields } from '../fields.js';
import { isObject, type Json, type JsonObject } from '../json.js';
import { displaySecrets } from '../secrets.js';
import { APP_FIELDS, NULLABLE_SETTINGS, OUTBOUND_LIMIT, SERVER_SETTINGS } from './app-fields.js';
import { CHANNEL_SECRETS, checkChannels, type ChannelSpec, takeChannel } from './channel-fields.js';
import { ChannelClock, nextChange, presentChannels, renderChannel } from './channels.js';
import { invalid, refuseFindings, SinchFault } from './errors.js';
import type { SinchKnobs } from './knobs.js';
import { changesOf, checkMask, maskedBody, maskOf, optionalFields } from './mask.js';
import { type AppRecord, identityKey, type SinchStore } from './store.js';

/** Secret members of apps and webhooks alike. */
export const SINCH_SECRETS = new Set([...secretNames(APP_FIELDS), ...CHANNEL_SECRETS, 'client_secret']);

const PATCH_FIELDS: Fields = {
  ...optionalFields(APP_FIELDS),
  channel_credentials: { type: 'array', items: { type: 'object', fields: {} } },
};

/** Create, update and reading of apps (docs/vendors/sinch.md §2, §3). */
export class SinchApps {
  readonly #clock: Clock;
  readonly #knobs: () => SinchKnobs;
  /** Ids sort in the order of creation, also within one millisecond. */
  readonly #nextId = monotonicFactory();
  readonly #channelClock: ChannelClock;
  /** Rendered apps of which nothing changes by itself until the given time. */
  readonly #rendered = new WeakMap<AppRecord, { json: string; until: number; knobs: SinchKnobs }>();
  #noise = 0;

  constructor(clock: Clock, knobs: () => SinchKnobs) {
    this.#clock = clock;
    this.#knobs = knobs;
    this.#channelClock = new ChannelClock(knobs);
  }

  create(store: SinchStore, body: JsonObject): AppRecord {
    const { appCap, appCapStatus, listLagMs } = this.#knobs();
    const given = withoutNulls(body);
    const { channel_credentials: channels, ...settings } = given;
    refuseFindings([
      ...checkFields(APP_FIELDS, settings),
      ...(channels === undefined
        ? [{ problem: 'missing' as const, path: 'channel_credentials', message: 'channel_credentials is required' }]
        : checkChannels(channels)),
    ]);
    if (appCap !== null && store.apps.size >= appCap) {
      throw new SinchFault(appCapStatus, `the project has its ${appCap} apps already`);
    }
    const now = this.#clock.now();
    const app: AppRecord = {
      id: this.#nextId(now),
      settings: takeFields(APP_FIELDS, settings),
      given: new Set(Object.keys(settings)),
      channels: [],
      visibleAt: now + listLagMs,
    };
    app.channels = this.#channels(store, app, specsOf(channels));
    store.putApp(app);
    return app;
  }

  update(store: SinchStore, app: AppRecord, body: JsonObject, query: URLSearchParams): AppRecord {
    const mask = maskOf(query);
    if (mask) checkMask(mask, PATCH_FIELDS);
    const changes = changesOf(body, mask, app.settings, PATCH_FIELDS);
    const { channel_credentials: sent, ...masked } = maskedBody(body, changes);
    refuseFindings([...checkFields(PATCH_FIELDS, masked), ...(sent === undefined ? [] : checkChannels(sent))]);
    if (changes.has('display_name') && masked.display_name === undefined) {
      throw invalid('display_name cannot be cleared');
    }
    const settings: JsonObject = { ...app.settings };
    const given = new Set(app.given);
    for (const [name, value] of changes) {
      if (name === 'channel_credentials') continue;
      Reflect.deleteProperty(settings, name);
      if (value !== undefined) settings[name] = value;
      if (value === undefined) given.delete(name);
      else given.add(name);
    }
    const updated = { ...app, settings: takeFields(APP_FIELDS, settings), given };
    if (changes.has('channel_credentials')) updated.channels = this.#channels(store, app, specsOf(sent));
    store.putApp(updated);
    return updated;
  }

  /** Puts an app in place as given, without checks; defaults are filled in. */
  insert(store: SinchStore, object: JsonObject): AppRecord {
    const { id, channel_credentials: channels, ...settings } = object;
    const app: AppRecord = {
      id: typeof id === 'string' ? id : this.#nextId(this.#clock.now()),
      settings: takeFields(APP_FIELDS, settings),
      given: new Set(Object.keys(settings)),
      channels: [],
      visibleAt: 0,
    };
    app.channels = this.#channels(store, app, specsOf(channels));
    store.putApp(app);
    return app;
  }

  /** As the API shows it now, as text; kept until something in it changes. */
  render(app: AppRecord): string {
    const now = this.#clock.now();
    const knobs = this.#knobs();
    const kept = this.#rendered.get(app);
    if (kept && kept.until > now && kept.knobs === knobs && !knobs.queueNoise) return kept.json;
    const json = JSON.stringify(displaySecrets(this.show(app), SINCH_SECRETS, knobs.secrets));
    this.#rendered.set(app, { json, until: nextChange(app.channels, now), knobs });
    return json;
  }

  /** As it is stored, secrets in clear, states as of now. */
  show(app: AppRecord): JsonObject {
    const now = this.#clock.now();
    const { instagramTokenSwap, unsetSettings, queueNoise } = this.#knobs();
    const settings: JsonObject = { ...app.settings };
    if (unsetSettings === 'null') {
      for (const name of NULLABLE_SETTINGS) if (!app.given.has(name)) settings[name] = null;
    }
    const channels = presentChannels(app.channels, now).map((entry) => renderChannel(entry, now, instagramTokenSwap));
    if (queueNoise) this.#noise = (this.#noise + 1) % 1000;
    return {
      id: app.id,
      ...settings,
      channel_credentials: channels,
      ...SERVER_SETTINGS,
      queue_stats: { outbound_size: queueNoise ? this.#noise : 0, outbound_limit: OUTBOUND_LIMIT },
    };
  }

  #channels(store: SinchStore, app: AppRecord, specs: ChannelSpec[]): AppRecord['channels'] {
    const isShared = (spec: ChannelSpec): boolean => {
      const key = identityKey(spec);
      return key !== undefined && store.isShared(key, app.id);
    };
    const shared = this.#knobs().sharedIdentity === 'refused' ? specs.find(isShared) : undefined;
    if (shared) throw invalid(`channel ${shared.channel}: the identity is used by another app`);
    return this.#channelClock.replace(app.channels, specs, this.#clock.now(), isShared);
  }
}

function specsOf(channels: Json | undefined): ChannelSpec[] {
  return Array.isArray(channels) ? channels.filter(isObject).map(takeChannel) : [];
}

function withoutNulls(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}
