import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '#libs/contracts/index.js';
import { planOnboarding } from '#libs/onboarding/index.js';
import { expandTexts } from '#libs/planning/index.js';
import {
  canarySpec,
  connectorManifest,
  edited,
  fullEgainSpec,
  livepersonSpec,
  planningContext,
} from '#test/factories/index.js';
import { parseSpec, specDocument } from './parse-spec.js';
import { urlFields } from './url.rules.js';

const full: JsonObject = { ...specDocument(fullEgainSpec()), adopt: false };
const basic: JsonObject = { ...specDocument(canarySpec('basic').spec), adopt: false };
const liveperson: JsonObject = specDocument(
  livepersonSpec({
    liveperson: {
      manifest: connectorManifest({ 'client_name#de': 'Acme-Hilfe', redirect_uris: ['https://acme.example/back'] }),
      handoff: { dueInMs: 86_400_000, contact: 'Ada of Acme' },
    },
  }),
);

/** How a field takes texts: the kinds of `textFault`, and those that have rules of their own. */
type Kind = 'identifier' | 'line' | 'lines' | 'url' | 'secret' | 'secret of lines' | 'header' | 'set form';

/** Every text field of a spec, in the full specs of the factories. One that is not listed fails the test below. */
const FIELDS: Record<Exclude<Kind, 'set form'>, readonly string[]> = {
  identifier: [
    'connections.*',
    'egain.authentication.oauth2.accessTokenPath',
    'egain.authentication.basicAuth.username',
    'egain.bot.participant.intents.intent[].value',
    'egain.bot.participant.options[].name',
    'egain.channels[].type',
    'egain.channels[].restrictions.*.attachmentPolicy.extensions[]',
    'egain.channels[].restrictions.outbound.richMessageTypes[]',
    'egain.channels[].l10nProperties[].language',
    'egain.channels[].l10nProperties[].properties[].name',
    'egain.channels[].account.address',
    'egain.channels[].account.chatConfigurations.defaultLanguage',
    'egain.channels[].account.chatConfigurations.entryPoint.id',
    'egain.channels[].account.attributes[].name',
    'sinch.app.channel_credentials[].static_bearer.claimed_identity',
    'sinch.app.channel_credentials[].instagram_credentials.business_account_id',
    'sinch.app.channel_credentials[].mms_credentials.account_id',
    'sinch.app.channel_credentials[].mms_credentials.basic_auth.username',
    'sinch.app.channel_credentials[].mms_credentials.default_sender',
    'sinch.app.channel_credentials[].kakaotalk_credentials.kakaotalk_plus_friend_id',
    'sinch.app.channel_credentials[].kakaotalkchat_credentials.kakaotalk_plus_friend_id',
    'sinch.app.channel_credentials[].wechat_credentials.app_id',
    'sinch.app.channel_credentials[].applebc_credentials.business_chat_account_id',
    'sinch.app.channel_credentials[].applebc_credentials.merchant_id',
    'sinch.app.channel_credentials[].applebc_credentials.apple_pay_certificate_reference',
    'sinch.webhooks[].client_credentials.client_id',
    'sinch.webhooks[].client_credentials.scope',
    'sinch.webhooks[].client_credentials.response_type',
  ],
  line: [
    'labels.*',
    'egain.authentication.name',
    'egain.clientApplication.name',
    'egain.bot.clientApplication.name',
    'egain.bot.participant.name',
    'egain.bot.participant.intents.intent[].displayValue',
    'egain.channels[].displayName',
    'egain.channels[].account.name',
    'egain.orchestration.name',
    'sinch.app.display_name',
    'liveperson.manifest.client_name',
    'liveperson.manifest.client_name#de',
    'liveperson.manifest.display_name',
    'liveperson.manifest.scope',
    'liveperson.handoff.contact',
  ],
  lines: [
    'egain.bot.participant.options[].value',
    'egain.channels[].l10nProperties[].properties[].value',
    'liveperson.manifest.description',
  ],
  url: [
    ...urlFields(),
    'liveperson.manifest.redirect_uris[]',
    'liveperson.manifest.logo_uri',
    'liveperson.manifest.capabilities.webhooks.*.endpoint',
  ],
  'secret of lines': ['egain.authentication.oauth2.payload', 'egain.channels[].account.attributes[].value'],
  header: [
    'egain.authentication.oauth2.headers[].value',
    'egain.clientApplication.roles[].headers[].value',
    'egain.bot.clientApplication.roles[].headers[].value',
    'liveperson.manifest.capabilities.webhooks.*.headers[].header_value',
  ],
  secret: [
    'egain.authentication.basicAuth.password',
    'sinch.app.channel_credentials[].callback_secret',
    'sinch.app.channel_credentials[].*.token',
    'sinch.app.channel_credentials[].*.secret',
    'sinch.app.channel_credentials[].*.*.token',
    'sinch.app.channel_credentials[].*.*.secret',
    'sinch.app.channel_credentials[].*.api_key',
    'sinch.app.channel_credentials[].mms_credentials.basic_auth.password',
    'sinch.app.channel_credentials[].kakaotalk_credentials.kakaotalk_sender_key',
    'sinch.app.channel_credentials[].wechat_credentials.app_secret',
    'sinch.app.channel_credentials[].wechat_credentials.aes_key',
    'sinch.app.channel_credentials[].applebc_credentials.apple_pay_certificate_password',
    'sinch.app.callback_settings.secret_for_overridden_callback_urls',
    'sinch.webhooks[].secret',
    'sinch.webhooks[].client_credentials.client_secret',
  ],
};

