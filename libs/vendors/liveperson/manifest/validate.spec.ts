import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '#libs/contracts/index.js';
import { validateManifest } from './index.js';
import { connector, engagement, generalManifest, webhook, webhookMap, withValue } from './manifest.fixture.js';

const HOOKS = '/capabilities/webhooks';
const CONTENT = `${HOOKS}/ms.MessagingEventNotification.ContentEvent`;
const ENGAGEMENT = '/capabilities/engagement';
const ALIAS = 'ms.MessagingEventNotification.ExConversationChangeNotification';
const CHANGE = 'cqm.ExConversationChangeNotification';

interface Case {
  reason: string;
  /** Where in the general manifest the value goes; the findings are expected at `at`, else at the same place. */
  pointer: string;
  value?: JsonValue;
  at?: string;
  message?: string;
}

const pointersOf = (findings: { pointer: string }[]): string[] => findings.map(({ pointer }) => pointer);
const changed = ({ pointer, value }: Case): JsonObject => withValue(generalManifest(), pointer, value);

describe('a manifest without any finding', () => {
  it.each([
    { reason: 'every documented field of a general app', manifest: generalManifest() },
    { reason: 'the smallest connector', manifest: connector() },
    { reason: 'D27: a web application without capabilities', manifest: { client_name: 'a', description: 'd' } },
    { reason: '`{}` is allowed for capabilities', manifest: { client_name: 'a', description: '', capabilities: {} } },
  ])('$reason', ({ manifest }) => {
    expect(validateManifest(manifest)).toEqual({
      ok: true,
      errors: [],
      warnings: [],
      manifest,
      text: JSON.stringify(manifest, null, 2),
    });
  });
});

const accepted: Case[] = [
  { reason: 'D3: free text is a name', pointer: '/client_name', value: 'My First App!' },
  { reason: 'D3: a variant with a language tag', pointer: '/client_name#pt-BR', value: 'Acme Brasil' },
  { reason: 'D3: a tag with script and region', pointer: '/client_name#zh-Hant-TW', value: 'Acme' },
  { reason: 'D4: what only the general page has is optional', pointer: '/display_name' },
  { reason: 'D5: a path of the site', pointer: '/logo_uri', value: '/src/img/Mobile-App.png' },
  { reason: 'D5: empty, as the vendor’s tool sends it', pointer: '/logo_uri', value: '' },
  { reason: 'D7: the limit is per item', pointer: '/redirect_uris', value: Array<string>(9).fill(uriOf(128)) },
  { reason: 'D9: other scopes that pages name', pointer: '/scope', value: 'msg.consumer faas.lambda.invoke' },
  { reason: 'D16: true is a boolean too', pointer: `${ENGAGEMENT}/design_window`, value: true },
  { reason: 'D16: true is a boolean too', pointer: `${ENGAGEMENT}/design_engagement`, value: true },
  { reason: 'D17: cart_items', pointer: `${ENGAGEMENT}/visitor_behavior`, value: ['cart_items'] },
  {
    reason: 'docs/vendors/liveperson.md §5.2: no behaviour at all',
    pointer: `${ENGAGEMENT}/visitor_behavior`,
    value: [],
  },
  { reason: 'D18: none at all', pointer: `${ENGAGEMENT}/target_audience`, value: [] },
  { reason: 'D19: none at all', pointer: `${ENGAGEMENT}/goal`, value: [] },
  { reason: 'D20: both values', pointer: `${ENGAGEMENT}/consumer_identity`, value: ['unauth', 'auth'] },
  { reason: 'D24: enabled is optional', pointer: '/enabled' },
  { reason: 'D24: switched off', pointer: '/enabled', value: false },
  { reason: 'D22: max_retries may be left out', pointer: CONTENT, value: webhook() },
  { reason: 'a header’s secret as a reference', pointer: `${CONTENT}/headers/0/header_value`, value: { env: 'TOKEN' } },
  {
    reason: 'a header’s secret as a reference',
    pointer: `${CONTENT}/headers/0/header_value`,
    value: { file: 'token' },
  },
  { reason: 'retry by time', pointer: HOOKS, value: { [CHANGE]: webhook(), retry: { retention_time: 2 } } },
];

describe('accepted without a finding', () => {
  it.each(accepted)('$reason: $pointer', (example) => {
    const { errors, warnings } = validateManifest(changed(example));
    expect([...errors, ...warnings]).toEqual([]);
  });
});

