import { CHANNEL } from '../kinds.js';
import { defineEgainResource } from '../resource.js';

/** Boundaries of what may be sent, for each direction. */
const DIRECTIONS = ['inbound', 'outbound'].map((direction) => `restrictions.${direction}`);

/** What is restricted in both directions. */
const LIMITS = [
  'maxTextLength',
  'features',
  ...['enabled', 'maxSize', 'type', 'extensions'].map((name) => `attachmentPolicy.${name}`),
];

/** A kind of channel (`docs/vendors/egain.md` §7.4). One per type and tenant, so several accounts share it (§4). */
export const channel = defineEgainResource({
  kind: CHANNEL,
  uniqueKey: true,
  shared: true,
  fields: [
    ...['type', 'displayName', 'icon'],
    ...DIRECTIONS.flatMap((path) => LIMITS.map((name) => `${path}.${name}`)),
    ...['systemMessages', 'midChatAuth', 'richMessageTypes'].map((name) => `restrictions.outbound.${name}`),
    ...['language', 'properties[].name', 'properties[].value'].map((name) => `l10nProperties[].${name}`),
  ],
  sets: {
    ...Object.fromEntries(
      DIRECTIONS.flatMap((path) => [
        [`${path}.features`, null],
        [`${path}.richMessageTypes`, null],
        [`${path}.attachmentPolicy.extensions`, null],
      ]),
    ),
    l10nProperties: 'language',
    'l10nProperties[].properties': 'name',
  },
});