/** Fields whose form leaves no room: enums, names with a pattern, times, base64, e-mail addresses, ids of eGain. */
const SET_FORM =
  /^(?:tenant|account|chain|onFailure|notify\[\]\.(?:secret|events\[\])|.*\.(?:type|method|version|features\[\]|notificationEmail|icon|id|onAgentUnavailability|channel|conversation_metadata_report_view|retention_type|processing_mode|target_type|triggers\[\]|token_request_type|waitForActive|dueIn|grant_types\[\]|header_name|headers\[\]\.name|(?:entry_point|visitor_behavior|target_audience|goal|consumer_identity)\[\])|egain\..*roles\[\]\.name)$/;

/** What is done to a text, and the kinds that take it all the same. A warning is a finding too. */
const ODDITIES: { reason: string; odd: (text: string) => string; taken: readonly Kind[] }[] = [
  { reason: 'half of a surrogate pair cannot be written in UTF-8', odd: (text) => `${text}\ud83d`, taken: [] },
  { reason: 'the other half neither', odd: (text) => `${text}\ude00x`, taken: [] },
  { reason: 'NUL ends a text in half of the world', odd: (text) => `${text}\u0000x`, taken: [] },
  {
    reason: 'a character that could not be read',
    odd: (text) => `${text}\ufffd`,
    taken: ['secret', 'secret of lines'],
  },
  { reason: 'no character', odd: (text) => `${text}\uffff`, taken: ['secret', 'secret of lines'] },
  { reason: 'a blank at the end', odd: (text) => `${text} `, taken: ['lines', 'secret of lines'] },
  { reason: 'a blank in front', odd: (text) => ` ${text}`, taken: ['lines', 'secret of lines'] },
  { reason: 'a line break', odd: (text) => `${text}\nx`, taken: ['lines', 'secret of lines'] },
  { reason: 'a line separator', odd: (text) => `${text}\u2028x`, taken: ['lines', 'secret of lines'] },
  { reason: 'a zero-width space', odd: (text) => `${text}\u200bx`, taken: ['lines', 'secret of lines'] },
  { reason: 'marks of direction', odd: (text) => `\u202a${text}\u202c`, taken: ['lines', 'secret of lines'] },
  { reason: 'a byte order mark', odd: (text) => `\ufeff${text}`, taken: ['lines', 'secret of lines'] },
  { reason: 'a soft hyphen', odd: (text) => `${text}\u00adx`, taken: ['lines', 'secret of lines'] },
  { reason: 'a joiner behind a plain letter', odd: (text) => `${text}x\u200dx`, taken: ['lines', 'secret of lines'] },
  {
    reason: 'a blank that looks like the plain one',
    odd: (text) => `${text}\u00a0x`,
    taken: ['line', 'lines', 'secret', 'secret of lines'],
  },
  {
    reason: 'an accent written apart',
    odd: (text) => `${text}e\u0301`,
    taken: ['line', 'lines', 'secret', 'secret of lines'],
  },
  {
    reason: 'an emoji of several characters',
    odd: (text) => `${text}👩‍🚀❤️1️⃣🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}`,
    taken: ['line', 'lines', 'secret of lines'],
  },
  {
    reason: 'a joiner between letters that need it',
    odd: (text) => `${text}می\u200cخواهم`,
    taken: ['line', 'lines', 'secret of lines'],
  },
];