const refused: Case[] = [
  { reason: 'it is required', pointer: '/client_name', message: 'is missing' },
  { reason: 'blank is no name', pointer: '/client_name', value: ' \t ', message: 'blank' },
  { reason: 'blank is no name', pointer: '/client_name', value: '', message: 'blank' },
  { reason: 'D1: 128 at most', pointer: '/client_name', value: 'n'.repeat(129), message: '128 characters; it has 129' },
  { reason: 'limits count characters', pointer: '/client_name', value: '😀'.repeat(129), message: 'it has 129' },
  { reason: 'half a character cannot be sent', pointer: '/client_name', value: 'a\ud83d', message: 'surrogate' },
  { reason: 'D3: the same limit for variants', pointer: '/client_name#de', value: 'n'.repeat(129), message: '128' },
  { reason: 'D3: not a language tag', pointer: '/client_name#de_AT', value: 'x', message: 'language tag' },
  { reason: 'D3: not a language tag', pointer: '/client_name#', value: 'x', message: 'language tag' },
  {
    reason: 'only client_name has variants',
    pointer: '/display_name#de',
    value: 'x',
    message: 'did you mean display_name',
  },
  { reason: 'placeholder', pointer: '/client_name', value: 'com.{brand}.app', message: 'placeholder' },
  { reason: 'placeholder', pointer: '/scope', value: '<scope>', message: 'placeholder' },
  { reason: 'placeholder', pointer: '/entry_uri', value: 'https://{DOMAIN}/entry', message: 'placeholder' },
  { reason: 'placeholder', pointer: '/logo_uri', value: '/img/<logo>', message: 'placeholder' },
  { reason: 'placeholder', pointer: '/redirect_uris/0', value: 'http://{DOMAIN}/{PATH}', message: 'placeholder' },
  { reason: 'placeholder', pointer: `${CONTENT}/endpoint`, value: 'https://<host>/hook', message: 'placeholder' },
  { reason: 'a number is no text', pointer: '/display_name', value: 7, message: 'must be a text' },
  { reason: 'null is no text', pointer: '/description', value: null, message: 'must be a text' },
  { reason: 'nothing is coerced', pointer: '/enabled', value: 'false', message: 'without quotes' },
  { reason: 'nothing is coerced', pointer: '/quick_launch_enabled', value: 1, message: 'true or false' },
  { reason: 'D21: boolean, not text', pointer: `${ENGAGEMENT}/language_selection`, value: 'false', message: 'quotes' },
  { reason: 'D8: never a bare text', pointer: '/response_types', value: 'code', message: 'square brackets' },
  {
    reason: 'D18: never a bare text',
    pointer: `${ENGAGEMENT}/target_audience`,
    value: 'ip',
    message: 'square brackets',
  },
  { reason: 'D19: never a bare text', pointer: `${ENGAGEMENT}/goal`, value: 'url', message: 'square brackets' },
  { reason: 'D7: never a bare text', pointer: '/redirect_uris', value: 'https://a.com', message: 'square brackets' },
  { reason: 'D6: at least one if there', pointer: '/grant_types', value: [], message: 'at least 1' },
  {
    reason: 'D6: three values',
    pointer: '/grant_types/0',
    value: 'client_credential',
    message: 'did you mean client_credentials',
  },
  { reason: 'D6: each once', pointer: '/grant_types/2', value: 'client_credentials', message: 'twice' },
  {
    reason: 'one value with a blank',
    pointer: '/response_types/3',
    value: 'token id_token',
    message: 'must be one of',
  },
  { reason: 'each once', pointer: '/response_types/3', value: 'code', message: 'twice' },
  { reason: 'absolute', pointer: '/redirect_uris/0', value: 'app/callback', message: 'absolute' },
  { reason: 'http or https', pointer: '/redirect_uris/0', value: 'acme://callback', message: 'absolute' },
  { reason: 'no host', pointer: '/redirect_uris/0', value: 'https:///callback', message: 'absolute' },
  { reason: 'no fragment', pointer: '/redirect_uris/0', value: 'https://a.com/#top', message: 'fragment' },
  { reason: 'no blank', pointer: '/redirect_uris/0', value: 'https://a.com/a b', message: 'blanks' },
  { reason: 'D7: each 128', pointer: '/redirect_uris/0', value: uriOf(129), message: '128 characters' },
  { reason: 'absolute', pointer: '/entry_uri', value: '/entry', message: 'absolute' },
  { reason: '1024 at most', pointer: '/entry_uri', value: uriOf(1025), message: '1024' },
  { reason: 'D5: 1024 at most', pointer: '/logo_uri', value: uriOf(1025), message: '1024' },
  { reason: 'D5: neither absolute nor a path', pointer: '/logo_uri', value: 'logo.png', message: 'or empty' },
  { reason: '0 or more', pointer: '/enabled_for_profiles/0', value: -1, message: 'at least 0' },
  { reason: 'whole', pointer: '/enabled_for_profiles/0', value: 1.5, message: 'whole number' },
  { reason: 'nothing is coerced', pointer: '/enabled_for_profiles/0', value: '1', message: 'without quotes' },
  { reason: 'each once', pointer: '/enabled_for_profiles/1', value: 0, message: 'twice' },
  { reason: 'D10: 256 at most', pointer: '/description', value: 'd'.repeat(257), message: '256' },
  { reason: 'D9: 128 for the whole text', pointer: '/scope', value: `msg.consumer ${'s'.repeat(116)}`, message: '128' },
  { reason: 'D11: an object', pointer: '/capabilities', value: ['webhooks'], message: 'must be an object' },
  { reason: 'D11: an object', pointer: '/capabilities', value: null, message: 'must be an object' },
  { reason: 'D12: a map', pointer: HOOKS, value: [], message: 'must be an object' },
  { reason: 'D15: singular', pointer: '/capabilities/engagements', value: {}, message: 'did you mean engagement' },
  {
    reason: 'D14: no blank',
    pointer: `${HOOKS}/ms.MessagingEventNotification .ContentEvent`,
    value: webhook(),
    message: 'did you mean ms.MessagingEventNotification.ContentEvent?',
  },
  { reason: 'D13: both at once', pointer: `${HOOKS}/${ALIAS}`, value: webhook(), message: `beside ${CHANGE}` },
  { reason: 'unknown field', pointer: '/clientName', value: 'x', message: 'did you mean client_name' },
  { reason: 'unknown field', pointer: '/a~1b~0c', value: 'x', message: 'known are client_name' },
  { reason: 'unknown field', pointer: '/constructor', value: 'x', message: 'not a known field' },
  { reason: 'D23: at least one', pointer: `${ENGAGEMENT}/entry_point`, value: [], message: 'at least 1' },
  { reason: 'D23: at least one', pointer: `${ENGAGEMENT}/consumer_identity`, value: [], message: 'at least 1' },
  {
    reason: 'D20: two values',
    pointer: `${ENGAGEMENT}/consumer_identity/0`,
    value: 'Auth',
    at: `${ENGAGEMENT}/consumer_identity/0`,
    message: 'did you mean auth',
  },
  {
    reason: 'docs/vendors/liveperson.md §5.2: each once',
    pointer: `${ENGAGEMENT}/goal`,
    value: ['url', 'url'],
    at: `${ENGAGEMENT}/goal/1`,
    message: 'twice',
  },
  { reason: 'it is required', pointer: `${CONTENT}/endpoint`, message: 'is missing' },
  { reason: 'https alone', pointer: `${CONTENT}/endpoint`, value: 'http://hooks.acme.com', message: 'https://' },
  { reason: 'an address', pointer: `${CONTENT}/endpoint`, value: 'https://', message: 'absolute' },
  { reason: '0 to 5', pointer: `${CONTENT}/max_retries`, value: 6, message: '0 to 5' },
  { reason: '0 to 5', pointer: `${CONTENT}/max_retries`, value: -1, message: '0 to 5' },
  { reason: 'a list of pairs', pointer: `${CONTENT}/headers`, value: { a: 'b' }, message: 'must be a list' },
  { reason: 'name and value', pointer: `${CONTENT}/headers/0/header_name`, message: 'is missing' },
  { reason: 'name and value', pointer: `${CONTENT}/headers/0/header_value`, message: 'is missing' },
  { reason: 'an HTTP token', pointer: `${CONTENT}/headers/0/header_name`, value: 'X Key:', message: 'HTTP header' },
  { reason: 'not empty', pointer: `${CONTENT}/headers/0/header_name`, value: '', message: 'HTTP header' },
  { reason: 'not empty', pointer: `${CONTENT}/headers/0/header_value`, value: '', message: 'empty' },
  {
    reason: 'no second header',
    pointer: `${CONTENT}/headers/0/header_value`,
    value: 'a\r\nB: c',
    message: 'line break',
  },
  {
    reason: 'HTTP would cut it off',
    pointer: `${CONTENT}/headers/0/header_value`,
    value: 'acme ',
    message: 'begin or end',
  },
  {
    reason: 'no header holds it',
    pointer: `${CONTENT}/headers/0/header_value`,
    value: 'a\u0001b',
    message: 'control character',
  },
  ...['/client_name', '/client_name#de', '/display_name', '/scope'].flatMap((pointer) => [
    { reason: 'two names that look the same', pointer, value: 'acme ', message: 'begin or end' },
    { reason: 'two names that look the same', pointer, value: 'ac\u200bme', message: 'U+200B' },
    { reason: 'a name is one line', pointer, value: 'acme\nhelp', message: 'line break' },
    { reason: 'the file was not UTF-8', pointer, value: 'Caf\ufffd', message: 'UTF-8' },
  ]),
  { reason: 'no character', pointer: '/description', value: 'a\u0000b', message: 'U+0000' },
  ...['/redirect_uris/0', '/entry_uri', '/logo_uri', `${CONTENT}/endpoint`].flatMap((pointer) => [
    { reason: 'parsers read a slash', pointer, value: 'https://a.com\\b', message: 'backslash' },
    { reason: 'parsers drop it', pointer, value: 'https://a\u200b.com/', message: 'U+200B' },
    { reason: 'parsers drop it', pointer, value: 'https://a.com/\u0000', message: 'U+0000' },
    { reason: 'parsers read another host', pointer, value: 'https://0x8.8.8.8/', message: 'in full' },
    { reason: 'parsers resolve it', pointer, value: 'https://a.com/b/../c', message: 'part of its path' },
    { reason: 'no escape', pointer, value: 'https://a.com/100%', message: '%25' },
  ]),
  ...['/redirect_uris/0', '/entry_uri', '/logo_uri'].map((pointer) => ({
    reason: 'parsers put the slashes in',
    pointer,
    value: 'https:a.com/b',
    message: 'absolute',
  })),
  { reason: 'two slashes name a host', pointer: '/logo_uri', value: '//a.com/logo.png', message: 'one slash' },
  {
    reason: 'no reference',
    pointer: `${CONTENT}/headers/0/header_value`,
    value: { env: 'A', file: 'b' },
    message: 'text',
  },
  {
    reason: '2 seconds or more',
    pointer: `${HOOKS}/retry`,
    value: { retention_time: 1 },
    at: `${HOOKS}/retry/retention_time`,
    message: '2 to 259200',
  },
  {
    reason: '0 means to leave it out',
    pointer: `${HOOKS}/retry`,
    value: { retention_time: 0 },
    at: `${HOOKS}/retry/retention_time`,
    message: 'leave retry out',
  },
  {
    reason: '3 days at most',
    pointer: `${HOOKS}/retry`,
    value: { retention_time: 259_201 },
    at: `${HOOKS}/retry/retention_time`,
    message: '259200',
  },
  {
    reason: 'authorization_code needs an address',
    pointer: '/redirect_uris',
    value: [],
    message: 'authorization_code',
  },
  { reason: 'authorization_code needs an address', pointer: '/redirect_uris', message: 'authorization_code' },
  ...[
    'id',
    'client_id',
    'client_secret',
    'client_id_issued_at',
    'client_secret_expires_at',
    'deleted',
    'is_internal',
  ].map((key) => ({ reason: 'it is the server’s', pointer: `/${key}`, value: 'x', message: 'given by LivePerson' })),
  ...Object.keys(engagement()).map((key) => ({
    reason: 'all eight',
    pointer: `${ENGAGEMENT}/${key}`,
    message: 'is missing',
  })),
];

