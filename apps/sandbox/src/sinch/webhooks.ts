import { monotonicFactory } from 'ulid';
import type { Clock } from '../clock.js';
import { checkFields, type Fields, takeFields } from '../fields.js';
import { type Json, type JsonObject, textOf } from '../json.js';
import { invalid, refuseFindings, SinchFault } from './errors.js';
import type { SinchKnobs } from './knobs.js';
import { changesOf, checkMask, maskedBody, maskOf, optionalFields } from './mask.js';
import type { SinchStore, WebhookRecord } from './store.js';

const TRIGGERS = [
  'MESSAGE_DELIVERY',
  'MESSAGE_SUBMIT',
  'MESSAGE_INBOUND',
  'EVENT_DELIVERY',
  'EVENT_INBOUND',
  'SMART_CONVERSATIONS',
  'MESSAGE_INBOUND_SMART_CONVERSATION_REDACTION',
  'CONVERSATION_START',
  'CONVERSATION_STOP',
  'CONVERSATION_DELETE',
  'CONTACT_CREATE',
  'CONTACT_DELETE',
  'CONTACT_MERGE',
  'CONTACT_UPDATE',
  'CONTACT_IDENTITIES_DUPLICATION',
  'UNSUPPORTED',
  'OPT_IN',
  'OPT_OUT',
  'CHANNEL_EVENT',
  'CAPABILITY',
  'RECORD_NOTIFICATION',
];

/** docs/vendors/sinch.md §4. */
const WEBHOOK_FIELDS: Fields = {
  target: { type: 'string', required: true, min: 1, max: 742, format: 'url' },
  target_type: { type: 'string', enum: ['HTTP', 'DISMISS'], default: 'HTTP' },
  triggers: { type: 'array', items: { type: 'string', enum: TRIGGERS }, default: true },
  secret: { type: 'string', secret: true, default: '' },
  client_credentials: {
    type: 'object',
    fields: {
      client_id: { type: 'string', required: true, min: 1 },
      client_secret: { type: 'string', required: true, min: 1, secret: true },
      endpoint: { type: 'string', required: true, format: 'url' },
      scope: { type: 'string', max: 1024 },
      response_type: { type: 'string', max: 64 },
      token_request_type: { type: 'string', enum: ['BASIC', 'FORM'], default: 'BASIC' },
    },
  },
};
const CREATE_FIELDS: Fields = { app_id: { type: 'string', required: true, min: 1 }, ...WEBHOOK_FIELDS };
const PATCH_FIELDS = optionalFields(WEBHOOK_FIELDS);
const FORBIDDEN_HOST = /^conversation-api\..+\.sinch\.com$/i;

/** Create, update and reading of webhooks (docs/vendors/sinch.md §2, §4). */
export class SinchWebhooks {
  readonly #clock: Clock;
  readonly #knobs: () => SinchKnobs;
  /** Ids sort in the order of creation, also within one millisecond. */
  readonly #nextId = monotonicFactory();

  constructor(clock: Clock, knobs: () => SinchKnobs) {
    this.#clock = clock;
    this.#knobs = knobs;
  }

  create(store: SinchStore, body: JsonObject): WebhookRecord {
    const given = withoutNulls(body);
    refuseFindings(checkFields(CREATE_FIELDS, given));
    const appId = textOf(given.app_id);
    if (!store.apps.has(appId)) throw new SinchFault(404, `app ${appId} was not found`);
    const { webhookCap, webhookTargets, listLagMs } = this.#knobs();
    checkTarget(store, appId, given.target, webhookTargets);
    if (store.webhooksOf(appId).length >= webhookCap) throw invalid(`an app has at most ${webhookCap} webhooks`);
    const now = this.#clock.now();
    const webhook = {
      id: this.#nextId(now),
      appId,
      fields: takeFields(WEBHOOK_FIELDS, given),
      visibleAt: now + listLagMs,
    };
    store.putWebhook(webhook);
    return webhook;
  }

  /** `target` is required in the body of a PATCH too, also where the mask does not name it. */
  update(store: SinchStore, webhook: WebhookRecord, body: JsonObject, query: URLSearchParams): WebhookRecord {
    const mask = maskOf(query);
    if (mask) checkMask(mask, PATCH_FIELDS);
    if (typeof body.target !== 'string') throw invalid('target is required');
    const changes = changesOf(body, mask, webhook.fields, PATCH_FIELDS);
    const masked = maskedBody(body, changes);
    refuseFindings(checkFields(PATCH_FIELDS, masked));
    if (changes.has('target')) {
      const { webhookTargetChange } = this.#knobs();
      if (webhookTargetChange === 'refused' && masked.target !== webhook.fields.target) {
        throw invalid('target cannot be changed');
      }
      checkTarget(store, webhook.appId, masked.target, this.#knobs().webhookTargets, webhook.id);
    }
    const fields: JsonObject = { ...webhook.fields };
    for (const [name, value] of changes) {
      Reflect.deleteProperty(fields, name);
      if (value !== undefined) fields[name] = value;
    }
    const updated = { ...webhook, fields: takeFields(WEBHOOK_FIELDS, fields) };
    store.putWebhook(updated);
    return updated;
  }

  /** Puts a webhook in place as given, without checks; defaults are filled in. */
  insert(store: SinchStore, object: JsonObject): WebhookRecord {
    const { id, app_id: appId, ...fields } = object;
    const webhook = {
      id: typeof id === 'string' ? id : this.#nextId(this.#clock.now()),
      appId: textOf(appId),
      fields: takeFields(WEBHOOK_FIELDS, fields),
      visibleAt: 0,
    };
    store.putWebhook(webhook);
    return webhook;
  }

  /** As it is stored, secrets in clear. */
  show({ id, appId, fields }: WebhookRecord): JsonObject {
    return { id, app_id: appId, ...fields, client_credentials: fields.client_credentials ?? null };
  }
}

function checkTarget(
  store: SinchStore,
  appId: string,
  target: Json | undefined,
  targets: SinchKnobs['webhookTargets'],
  self?: string,
): void {
  if (typeof target !== 'string') throw invalid('target is required');
  if (FORBIDDEN_HOST.test(new URL(target).hostname)) throw invalid('target must not be a host of the Conversation API');
  if (targets === 'free') return;
  const taken = store.webhooksOf(appId).some(({ id, fields }) => id !== self && fields.target === target);
  if (taken) throw invalid('target must be unique among the webhooks of the app');
}

function withoutNulls(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}
