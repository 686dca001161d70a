import { z } from 'zod';
import { parseMarker } from '#libs/contracts/index.js';
import { parseDuration } from '#libs/fields/duration.js';
import { characters } from '#libs/text/characters.js';
import { basicUserName, body, identifier, line, list, secret, url } from '#libs/fields/fields.js';
import { SINCH_NAME_LIMIT } from './plan.js';

/** The credential object that each channel takes, LINE one of two (`docs/vendors/sinch.md` §3.3). */
export const SINCH_CREDENTIALS = {
  SMS: ['static_bearer'],
  WHATSAPP: ['static_bearer'],
  RCS: ['static_bearer'],
  VIBERBM: ['static_bearer'],
  MESSENGER: ['static_token'],
  INSTAGRAM: ['instagram_credentials'],
  TELEGRAM: ['telegram_credentials'],
  MMS: ['mms_credentials'],
  KAKAOTALK: ['kakaotalk_credentials'],
  KAKAOTALKCHAT: ['kakaotalkchat_credentials'],
  LINE: ['line_credentials', 'line_enterprise_credentials'],
  WECHAT: ['wechat_credentials'],
  APPLEBC: ['applebc_credentials'],
} as const satisfies Record<string, readonly string[]>;

export type SinchChannel = keyof typeof SINCH_CREDENTIALS;

export const SINCH_CHANNELS = Object.keys(SINCH_CREDENTIALS) as [SinchChannel, ...SinchChannel[]];

/** What a webhook may be called for (`docs/vendors/sinch.md` §4). */
export const SINCH_TRIGGERS = [
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
] as const;

/** One entry per channel, and for LINE one per number from 0 to 255. */
const MOST_CHANNELS = SINCH_CHANNELS.length - 1 + 256;

const SERVER_FIELD = 'is set by Sinch: leave it out';
const lineCountry = body({ token: secret(), secret: secret() }).optional();

const channelCredentialSchema = body(
  {
    channel: z.enum(SINCH_CHANNELS),
    callback_secret: secret({ allowEmpty: true, inline: atMost(256) }).optional(),
    credential_ordinal_number: z.int().min(0).max(255).optional(),
    static_bearer: body({
      claimed_identity: identifier(),
      token: secret().optional().meta({ description: 'VIBERBM alone does without one' }),
    }).optional(),
    static_token: body({ token: secret() }).optional(),
    instagram_credentials: body({ token: secret(), business_account_id: identifier().optional() }).optional(),
    telegram_credentials: body({ token: secret() }).optional(),
    mms_credentials: body({
      account_id: identifier(),
      api_key: secret(),
      basic_auth: body({ username: basicUserName(), password: secret() }).optional(),
      default_sender: identifier().optional(),
    }).optional(),
    kakaotalk_credentials: body({ kakaotalk_plus_friend_id: identifier(), kakaotalk_sender_key: secret() }).optional(),
    kakaotalkchat_credentials: body({
      kakaotalk_plus_friend_id: identifier(),
      api_key: secret().optional(),
    }).optional(),
    line_credentials: body({ token: secret(), secret: secret(), is_default: z.boolean().optional() }).optional(),
    line_enterprise_credentials: body({
      line_japan: lineCountry,
      line_thailand: lineCountry,
      is_default: z.boolean().optional(),
    }).optional(),
    wechat_credentials: body({
      app_id: identifier(),
      app_secret: secret(),
      token: secret(),
      aes_key: secret(),
    }).optional(),
    applebc_credentials: body({
      business_chat_account_id: identifier(),
      merchant_id: identifier().optional(),
      apple_pay_certificate_reference: identifier().optional(),
      apple_pay_certificate_password: secret().optional(),
    }).optional(),
  },
  { state: SERVER_FIELD, channel_known_id: SERVER_FIELD },
).meta({ id: 'SinchChannelCredential', description: 'One channel with the one credential object that it takes' });