describe('refused at exactly its place', () => {
  it.each(refused)('$reason: $pointer = $value', (example) => {
    const verdict = validateManifest(changed(example));
    expect(verdict.ok).toBe(false);
    expect(verdict).not.toHaveProperty('manifest');
    expect(verdict.errors).toEqual([
      { pointer: example.at ?? example.pointer, message: expect.stringContaining(example.message ?? '') as string },
    ]);
  });

  it('never repeats a value, which may be a secret', () => {
    const verdict = validateManifest(
      generalManifest({ scope: 'canary{x}', logo_uri: 'canary', grant_types: ['canary'], enabled: 'canary' }),
    );
    expect(verdict.errors).toHaveLength(4);
    expect(JSON.stringify([verdict.errors, verdict.warnings])).not.toContain('canary');
  });

  it('finds everything at once', () => {
    const verdict = validateManifest({
      enabled: 'no',
      scope: 7,
      capabilities: { webhooks: { 'cqm.ExConversationChangeNotification': {} }, engagement: { goal: 'url' } },
    });
    expect(pointersOf(verdict.errors).sort()).toEqual(
      [
        ...Object.keys(engagement()).map((key) => `${ENGAGEMENT}/${key}`),
        `${HOOKS}/${CHANGE}/endpoint`,
        '/client_name',
        '/enabled',
        '/scope',
      ].sort(),
    );
  });
});