/** What is said of a text that is another one by the oddity, not an odd one. */
const OTHER = /asks for a scope other than|lacks msg\.consumer|more than \d+ bytes/;

const documents = [full, basic, liveperson];

describe.each([
  ['of both vendors', 0],
  ['with basic authentication, which the first has not', 1],
  ['of LivePerson', 2],
])('every text of a spec %s', (_name, at) => {
  const document = documents[at] ?? {};
  const before = new Set(documents.slice(0, at).flatMap((other) => leaves(other).map(({ pattern }) => pattern)));
  const texts = [...new Map(leaves(document).map((leaf) => [leaf.pattern, leaf])).values()].filter(
    ({ pattern }) => !before.has(pattern),
  );

  it('has a kind', () => {
    expect(texts.filter(({ pattern }) => kindOf(pattern) === undefined)).toEqual([]);
  });

  it.each(ODDITIES)('reaches the vendor as it was written, or a finding says why not: $reason', ({ odd, taken }) => {
    for (const { pointer, pattern, value } of texts) {
      const kind = kindOf(pattern);
      const changed = edited(document, pointer, odd(value));
      const result = parseSpec(changed, { allowPrivateUrls: false });
      if (result.ok) expect(sent(result.spec)).toContain(JSON.stringify(odd(value)).slice(1, -1));
      if (kind === 'set form' || kind === undefined) continue;
      const found = (result.ok ? result.warnings : result.findings).filter(({ message }) => !OTHER.test(message));
      const expected = taken.includes(kind) ? [] : [pointer];
      expect(found.map((finding) => finding.pointer)).toEqual(expected);
    }
  });
});

