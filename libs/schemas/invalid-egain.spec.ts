import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '#libs/contracts/index.js';
import { edited, fullEgainSpec } from '#test/factories/index.js';
import { parseSpec, specDocument } from './parse-spec.js';

const LONG = 'x'.repeat(256);
const CUSTOMER = '/egain/clientApplication/roles/0';
const CHANNEL = '/egain/channels/0';
const ACCOUNT = `${CHANNEL}/account`;
const ORCHESTRATION = '/egain/orchestration/applications';

const ID = '45a0b1c2-d3e4-4f50-8617-283940a5b6c7';

const repeat = (count: number, item: JsonValue): JsonValue[] => Array.from({ length: count }, () => item);
const option = { name: 'tone', value: 'kind' };
const language = { language: 'en-US', properties: [] };

/** Where the full spec is changed, to what (`undefined`: taken out), and what of its message must be there. The finding is at the same place unless named. */
const cases: [at: string, value: JsonValue | undefined, message: RegExp, reason: string, findings?: string[]][] = [
  ['/egain/authentication/name', LONG, /at most 255/, 'a name has 1..255 characters'],
  ['/egain/authentication/name', '', /empty/, 'a name has 1..255 characters'],
  ['/egain/authentication/description', 'x', /written by the engine/, 'the description holds the marker'],
  ['/egain/authentication/modified', '2026-01-01T00:00:00Z', /set by eGain/, 'modified is for updates'],
  ['/egain/authentication/active', 'yes', /true or false/, 'active is boolean'],
  ['/egain/authentication/type', 'digest', /one of oauth2, basic/, 'enum'],
  ['/egain/authentication/type', undefined, /is missing/, 'type is required'],
  ['/egain/authentication/oauth2', undefined, /the type oauth2 needs it/, 'oauth2 goes with its type'],
  [
    '/egain/authentication/basicAuth',
    { username: 'u', password: 'p' },
    /belongs to the type basic/,
    'basicAuth goes with its type',
  ],
  ['/egain/authentication/oauth2/tokenRequestUrl', undefined, /is missing/, 'the token URL is required'],
  ['/egain/authentication/oauth2/tokenRequestUrl', 'http://acme.example/t', /https/, 'https only'],
  ['/egain/authentication/oauth2/method', 'PUT', /GET, POST/, 'enum'],
  ['/egain/authentication/oauth2/accessTokenPath', 'accessToken', /JSONPath/, 'it is a JSONPath'],
  ['/egain/authentication/oauth2/payload', '', /must not be empty/, 'an empty secret is a slip'],
  ['/egain/authentication/oauth2/payload', '[secret]', /give the secret itself/, 'a redacted spec was sent back'],
  ['/egain/authentication/oauth2/payload', 'sealed:v1:abc', /sealed/, 'only this installation seals'],
  [
    '/egain/authentication/oauth2/payload',
    { env: 'HOME' },
    /GANGWAY_SECRET_/,
    'other variables are nobody’s business',
    ['/egain/authentication/oauth2/payload/env'],
  ],
  [
    '/egain/authentication/oauth2/payload',
    { file: '../passwd' },
    /no slashes/,
    'only files inside the folder',
    ['/egain/authentication/oauth2/payload/file'],
  ],
  [
    '/egain/authentication/oauth2/payload',
    { file: '..' },
    /no slashes/,
    'only files inside the folder',
    ['/egain/authentication/oauth2/payload/file'],
  ],
  ['/egain/authentication/oauth2/payload', 7, /a text or an object/, 'a secret has two forms'],
  ['/egain/authentication/oauth2/headers/0/name', 'X Key:', /name of an HTTP header/, 'a header name is a token'],
  ['/egain/authentication/oauth2/headers/0/value', 'a\r\nb', /line break/, 'it would end the header'],

  ['/egain/clientApplication', undefined, /is missing: give an object/, 'every chain has one'],
  ['/egain/clientApplication/roles', [], /at least 1 item/, '1..7 roles'],
  ['/egain/clientApplication/roles', repeat(8, { name: 'customer' }), /at most 7 items/, '1..7 roles'],
  [`${CUSTOMER}/name`, 'custmer', /did you mean customer\?/, 'enum', [CUSTOMER.slice(0, -2), `${CUSTOMER}/name`]],
  [
    `${CUSTOMER}/name`,
    'custom_agent',
    /twice/,
    'a role is unique in its list',
    [CUSTOMER.slice(0, -2), '/egain/clientApplication/roles/1/name'],
  ],
  [
    `${CUSTOMER}/name`,
    'egain_agent',
    /no role named customer/,
    'custom channels answer to the customer role',
    [CUSTOMER.slice(0, -2)],
  ],
  [`${CUSTOMER}/version`, 'v2', /one of v1, v3/, 'enum'],
  [`${CUSTOMER}/callback`, undefined, /is missing/, 'the callback is required'],
  [`${CUSTOMER}/callback`, 'acme.example/x', /absolute URL/, 'a URL is absolute'],
  [`${CUSTOMER}/callback`, 'https://127.0.0.1/x', /private/, 'the vendor cannot reach it'],
  [`${CUSTOMER}/callback`, 'https://192.168.1.9/x', /private/, 'the vendor cannot reach it'],
  [`${CUSTOMER}/callback`, 'https://[::1]/x', /private/, 'the vendor cannot reach it'],
  [`${CUSTOMER}/callback`, 'https://u:p@acme.example/x', /user name or password/, 'that is a secret in the clear'],
  [`${CUSTOMER}/callback`, 'https://{host}/x', /placeholder/, 'a template was sent unfilled'],
  [`${CUSTOMER}/callback`, 'https://acme.example/<id>', /placeholder/, 'a template was sent unfilled'],
  [`${CUSTOMER}/notificationEmail`, 'ops', /e-mail/, 'it is mailed'],
  [`${CUSTOMER}/headers/0/value`, undefined, /is missing/, 'name and value are required'],
  [`${CUSTOMER}/authentication`, { id: 'abc' }, /36 characters/, 'eGain’s ids', [`${CUSTOMER}/authentication/id`]],
  [`${CUSTOMER}/calback`, 'x', /did you mean callback\?/, 'an unknown field is a slip'],

  [
    '/egain/bot/clientApplication/roles/0/name',
    'customer',
    /role of a bot/,
    'a bot needs the role of one',
    ['/egain/bot/clientApplication/roles'],
  ],
  ['/egain/bot/participant', undefined, /is missing/, 'a bot takes part'],
  ['/egain/bot/participant/type', 'egain_bot', /use custom_bot/, 'the type is the role'],
  ['/egain/bot/participant/application', { id: 'x' }, /is wired/, 'references are wired'],
  ['/egain/bot/participant/intents/intent', undefined, /is missing/, 'required if intents is given'],
  ['/egain/bot/participant/intents/intent/0/displayValue', undefined, /is missing/, 'required'],
  ['/egain/bot/participant/options', [], /at least 1/, '1..25 options'],
  ['/egain/bot/participant/options', repeat(26, option), /at most 25/, '1..25 options'],
  ['/egain/bot/clientApplication/name', 'ACME-hub', /different/, 'names are unique whatever the case'],

  ['/egain/channels', [], /at least 1/, 'an account has a channel'],
  [`${CHANNEL}/type`, LONG, /at most 255/, '1..255 characters'],
  [`${CHANNEL}/type`, 'custom.a\u0000b', /control/, 'it becomes part of a key'],
  [`${CHANNEL}/type`, 'custom.ACME-shop', /there twice/, 'one channel per type', ['/egain/channels/1/type']],
  [`${CHANNEL}/type`, 'Google Business Messages', /31 July 2024/, 'no longer offered'],
  [`${CHANNEL}/type`, 'google_business_messages', /31 July 2024/, 'no longer offered'],
  [`${CHANNEL}/type`, '😀'.repeat(255), /900 bytes/, 'the key must fit into an activity id'],
  [`${CHANNEL}/displayName`, undefined, /is missing/, 'required'],
  [`${CHANNEL}/displayName`, LONG, /at most 255/, '1..255 characters'],
  [`${CHANNEL}/icon`, undefined, /is missing/, 'required'],
  [`${CHANNEL}/icon`, 'A'.repeat(512_004), /at most 512000/, '1..512000 characters'],
  [`${CHANNEL}/icon`, 'data:image/png;base64,AAAA', /base64/, 'base64 only'],
  [`${CHANNEL}/icon`, 'AAAAA', /base64/, 'base64 comes in fours'],
  [`${CHANNEL}/restrictions/inbound/features/0`, 'richtext', /did you mean richText\?/, 'enum'],
  [`${CHANNEL}/restrictions/inbound/systemMessages`, true, /not a known field/, 'outbound only'],
  [`${CHANNEL}/restrictions/inbound/maxTextLength`, 1.5, /whole number/, 'an integer'],
  [`${CHANNEL}/restrictions/outbound/attachmentPolicy/type`, 'deny', /allow, block/, 'enum'],
  [`${CHANNEL}/restrictions/outbound/attachmentPolicy/maxSize`, -1, /at least 0/, 'a size'],
  [`${CHANNEL}/restrictions/outbound/midChatAuth`, 'true', /true or false/, 'boolean'],
  [`${CHANNEL}/l10nProperties`, [], /at least 1/, '1..25 items'],
  [`${CHANNEL}/l10nProperties`, repeat(26, language), /at most 25/, '1..25 items'],
  [`${CHANNEL}/l10nProperties/0/language`, undefined, /is missing/, 'texts are per language'],
  [`${CHANNEL}/name`, 'x', /not a known field/, 'a channel has no name'],

  [ACCOUNT, undefined, /is missing/, 'a channel without an account is of no use'],
  [`${ACCOUNT}/address`, undefined, /is missing/, 'required'],
  [`${ACCOUNT}/address`, LONG, /at most 255/, '1..255 characters'],
  [
    `${ACCOUNT}/name`,
    'ACME custom.acme-shop',
    /different/,
    'names are unique whatever the case',
    ['/egain/channels/1/account/name'],
  ],
  [`${ACCOUNT}/channel`, { id: 'x' }, /is wired/, 'references are wired'],
  [`${ACCOUNT}/caseManagement/sameCaseDuration`, '60', /a number/, 'a number'],
  [`${ACCOUNT}/chatConfigurations`, undefined, /is missing/, 'required'],
  [`${ACCOUNT}/chatConfigurations/timeout`, undefined, /is missing/, 'required'],
  [`${ACCOUNT}/chatConfigurations/onAgentUnavailability`, 'wait', /off_hours, retain_and_retry/, 'enum'],
  [`${ACCOUNT}/chatConfigurations/orchestration`, { id: 'x' }, /is wired/, 'references are wired'],
  [`${ACCOUNT}/chatConfigurations/entryPoint`, undefined, /is missing/, 'required'],
  [`${ACCOUNT}/chatConfigurations/entryPoint/id`, 1001, /a text/, 'an id is a text'],
  [`${ACCOUNT}/attributes`, [], /at least 1/, '1..10 items'],
  [`${ACCOUNT}/attributes`, repeat(11, option), /at most 10/, '1..10 items'],

  ['/egain/orchestration/description', 'x', /written by the engine/, 'the description holds the marker'],
  [`${ORCHESTRATION}/customerConfiguration`, {}, /is wired/, 'references are wired'],
  [`${ORCHESTRATION}/agentConfiguration/agents`, [], /at least 1/, 'no agents are left out, not an empty list'],
  [`${ORCHESTRATION}/agentConfiguration/agents/0/id`, undefined, /is missing/, 'an agent is an id'],
  [`${ORCHESTRATION}/botConfiguration/bots/0/id`, ID, /is wired/, 'the bot is wired'],
  [`${ORCHESTRATION}/botConfiguration/bots/0/participant`, { id: ID }, /is wired/, 'the bot is wired'],
  [
    `${ORCHESTRATION}/botConfiguration/bots/-`,
    { id: ID },
    /outside this spec/,
    'others are given by their ids',
    [`${ORCHESTRATION}/botConfiguration/bots/1/participant`],
  ],
  [
    `${ORCHESTRATION}/botConfiguration/bots/0/onEscalation`,
    {},
    /is missing/,
    'required if given',
    [`${ORCHESTRATION}/botConfiguration/bots/0/onEscalation/agent`],
  ],
  [`${ORCHESTRATION}/agentConfiguration/agents/0/id`, 'agents', /36 characters/, 'no id of eGain'],
  [`${ORCHESTRATION}/botConfiguration/bots/0/onEscalation/agent/id`, '5b0c', /36 characters/, 'no id of eGain'],
  [`${ORCHESTRATION}/botConfiguration/bypassVaDuration`, -1, /at least 0/, 'minutes'],
  [`${ORCHESTRATION}/botConfiguration/forwardTranscript`, 1, /true or false/, 'boolean'],
  [
    '/egain/bot',
    undefined,
    /outside this spec/,
    'a bot that is not in the spec needs its ids',
    [`${ORCHESTRATION}/botConfiguration/bots/0/id`, `${ORCHESTRATION}/botConfiguration/bots/0/participant`],
  ],
];