const warned: Case[] = [
  { reason: 'D1: the older page', pointer: '/client_name', value: 'n'.repeat(101), message: '100 characters' },
  { reason: 'bytes, should LivePerson count them', pointer: '/client_name', value: 'ü'.repeat(65), message: 'bytes' },
  { reason: 'the vendor’s form asks for it', pointer: '/description', message: 'is missing' },
  { reason: 'D5: the connector page', pointer: '/logo_uri', value: uriOf(129), message: '128' },
  { reason: 'D7: http away from home', pointer: '/redirect_uris/0', value: 'http://a.com', message: 'https' },
  { reason: 'better https', pointer: '/entry_uri', value: 'http://a.com', message: 'https' },
  { reason: 'D9: an unknown scope', pointer: '/scope', value: 'msg.consumer msg.agent', message: 'scope' },
  { reason: 'only in a current client', pointer: '/categories', value: ['a'], message: 'passed on' },
  { reason: 'only in a current client', pointer: '/overview', value: 'a', message: 'passed on' },
  { reason: 'only in answers', pointer: '/capabilities/broadcast', value: { enabled: true }, message: 'passed on' },
  { reason: 'D20: auth is absent', pointer: `${ENGAGEMENT}/consumer_identity`, value: ['unauth'], message: 'auth' },
  ...['localhost', 'hooks', '10.1.2.3', '127.0.0.1', '192.168.1.1', '172.31.0.1', '169.254.1.1', '100.64.0.1'].map(
    (host) => ({
      reason: 'LivePerson cannot reach it',
      pointer: `${CONTENT}/endpoint`,
      value: `https://${host}/hook`,
      message: 'private',
    }),
  ),
  { reason: 'programs read it differently', pointer: '/entry_uri', value: 'https://a.com/é', message: 'ASCII' },
  ...['[::1]', '[fd00::1]', '[fe80::1]', '[::ffff:10.0.0.1]', 'a.internal', 'b.local:8443'].map((host) => ({
    reason: 'LivePerson cannot reach it',
    pointer: `${CONTENT}/endpoint`,
    value: `https://${host}/hook`,
    message: 'private',
  })),
  {
    reason: 'nothing issues it',
    pointer: '/grant_types',
    value: ['client_credentials', 'refresh_token'],
    message: 'refresh_token',
  },
  {
    reason: 'nothing uses code',
    pointer: '/grant_types',
    value: ['client_credentials'],
    at: '/response_types',
    message: 'code',
  },
  {
    reason: 'D6: the app cannot answer',
    pointer: '/grant_types',
    value: ['authorization_code'],
    message: 'client_credentials',
  },
  { reason: 'a connector’s scope', pointer: '/scope', value: '', message: 'msg.consumer' },
  { reason: 'a connector’s scope', pointer: '/scope', message: 'msg.consumer' },
  { reason: 'not in the menu', pointer: '/entry_uri', message: 'quick launch' },
  {
    reason: 'time takes the place of counts',
    pointer: HOOKS,
    value: webhookMap({ retry: { retention_time: 259_200 } }),
    at: `${HOOKS}/ms.MessagingEventNotification.RichContentEvent/max_retries`,
    message: 'is ignored',
  },
];

describe('a warning that does not stop an installation', () => {
  it.each(warned)('$reason: $pointer = $value', (example) => {
    const verdict = validateManifest(changed(example));
    expect(verdict.ok).toBe(true);
    expect(verdict.warnings).toContainEqual({
      pointer: example.at ?? example.pointer,
      message: expect.stringContaining(example.message ?? '') as string,
    });
  });

  it.each(['8.8.8.8', 'hooks.acme.com', '172.32.0.1', '100.128.0.1', '[2001:db8::1]', 'a.example'])(
    '%s is public',
    (host) => {
      const manifest = withValue(connector(), `${CONTENT}/endpoint`, `https://${host}:8443/hook`);
      expect(validateManifest(manifest).warnings).toEqual([]);
    },
  );
});

/** An https address of so many characters. */
function uriOf(length: number): string {
  return 'https://a.com/'.padEnd(length, 'x');
}
