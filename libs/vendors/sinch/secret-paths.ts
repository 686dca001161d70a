import { under } from '../common/secret-fields.js';

/** Secret fields in the body of an app (`docs/vendors/sinch.md` §3), as dot paths. */
export const APP_SECRETS = [
  'channel_credentials[].callback_secret',
  'channel_credentials[].static_bearer.token',
  'channel_credentials[].static_token.token',
  'channel_credentials[].instagram_credentials.token',
  'channel_credentials[].telegram_credentials.token',
  'channel_credentials[].mms_credentials.api_key',
  'channel_credentials[].mms_credentials.basic_auth.password',
  'channel_credentials[].kakaotalk_credentials.kakaotalk_sender_key',
  'channel_credentials[].kakaotalkchat_credentials.api_key',
  'channel_credentials[].line_credentials.token',
  'channel_credentials[].line_credentials.secret',
  'channel_credentials[].line_enterprise_credentials.line_japan.token',
  'channel_credentials[].line_enterprise_credentials.line_japan.secret',
  'channel_credentials[].line_enterprise_credentials.line_thailand.token',
  'channel_credentials[].line_enterprise_credentials.line_thailand.secret',
  'channel_credentials[].wechat_credentials.app_secret',
  'channel_credentials[].wechat_credentials.token',
  'channel_credentials[].wechat_credentials.aes_key',
  'channel_credentials[].applebc_credentials.apple_pay_certificate_password',
  'callback_settings.secret_for_overridden_callback_urls',
] as const;

/** Secret fields in the body of a webhook (`docs/vendors/sinch.md` §4). */
export const WEBHOOK_SECRETS = ['secret', 'client_credentials.client_secret'] as const;

/** Secret fields of the section. */
export const SECTION_SECRETS: readonly string[] = [
  ...under('app', APP_SECRETS),
  ...under('webhooks[]', WEBHOOK_SECRETS),
];
