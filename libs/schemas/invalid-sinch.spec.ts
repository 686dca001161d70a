import { describe, expect, it } from 'vitest';
import type { JsonValue } from '#libs/contracts/index.js';
import { CHANNEL_CREDENTIALS, edited, fullEgainSpec } from '#test/factories/index.js';
import { parseSpec, specDocument } from './parse-spec.js';

const APP = '/sinch/app';
const HOOK = '/sinch/webhooks/0';
const CLIENT = `${HOOK}/client_credentials`;

/** Place of a channel's first entry in the full spec. */
function entry(channel: string): string {
  return `${APP}/channel_credentials/${CHANNEL_CREDENTIALS.findIndex((e) => e['channel'] === channel)}`;
}

const LINE = CHANNEL_CREDENTIALS.findIndex((e) => e['channel'] === 'LINE');
const LINES = [0, 1, 2].map((n) => `${APP}/channel_credentials/${LINE + n}`);
const bearer = { claimed_identity: 'x', token: 'x' };
const hook = (n: number): JsonValue => ({ target: `https://acme.example/${n}`, triggers: ['OPT_IN'] });

/** Where the full spec is changed, to what (`undefined`: taken out), and what of its message must be there. The finding is at the same place unless named. */
const cases: [at: string, value: JsonValue | undefined, message: RegExp, reason: string, findings?: string[]][] = [
  [APP, undefined, /is missing/, 'the section is about an app'],
  [`${APP}/display_name`, 'x'.repeat(129), /at most 128/, 'the customer’s part has 1..128 characters'],
  [
    `${APP}/display_name`,
    'A [gw:abc:acme.support:sinch.app]',
    /mark of ownership/,
    'a copied name carries a foreign mark',
  ],
  [`${APP}/conversation_metadata_report_view`, 'ALL', /NONE, FULL/, 'enum'],
  [`${APP}/retention_policy/retention_type`, 'MESSAGE_EXPIRY', /one of/, 'enum'],
  [`${APP}/retention_policy/ttl_days`, 0, /at least 1/, '1..3650'],
  [`${APP}/retention_policy/ttl_days`, 3651, /at most 3650/, '1..3650'],
  [
    `${APP}/dispatch_retention_policy/retention_type`,
    'PERSIST_RETENTION_POLICY',
    /MESSAGE_EXPIRE_POLICY/,
    'only that value',
  ],
  [`${APP}/dispatch_retention_policy/ttl_days`, 8, /at most 7/, '0..7'],
  [`${APP}/processing_mode`, 'dispatched', /did you mean DISPATCH\?/, 'enum'],
  [`${APP}/smart_conversation/enabled`, 1, /true or false/, 'boolean'],
  [`${APP}/message_retry_settings/retry_duration`, 29, /at least 30/, '30..3600 s'],
  [`${APP}/message_retry_settings/retry_duration`, 3601, /at most 3600/, '30..3600 s'],
  [`${APP}/delivery_report_based_fallback/delivery_report_waiting_time`, 59, /at least 60/, '60..259200 s'],
  [`${APP}/delivery_report_based_fallback/delivery_report_waiting_time`, 259_201, /at most 259200/, '60..259200 s'],
  [`${APP}/rate_limits`, {}, /set by Sinch/, 'the server’s'],
  [`${APP}/id`, '01EB37HMH1M6SV18ASNS3G135H', /set by Sinch/, 'the server’s'],
  [`${APP}/displayname`, 'x', /did you mean display_name\?/, 'an unknown field is a slip'],

  [`${entry('SMS')}/channel`, 'VIBER', /did you mean VIBERBM\?/, 'VIBER is deprecated'],
  [`${entry('SMS')}/channel`, 'WHATSAPP', /there twice/, 'one entry per channel', [`${entry('WHATSAPP')}/channel`]],
  [`${entry('SMS')}/static_bearer`, undefined, /SMS needs static_bearer/, 'each channel needs its credentials'],
  [`${entry('SMS')}/static_token`, { token: 'x' }, /does not belong to SMS/, 'exactly one credential object'],
  ...['SMS', 'WHATSAPP', 'RCS'].map((channel): (typeof cases)[number] => [
    `${entry(channel)}/static_bearer/token`,
    undefined,
    /is missing/,
    'required',
  ]),
  [`${entry('SMS')}/static_bearer/claimed_identity`, '', /empty/, 'required'],
  [`${entry('SMS')}/callback_secret`, 'x'.repeat(257), /at most 256/, '≤ 256 characters'],
  [`${entry('SMS')}/credential_ordinal_number`, 256, /at most 255/, '0..255'],
  [`${entry('SMS')}/credential_ordinal_number`, -1, /at least 0/, '0..255'],
  [`${entry('SMS')}/state`, {}, /set by Sinch/, 'the server’s'],
  [`${entry('MESSENGER')}/static_token`, undefined, /MESSENGER needs static_token/, 'its own credential object'],
  [`${entry('MESSENGER')}/static_bearer`, bearer, /does not belong to MESSENGER/, 'a token is no bearer'],
  [`${entry('INSTAGRAM')}/instagram_credentials/token`, undefined, /is missing/, 'required'],
  [
    `${entry('TELEGRAM')}/telegram_credentials`,
    {},
    /is missing/,
    'required',
    [`${entry('TELEGRAM')}/telegram_credentials/token`],
  ],
  [`${entry('MMS')}/mms_credentials/account_id`, undefined, /is missing/, 'required'],
  [`${entry('MMS')}/mms_credentials/basic_auth/password`, undefined, /is missing/, 'both or neither'],
  [`${entry('KAKAOTALK')}/kakaotalk_credentials/kakaotalk_sender_key`, undefined, /is missing/, 'required'],
  [`${entry('KAKAOTALKCHAT')}/kakaotalkchat_credentials/kakaotalk_plus_friend_id`, undefined, /is missing/, 'required'],
  [`${entry('WECHAT')}/wechat_credentials/aes_key`, undefined, /is missing/, 'required'],
  [`${entry('APPLEBC')}/applebc_credentials/business_chat_account_id`, undefined, /is missing/, 'required'],
  [`${LINES[0] ?? ''}/line_credentials`, undefined, /LINE needs line_credentials or line_enterprise/, 'one of two'],
  [
    `${LINES[0] ?? ''}/line_enterprise_credentials`,
    { line_japan: { token: 'x', secret: 'x' } },
    /takes one of the two/,
    'one of two',
  ],
  [`${LINES[1] ?? ''}/credential_ordinal_number`, 0, /another LINE entry/, 'numbers are unique among LINE entries'],
  [
    `${LINES[0] ?? ''}/credential_ordinal_number`,
    1,
    /another LINE entry/,
    'the later one is told',
    [`${LINES[1] ?? ''}/credential_ordinal_number`],
  ],
  [
    `${LINES[1] ?? ''}/line_enterprise_credentials/line_thailand`,
    { token: 'x', secret: 'x' },
    /exactly one of/,
    'one country',
    [`${LINES[1] ?? ''}/line_enterprise_credentials`],
  ],
  [`${LINES[1] ?? ''}/line_enterprise_credentials`, {}, /exactly one of/, 'one country'],

  ['/sinch/webhooks', [1, 2, 3, 4, 5, 6].map(hook), /at most 5/, 'five webhooks per app'],
  [`${HOOK}/target`, undefined, /is missing/, 'required'],
  [`${HOOK}/target`, `https://acme.example/${'x'.repeat(722)}`, /at most 742/, '≤ 742 characters'],
  [`${HOOK}/target`, 'https://conversation-api.eu.sinch.com/x', /host of Sinch/, 'forbidden host'],
  [`${HOOK}/target`, 'http://acme.example/x', /https/, 'https only'],
  [`${HOOK}/target`, 'https://localhost/x', /private/, 'Sinch cannot reach it'],
  [
    `${HOOK}/target`,
    'https://acme.example/sinch/events',
    /there twice/,
    'unique in the app',
    ['/sinch/webhooks/1/target'],
  ],
  [`${HOOK}/target_type`, 'HTTPS', /HTTP, DISMISS/, 'enum'],
  [`${HOOK}/triggers/0`, 'UNSPECIFIED_TRIGGER', /one of/, 'Sinch answers with an error'],
  [`${HOOK}/triggers/0`, 'SMART_CONVERSATION', /did you mean SMART_CONVERSATIONS\?/, 'a misspelling of an SDK'],
  [`${HOOK}/triggers/1`, 'MESSAGE_INBOUND', /there twice/, 'triggers are a set'],
  [`${HOOK}/app_id`, 'x', /is wired/, 'references are wired'],
  [
    CLIENT,
    {},
    /is missing/,
    'three are required',
    [`${CLIENT}/client_id`, `${CLIENT}/client_secret`, `${CLIENT}/endpoint`],
  ],
  [`${CLIENT}/endpoint`, 'https://10.1.2.3/token', /private/, 'Sinch cannot reach it'],
  [`${CLIENT}/scope`, 'x'.repeat(1025), /at most 1024/, '≤ 1024 characters'],
  [`${CLIENT}/response_type`, 'x'.repeat(65), /at most 64/, '≤ 64 characters'],
  [`${CLIENT}/token_request_type`, 'POST', /BASIC, FORM/, 'enum'],

  ['/sinch/waitForActive', 'soon', /30m/, 'a duration'],
  ['/sinch/waitForActive', '0s', /more than 0/, 'a wait takes time'],
  ['/sinch/waitForActive', 30, /true or false or a text/, 'a number has no unit'],
];

describe('a Sinch section is refused', () => {
  it.each(cases)('%s = %j (%s): %s', (at, value, message, _reason, findings = [at]) => {
    const result = parseSpec(edited(specDocument(fullEgainSpec()), at, value), { allowPrivateUrls: false });
    const found = result.ok ? [] : result.findings;
    expect(found.map(({ pointer }) => pointer)).toEqual(findings);
    expect(found.map((finding) => finding.message)).toContainEqual(expect.stringMatching(message));
  });
});