describe('an eGain section is refused', () => {
  it.each(cases)('%s = %j (%s): %s', (at, value, message, _reason, findings = [at]) => {
    const result = parseSpec(edited(specDocument(fullEgainSpec()), at, value), { allowPrivateUrls: false });
    const found = result.ok ? [] : result.findings;
    // Items of lists that are too long may be wrong too; the list itself is what the case is about.
    const own = Array.isArray(value) ? found.filter(({ pointer }) => pointer === at) : found;
    expect(own.map(({ pointer }) => pointer)).toEqual(findings);
    expect(own.map((finding) => finding.message)).toContainEqual(expect.stringMatching(message));
  });

  it('when its bot has two roles and the participant does not say which it has', () => {
    const bot = '/egain/bot';
    const document = edited(specDocument(fullEgainSpec()), `${bot}/participant/type`, undefined);
    const roles = ['custom_bot', 'egain_bot'].map((name) => ({
      name,
      version: 'v3',
      callback: 'https://acme.example/bot',
      notificationEmail: 'ops@acme.example',
    }));
    const pointers = (input: JsonObject): string[] => {
      const result = parseSpec(input, { allowPrivateUrls: false });
      return result.ok ? [] : result.findings.map(({ pointer }) => pointer);
    };
    const two = edited(document, `${bot}/clientApplication/roles`, roles);
    expect(pointers(two)).toEqual([`${bot}/participant/type`]);
    expect(pointers(edited(two, `${bot}/participant/type`, 'egain_bot'))).toEqual([]);
    expect(pointers(edited(two, `${bot}/participant`, 7))).toEqual([`${bot}/participant`]);
  });
});
