export type { Check } from './checks.js';
export { manifestFields } from './fields.js';
export { MOST_MANIFEST_VALUES } from './reading.js';
export type { Finding } from './review.js';
export { type ManifestVerdict, validateManifest } from './validate.js';
export { CONVERSATION_CHANGE, CONVERSATION_CHANGE_ALIAS, WEBHOOK_EVENTS } from './webhooks.js';
