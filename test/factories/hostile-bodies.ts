import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { specDocument } from '#libs/schemas/parse-spec.js';
import { livepersonSpec } from './liveperson.js';
import { fullEgainSpec } from './specs.js';

/** A body of at most 2 MB that a careless reader would take long for. */
export interface HostileBody {
  name: string;
  /** The body as it is sent. */
  text: string;
}

/** Bodies of specs, each made to cost as much as it can: in numbers, in depth, in length, in findings, in hints. */
export function hostileBodies(): HostileBody[] {
  return Object.entries(BODIES).map(([name, make]) => {
    const made = make();
    return { name, text: typeof made === 'string' ? made : JSON.stringify(made) };
  });
}

const full = specDocument(fullEgainSpec());
const liveperson = specDocument(livepersonSpec());

const BODIES: Record<string, () => JsonObject | string> = {
  'node keys to adopt beside 100 channels': () =>
    withEgain(
      { channels: many(100, channel) },
      { adopt: many(1_000, (n) => `egain.channel.custom.${'x'.repeat(60)}${n}`) },
    ),
  '20,000 node keys to adopt': () => ({ ...full, adopt: many(20_000, (n) => `egain.channel.custom.x${n}`) }),
  '120,000 labels': () => ({ ...full, labels: fields(120_000, 'l') }),
  '300,000 channels': () => withEgain({ channels: many(300_000, () => 1) }),
  '300,000 roles': () => withEgain({ clientApplication: { roles: many(300_000, () => 1) } }),
  '300,000 webhooks': () => ({ ...full, sinch: { app: {}, webhooks: many(300_000, () => 1) } }),
  '600,000 lists': () => ({ ...full, notify: many(600_000, () => []) }),
  '150,000 fields that are not known': () => ({ ...full, ...fields(150_000, 'u') }),
  '50,000 fields that are nearly known': () => withEgain(fields(50_000, 'chanels')),
  'fields that are nearly known in 268 channels of Sinch': () => ({
    ...full,
    sinch: { app: { channel_credentials: many(268, () => ({ channel: 'SMS', ...fields(100, 'static_beare') })) } },
  }),
  'a field with a name of 1.9 MB': () => ({ ...full, ['x'.repeat(1_900_000)]: 1 }),
  'texts of channels, all empty objects': () =>
    withEgain({
      channels: many(100, (n) =>
        channel(
          n,
          many(25, () => ({ properties: many(7, () => ({})) })),
        ),
      ),
    }),
  'texts of channels, all of a wrong type': () =>
    withEgain({
      channels: many(100, (n) =>
        channel(
          n,
          many(10, () => ({ properties: many(22, () => 1) })),
        ),
      ),
    }),
  'as many texts as a job may have': () => withEgain({ channels: many(25, (n) => channel(n, soundTexts())) }),
  'secrets in every place': () =>
    withEgain({
      channels: many(100, (n) => {
        const one = channel(n);
        const attributes = many(10, (at) => ({ name: `a${at}`, value: `s${at}` }));
        return { ...one, account: { ...objectIn(one, 'account'), attributes } };
      }),
    }),
  '1,000 names whose accents can be ordered in many ways': () =>
    withBot({
      intents: { intent: many(1_000, () => ({ value: `a${'\u0300\u0316'.repeat(125)}`, displayValue: 'b' })) },
    }),
  'an address of 900,000 accents': () => withAccount({ address: '\u0300\u0316'.repeat(450_000) }),
  'a callback of 1.9 MB': () => withRole({ callback: `https://a.example/${'x'.repeat(1_900_000)}` }),
  'a callback with a host of 1.9 MB': () => withRole({ callback: `https://${'a.'.repeat(950_000)}` }),
  'an e-mail address of 1.8 MB': () => withRole({ notificationEmail: `a@${'a.'.repeat(900_000)}` }),
  'a header of 1.8 MB': () => withRole({ headers: [{ name: 'x'.repeat(900_000), value: ' '.repeat(900_000) }] }),
  'a display name that is nearly a mark of ownership': () => ({
    ...full,
    sinch: { app: { display_name: `gw:a:${'a'.repeat(1_900_000)}` } },
  }),
  'a tenant of 1.9 MB': () => ({ ...full, tenant: 'a'.repeat(1_900_000) }),
  'a wait of 1.9 MB': () => ({ ...full, sinch: { app: {}, waitForActive: `${'9'.repeat(1_900_000)}s` } }),
  'receivers of 180 kB each': () => ({
    ...full,
    notify: many(10, () => ({ url: `https://${'a.'.repeat(90_000)}`, events: many(100, () => 'succeede') })),
  }),
  'nothing in place of everything': () =>
    withEgain({ channels: many(100, () => null), bot: null, authentication: null }),
  'a spec of 900,000 levels': () => nested({ ...full, labels: '@' }),
  'a manifest of 3,000 levels': () => nested(withManifest({ client_name: 'x', overview: '@' }), 3_000),
  'a manifest of 900,000 levels': () => nested(withManifest({ client_name: 'x', overview: '@' })),
  '20,000 places that are too deep, beside 1,000 findings': () =>
    JSON.stringify({
      ...withRole({ headers: many(100, () => ({ name: 1, value: 2 })) }),
      surplus: '@',
    }).replace('"@"', `${'['.repeat(63)}${many(20_000, () => '[]').join()}${']'.repeat(63)}`),
  'the text of a manifest of 900,000 levels': () => withManifest('['.repeat(900_000)),
  'a manifest of 20,000 fields that are nearly known': () => withManifest(fields(20_000, 'client_nam')),
  'the text of a manifest of 80,000 such fields': () => withManifest(JSON.stringify(fields(80_000, 'client_nam'))),
  'the text of a manifest with the same key 200,000 times': () =>
    withManifest(`{${many(200_000, () => '"a":1').join(',')}}`),
  'the text of a manifest of 1.9 MB of line breaks': () => withManifest('\n'.repeat(950_000)),
  'a manifest with 20,000 addresses': () => withManifest({ client_name: 'x', redirect_uris: many(20_000, () => 'x') }),
  'the text of a manifest with 300,000 addresses': () =>
    withManifest(JSON.stringify({ client_name: 'x', redirect_uris: many(300_000, () => 'x') })),
  'a manifest with 8,000 grants that are nearly known': () =>
    withManifest({ client_name: 'x', grant_types: many(8_000, (n) => `client_credential${n}`) }),
  'a manifest with 3,000 wrong headers': () =>
    withManifest({ capabilities: { webhooks: { retry: { headers: many(3_000, () => ({ header_name: 1 })) } } } }),
  'a manifest with a language tag of 1.5 MB': () =>
    withManifest({ client_name: 'x', [`client_name#de-${'a-bb-'.repeat(300_000)}`]: 'x' }),
  'a manifest with a name of a language of 1.8 MB': () =>
    withManifest({ client_name: 'x', [`client_name#de${'-abcde'.repeat(300_000)}!`]: 'x' }),
};