describe('a URL is refused that parsers would repair', () => {
  it.each([
    ['https:hub.acme.example/x', /begins with https/, 'they put the slashes in'],
    ['https:/hub.acme.example/x', /begins with https/, 'they put the slash in'],
    ['https:\\\\hub.acme.example\\x', /begins with https/, 'they turn the slashes'],
    ['https:///hub.acme.example/x', /begins with https/, 'they take a slash out'],
    ['//hub.acme.example/x', /begins with https/, 'it has no scheme'],
    ['https://', /begins with https/, 'it has no host'],
    ['https://hub.acme.example\\x', /backslash/, 'they turn the slash'],
    ['https://hub.acme.example/a\\b', /backslash/, 'they turn the slash'],
    ['https://hub.acme.example/a b', /blanks/, 'they write %20'],
    [' https://hub.acme.example/x', /blanks/, 'they take it out'],
    ['https://hub.acme\n.example/x', /blanks/, 'they take it out'],
    ['\u0001https://hub.acme.example/x', /U\+0001/, 'they take it out'],
    ['https://hub.acme.example/x\u0000y', /U\+0000/, 'they write %00'],
    ['https://hub.\u200bacme.example/x', /U\+200B/, 'they take it out'],
    ['https://bücher.example/x', /xn--/, 'they write xn--'],
    ['https://hub.acme.example/bücher', /percent-encode/, 'they write %C3%BC'],
    ['https://hub。acme.example/x', /xn--/, 'they read a dot'],
    ['https://hub%2eacme.example/x', /in full/, 'they read a dot'],
    ['https://8.8.2056/x', /in full/, 'they read 8.8.8.8'],
    ['https://0x08080808/x', /in full/, 'they read 8.8.8.8'],
    ['https://010.8.8.8/x', /in full/, 'they read 8.8.8.8'],
    ['https://hub.acme.example:/x', /port/, 'they take the colon out'],
    ['https://hub.acme.example:0443/x', /port/, 'they take it out'],
    ['https://hub.acme.example/a/../b', /part of its path/, 'they go up'],
    ['https://hub.acme.example/a/%2E%2e/b', /part of its path/, 'they go up'],
    ['https://hub.acme.example/.', /part of its path/, 'they take it out'],
    ['https://hub.acme.example/100%', /%25/, 'it is no escape'],
    ['https://hub.acme.example/"x"', /percent-encoded/, 'they write %22'],
    ['https://hub.acme.example/x#top', /fragment/, 'it is not sent'],
    ['https://hub.acme.example/x?y=<z>', /placeholder/, 'it is a template'],
  ])('%j (%s): %s', (url, message, _reason) => {
    for (const field of urlFields()) {
      const pointer = pointerTo(full, field);
      const result = parseSpec(edited(full, pointer, url), { allowPrivateUrls: false });
      expect(result).toMatchObject({
        ok: false,
        findings: [{ pointer, message: expect.stringMatching(message) as string }],
      });
    }
  });

  it.each([
    'https://hub.acme.example/x',
    'https://hub.acme.example',
    'https://hub.acme.example?x',
    'https://hub.acme.example:8443/x?y=1&z[]=a,b;c',
    'https://hub.acme.example:443/x',
    'https://hub.acme.example./x',
    'https://hub_1.acme.example/.well-known/..x/x..',
    'https://xn--bcher-kva.example/hook',
    'HTTPS://HUB.ACME.EXAMPLE/x',
    'https://8.8.8.8/x',
    'https://[2606:4700::1111]/x',
    'https://[2606:4700:0:0::1111]/x',
    "https://hub.acme.example/%20%F0%9F%98%80!$&'()*+,;=:@~-._",
    'https://hub.acme.example/?redirect=https://a/../b',
  ])('but not %s', (url) => {
    for (const field of urlFields()) {
      expect(parseSpec(edited(full, pointerTo(full, field), url), { allowPrivateUrls: false }).ok).toBe(true);
    }
  });
});

/** All texts of a document, with their place as a pointer and as a path without positions. */
function leaves(value: JsonValue, pointer = '', pattern = ''): { pointer: string; pattern: string; value: string }[] {
  if (typeof value === 'string') return [{ pointer, pattern, value }];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, n) => leaves(item, `${pointer}/${n}`, `${pattern}[]`));
  return Object.entries(value).flatMap(([name, item]) =>
    leaves(item, `${pointer}/${name}`, pattern === '' ? name : `${pattern}.${name}`),
  );
}

function kindOf(pattern: string): Kind | undefined {
  const kinds = Object.entries(FIELDS) as [Kind, readonly string[]][];
  const listed = kinds.find(([, fields]) => fields.some((field) => matches(field, pattern)));
  return listed?.[0] ?? (SET_FORM.test(pattern) ? 'set form' : undefined);
}

/** `*` stands for a field, whose name may hold dots. */
function matches(field: string, pattern: string): boolean {
  const source = field.replace(/[.[\]#]/g, '\\$&').replaceAll('*', '.+');
  return new RegExp(`^${source}$`).test(pattern);
}

function pointerTo(document: JsonObject, field: string): string {
  return leaves(document).find(({ pattern }) => pattern === field)?.pointer ?? field;
}

/** All that a spec leads to, as JSON: bodies for the vendors, connections, labels, receivers. */
function sent(spec: Parameters<typeof planOnboarding>[0]): string {
  const plan = planOnboarding(spec, planningContext());
  const bodies = plan.nodes.map(({ body }) => expandTexts(body, plan.texts));
  return JSON.stringify([bodies, plan.nodes, plan.notify, spec.labels, spec.liveperson]);
}