/** A Conversation API app (`docs/vendors/sinch.md` §3.1). */
export const sinchAppSchema = body(
  {
    display_name: line({ max: SINCH_NAME_LIMIT, rule: markerFault })
      .optional()
      .meta({ description: '{tenant}.{account}.sinch.app when left out' }),
    channel_credentials: list(channelCredentialSchema, MOST_CHANNELS)
      .optional()
      .meta({ description: 'In the order of priority; one entry per channel, several for LINE' }),
    conversation_metadata_report_view: z.enum(['NONE', 'FULL']).optional(),
    retention_policy: body({
      retention_type: z
        .enum(['MESSAGE_EXPIRE_POLICY', 'CONVERSATION_EXPIRE_POLICY', 'PERSIST_RETENTION_POLICY'])
        .optional(),
      ttl_days: z.int().min(1).max(3650).optional(),
    }).optional(),
    dispatch_retention_policy: body({
      retention_type: z.enum(['MESSAGE_EXPIRE_POLICY']).optional(),
      ttl_days: z.int().min(0).max(7).optional(),
    }).optional(),
    processing_mode: z.enum(['CONVERSATION', 'DISPATCH']).optional().meta({ description: 'DISPATCH when left out' }),
    smart_conversation: body({ enabled: z.boolean() }).optional(),
    callback_settings: body({
      secret_for_overridden_callback_urls: secret({ allowEmpty: true }).optional(),
    }).optional(),
    message_retry_settings: body({
      retry_duration: z.int().min(30).max(3600).optional().meta({ description: 'Seconds' }),
    }).optional(),
    delivery_report_based_fallback: body({
      enabled: z.boolean().optional(),
      delivery_report_waiting_time: z.int().min(60).max(259_200).optional().meta({ description: 'Seconds' }),
    }).optional(),
  },
  {
    id: SERVER_FIELD,
    rate_limits: SERVER_FIELD,
    queue_stats: SERVER_FIELD,
    persist_message_status: SERVER_FIELD,
    message_search: SERVER_FIELD,
  },
).meta({ id: 'SinchApp' });

/** A webhook of the app (`docs/vendors/sinch.md` §4); the app is wired. */
export const sinchWebhookSchema = body(
  {
    target: url(742).meta({ description: 'Unique in the app' }),
    target_type: z.enum(['HTTP', 'DISMISS']).optional().meta({ description: 'HTTP when left out' }),
    triggers: list(z.enum(SINCH_TRIGGERS), 100).optional(),
    secret: secret({ allowEmpty: true }).optional(),
    client_credentials: body({
      client_id: identifier(),
      client_secret: secret(),
      endpoint: url(),
      scope: identifier({ max: 1024, min: 0 }).optional(),
      response_type: identifier({ max: 64, min: 0 }).optional(),
      token_request_type: z.enum(['BASIC', 'FORM']).optional(),
    })
      .nullable()
      .optional(),
  },
  { id: SERVER_FIELD, app_id: 'is wired to the app of this spec: leave it out' },
).meta({ id: 'SinchWebhook' });

/** Longest time to wait for channels: a year. */
const LONGEST_WAIT_MS = 366 * 86_400_000;

/** The Sinch section of a spec. */
export const sinchSchema = body({
  app: sinchAppSchema,
  webhooks: list(sinchWebhookSchema, 5).optional(),
  waitForActive: z
    .union(
      [
        z.boolean(),
        z.string().refine(isWait, { error: 'must be a time such as 30m or PT30M, more than 0 and at most 366 days' }),
      ],
      { error: 'must be true or false or a text such as 30m' },
    )
    .optional()
    .meta({ description: 'Wait until all channels are active: true (30 minutes, the default), a duration, or false' }),
}).meta({ id: 'SinchSpec' });

function markerFault(value: string): string | undefined {
  if (parseMarker(value) === undefined) return undefined;
  return 'must not hold a mark of ownership (gw:...): the engine puts its own behind the name';
}

function isWait(value: string): boolean {
  const ms = parseDuration(value);
  return ms !== undefined && ms > 0 && ms <= LONGEST_WAIT_MS;
}

function atMost(max: number): (value: string) => string | undefined {
  return (value) => (characters(value) <= max ? undefined : `must be at most ${max} characters long`);
}