function many<T>(count: number, item: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => item(n));
}

function fields(count: number, name: string): JsonObject {
  return Object.fromEntries(many(count, (n) => [`${name}${n}`, 1]));
}

/** A document with as many levels as asked for in place of the text `@`. Written as text: that many cannot be written from objects. */
function nested(document: JsonObject, levels = 900_000): string {
  return JSON.stringify(document).replace('"@"', `${'['.repeat(levels)}${']'.repeat(levels)}`);
}

function objectIn(document: JsonObject, name: string): JsonObject {
  const value = document[name];
  return isJsonObject(value) ? value : {};
}

function withEgain(changes: JsonObject, others: JsonObject = {}): JsonObject {
  return { ...full, adopt: false, ...others, egain: { ...objectIn(full, 'egain'), ...changes } };
}

function withBot(participant: JsonObject): JsonObject {
  return withEgain({ bot: { ...objectIn(objectIn(full, 'egain'), 'bot'), participant } });
}

function withRole(changes: JsonObject): JsonObject {
  const application = objectIn(objectIn(full, 'egain'), 'clientApplication');
  const [first] = application['roles'] as JsonObject[];
  return withEgain({ clientApplication: { ...application, roles: [{ ...first, ...changes }] } });
}

function withAccount(changes: JsonObject): JsonObject {
  const one = channel(0);
  return withEgain({ channels: [{ ...one, account: { ...objectIn(one, 'account'), ...changes } }] });
}

function withManifest(manifest: JsonValue): JsonObject {
  return { ...liveperson, liveperson: { manifest } };
}

/** The nth of many channels, as small as one can be. */
function channel(n: number, l10nProperties?: JsonValue): JsonObject {
  return {
    type: `custom.c${n}`,
    displayName: 'c',
    icon: 'AAAA',
    account: { name: `n${n}`, address: `a${n}`, chatConfigurations: { timeout: 30, entryPoint: { id: '1001' } } },
    ...(l10nProperties === undefined ? {} : { l10nProperties }),
  };
}

function soundTexts(): JsonValue {
  const properties = many(12, (n) => ({ name: `msg_${n}`, value: 'closed' }));
  return many(25, (n) => ({ language: `l${n}`, properties }));
}
