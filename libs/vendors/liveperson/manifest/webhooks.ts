import { isJsonObject, type JsonObject } from '#libs/contracts/index.js';
import { headerValueFault } from '#libs/text/secret-faults.js';
import { around, type Check, list, notTextMessage, object, text, type TextRule, whole } from './checks.js';
import { below } from './review.js';
import { endpoint } from './uris.js';

/** The key for conversation changes (docs/vendors/liveperson.md §5.4 D13). */
export const CONVERSATION_CHANGE = 'cqm.ExConversationChangeNotification';
/** How the tables of the documents write that key; with it no event would ever come. */
export const CONVERSATION_CHANGE_ALIAS = 'ms.MessagingEventNotification.ExConversationChangeNotification';

/** The event types that an app can subscribe to. */
export const WEBHOOK_EVENTS = [
  'ms.MessagingEventNotification.ContentEvent',
  'ms.MessagingEventNotification.RichContentEvent',
  'ms.MessagingEventNotification.AcceptStatusEvent',
  'ms.MessagingEventNotification.ChatStateEvent',
  CONVERSATION_CHANGE,
] as const;

/** `token` of RFC 9110. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const headerName: TextRule = (value, pointer, review) => {
  if (!HEADER_NAME.test(value)) {
    review.error(pointer, 'must be the name of an HTTP header: letters, digits and hyphens, without blanks or a colon');
  }
};

/** A text, or in a manifest given as an object a reference to a secret, `{env}` or `{file}`, that is resolved later. */
const headerValue: Check = (value, pointer, review) => {
  if (!isSecretReference(value)) {
    const message = typeof value === 'string' ? headerTextFault(value) : notTextMessage(value);
    if (message !== undefined) review.error(pointer, message);
  } else if (review.givenAs === 'text') {
    review.error(pointer, 'must be a text: a reference to a secret is resolved only in a manifest given as an object');
  }
};

const header = object({
  fields: { header_name: text({}, headerName), header_value: headerValue },
  required: ['header_name', 'header_value'],
});

const webhook = object({
  fields: { endpoint: text({}, endpoint), max_retries: whole(0, 5), headers: list(header) },
  required: ['endpoint'],
});

const retry = object({
  fields: { retention_time: whole(2, 259_200, ' (seconds); leave retry out to go without it') },
  required: ['retention_time'],
});

/** The alias is looked at like any webhook; whether it may stand is decided here and in `withoutAlias`. */
const aliased = around(webhook, (value, pointer, review) => {
  webhook(value, pointer, review);
  if (review.givenAs === 'text') {
    review.error(pointer, `is not a key that LivePerson sends events for: write ${CONVERSATION_CHANGE}`);
  } else review.warn(pointer, `is rewritten to ${CONVERSATION_CHANGE}: with this key no event would come`);
});

const entries = object({
  fields: { ...Object.fromEntries(WEBHOOK_EVENTS.map((event) => [event, webhook])), retry },
  pattern: (key) => (key === CONVERSATION_CHANGE_ALIAS ? aliased : undefined),
});

/** `capabilities.webhooks`: a map of event types (`docs/vendors/liveperson.md` §5.1), with the alias of D13. */
export const webhooks = around(entries, (value, pointer, review) => {
  if (isJsonObject(value) && CONVERSATION_CHANGE_ALIAS in value && CONVERSATION_CHANGE in value) {
    review.error(below(pointer, CONVERSATION_CHANGE_ALIAS), `stands beside ${CONVERSATION_CHANGE}: leave this one out`);
  }
  entries(value, pointer, review);
});

/** The manifest with D13's alias written as LivePerson wants it, every key in its place; the same object where there is none. */
export function withoutAlias(manifest: JsonObject): JsonObject {
  const { capabilities } = manifest;
  const map = isJsonObject(capabilities) ? capabilities['webhooks'] : undefined;
  if (!isJsonObject(capabilities) || !isJsonObject(map)) return manifest;
  if (!Object.hasOwn(map, CONVERSATION_CHANGE_ALIAS) || Object.hasOwn(map, CONVERSATION_CHANGE)) return manifest;
  const renamed = Object.entries(map).map(([key, value]) => [
    key === CONVERSATION_CHANGE_ALIAS ? CONVERSATION_CHANGE : key,
    value,
  ]);
  return { ...manifest, capabilities: { ...capabilities, webhooks: Object.fromEntries(renamed) as JsonObject } };
}

function headerTextFault(value: string): string | undefined {
  return value === '' ? 'must not be empty' : headerValueFault(value);
}

function isSecretReference(value: Parameters<Check>[0]): boolean {
  if (!isJsonObject(value) || Object.keys(value).length !== 1) return false;
  const name = value['env'] ?? value['file'];
  return typeof name === 'string' && name !== '';
}
