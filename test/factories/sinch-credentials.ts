import type { JsonObject } from '#libs/contracts/index.js';

/** An entry of `channel_credentials` for each channel that Sinch documents, LINE in its three forms (`docs/vendors/sinch.md` §3.3). */
export const CHANNEL_CREDENTIALS: readonly JsonObject[] = [
  { channel: 'SMS', static_bearer: { claimed_identity: 'plan-1', token: 'sms-token' } },
  { channel: 'WHATSAPP', static_bearer: { claimed_identity: 'sender-1', token: 'whatsapp-token' } },
  { channel: 'RCS', static_bearer: { claimed_identity: 'rcs-auth-name', token: 'rcs-token' } },
  { channel: 'VIBERBM', static_bearer: { claimed_identity: 'viber-1', token: 'viber-token' } },
  { channel: 'MESSENGER', static_token: { token: 'messenger-token' } },
  { channel: 'INSTAGRAM', instagram_credentials: { token: 'instagram-token', business_account_id: '1789' } },
  { channel: 'TELEGRAM', telegram_credentials: { token: 'telegram-token' } },
  {
    channel: 'MMS',
    mms_credentials: {
      account_id: 'mms-1',
      api_key: 'mms-key',
      basic_auth: { username: 'mms', password: 'mms-password' },
      default_sender: '+15550100',
    },
  },
  {
    channel: 'KAKAOTALK',
    kakaotalk_credentials: { kakaotalk_plus_friend_id: '@acme', kakaotalk_sender_key: 'kakaotalk-key' },
  },
  {
    channel: 'KAKAOTALKCHAT',
    kakaotalkchat_credentials: { kakaotalk_plus_friend_id: '@acme', api_key: 'kakaotalkchat-key' },
  },
  {
    channel: 'LINE',
    credential_ordinal_number: 0,
    line_credentials: { token: 'line-token', secret: 'line-secret', is_default: true },
  },
  {
    channel: 'LINE',
    credential_ordinal_number: 1,
    line_enterprise_credentials: { line_japan: { token: 'japan-token', secret: 'japan-secret' }, is_default: false },
  },
  {
    channel: 'LINE',
    credential_ordinal_number: 2,
    line_enterprise_credentials: { line_thailand: { token: 'thailand-token', secret: 'thailand-secret' } },
  },
  {
    channel: 'WECHAT',
    wechat_credentials: { app_id: 'wx1', app_secret: 'wechat-secret', token: 'wechat-token', aes_key: 'wechat-aes' },
  },
  {
    channel: 'APPLEBC',
    applebc_credentials: {
      business_chat_account_id: 'abc-1',
      merchant_id: 'merchant-1',
      apple_pay_certificate_reference: 'certificate-1',
      apple_pay_certificate_password: 'apple-pay-password',
    },
  },
];
