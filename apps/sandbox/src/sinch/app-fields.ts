import type { Field, Fields } from '../fields.js';

const flag: Field = { type: 'boolean', default: false };

/** The settable part of an app, channels aside: limits and defaults of docs/vendors/sinch.md §3.1. */
export const APP_FIELDS: Fields = {
  display_name: { type: 'string', required: true, min: 1 },
  conversation_metadata_report_view: { type: 'string', enum: ['NONE', 'FULL'], default: 'NONE' },
  retention_policy: {
    type: 'object',
    default: true,
    fields: {
      retention_type: {
        type: 'string',
        enum: ['MESSAGE_EXPIRE_POLICY', 'CONVERSATION_EXPIRE_POLICY', 'PERSIST_RETENTION_POLICY'],
        default: 'MESSAGE_EXPIRE_POLICY',
      },
      ttl_days: { type: 'integer', min: 1, max: 3650, default: 180 },
    },
  },
  dispatch_retention_policy: {
    type: 'object',
    default: true,
    fields: {
      retention_type: { type: 'string', enum: ['MESSAGE_EXPIRE_POLICY'], default: 'MESSAGE_EXPIRE_POLICY' },
      ttl_days: { type: 'integer', min: 0, max: 7, default: 0 },
    },
  },
  processing_mode: { type: 'string', enum: ['CONVERSATION', 'DISPATCH'], default: 'DISPATCH' },
  smart_conversation: { type: 'object', default: true, fields: { enabled: flag } },
  callback_settings: {
    type: 'object',
    default: true,
    fields: { secret_for_overridden_callback_urls: { type: 'string', secret: true, default: '' } },
  },
  message_retry_settings: {
    type: 'object',
    default: true,
    fields: { retry_duration: { type: 'integer', min: 30, max: 3600, default: 3600 } },
  },
  delivery_report_based_fallback: {
    type: 'object',
    default: true,
    fields: {
      enabled: flag,
      /** The default reads back although it is below the limit; sending it is refused. */
      delivery_report_waiting_time: { type: 'integer', min: 60, max: 259_200, default: 0 },
    },
  },
};

/** The two objects that may read back as null when they were never set (`docs/vendors/sinch.md` §3.2). */
export const NULLABLE_SETTINGS = ['delivery_report_based_fallback', 'message_retry_settings'] as const;

/** What Sinch adds to an app, apart from its id and channel states (`docs/vendors/sinch.md` §3.2). */
export const SERVER_SETTINGS = {
  rate_limits: { outbound: 25, inbound: 25, webhooks: 25 },
  persist_message_status: { enabled: false },
  message_search: { enabled: false },
};

export const OUTBOUND_LIMIT = 500_000;
