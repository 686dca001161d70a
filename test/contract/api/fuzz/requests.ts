import fc from 'fast-check';
import { isJsonObject, type JsonObject, type JsonValue, type OnboardingSpec } from '#libs/contracts/index.js';
import { mapSecrets } from '#libs/onboarding/index.js';
import { schemaSound, soundSpec, valuesOf, type JsonSchema } from '#libs/schemas/arbitraries.fixture.js';
import { change, changed } from '#test/factories/changes.js';
import { description, type Described } from '#test/support/described.js';

/** Stands in every secret field of what is sent. */
export const SECRETS = {
  'a secret of a spec': 'planted-secret-kF7sQ2xV9',
  'a signing secret': Buffer.from('planted-signing-secret-kF7sQ2xV9').toString('base64'),
  'a client secret': 'planted-client-secret-kF7sQ2xV9',
};

/** What requests name: accounts, and connections by vendor. */
export interface Stock {
  accounts: readonly { tenant: string; account: string }[];
  connections: Readonly<Record<string, readonly string[]>>;
  /** Ids of accounts that stand when requests begin. */
  standing: readonly string[];
  /** Ids of what is no account, by how its addresses begin. */
  others: Readonly<Record<string, readonly string[]>>;
}

/** Who asks, by the key that is sent. */
export const CALLERS = ['all', 'acme', 'reader', 'wrong', 'none'] as const;
export type CallerName = (typeof CALLERS)[number];

/** One request. Its path is sent as it is. */
export interface FuzzRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
  caller: CallerName;
}

/** Texts that only the API or the installation makes: what is invented is refused. */
const MADE_BY_THE_API = ['runId', 'X-Namespace', 'cursor', 'after', 'Last-Event-ID', 'If-Match'];

interface Parameter {
  name: string;
  in: string;
  schema: JsonSchema;
}

/** Requests that fit the API description in every respect, by somebody who may do everything. */
export function soundRequests(operation: Described, stock: Stock): fc.Arbitrary<FuzzRequest> {
  const given = withoutMade(operation);
  const sound = {
    id: soundId(operation, stock, stock.standing),
    query: queryOf(given, soundValue),
    headers: headersOf(given, soundValue),
  };
  const body = soundBody(operation, stock)?.map((document) => JSON.stringify(document)) ?? fc.constant(undefined);
  return requestOf(operation, { ...sound, body, caller: fc.constant('all') });
}

/** Requests that may be wrong anywhere: in their address, query, headers, body, and in who sends them. */
export function anyRequests(operation: Described, stock: Stock): fc.Arbitrary<FuzzRequest> {
  return requestOf(operation, {
    id: often(soundId(operation, stock, idsOf(stock)), oddText),
    query: often(queryOf(operation, soundValue), queryOf(operation, anyValue, oddName)),
    headers: often(
      headersOf(operation, soundValue),
      headersOf(operation, () => oddHeader, oddTypes),
    ),
    body: bodyOf(operation, stock),
    caller: often(fc.constant<CallerName>('all'), fc.constantFrom(...CALLERS)),
  });
}

interface Parts {
  id: fc.Arbitrary<string>;
  query: fc.Arbitrary<string>;
  headers: fc.Arbitrary<Record<string, string>>;
  body: fc.Arbitrary<string | undefined>;
  caller: fc.Arbitrary<CallerName>;
}

function requestOf({ method, template }: Described, parts: Parts): fc.Arbitrary<FuzzRequest> {
  return fc.record(parts).map(({ id, query, headers, body, caller }) => ({
    method: method.toUpperCase(),
    path: `${template.replaceAll(/\{[^}]+\}/g, id)}${query === '' ? '' : `?${query}`}`,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    body,
    caller,
  }));
}

function often<T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

function idsOf({ accounts }: Stock): string[] {
  return accounts.map(({ tenant, account }) => `${tenant}.${account}`);
}

function soundId({ template }: Described, { others }: Stock, accounts: readonly string[]): fc.Arbitrary<string> {
  const other = Object.entries(others).find(([beginning]) => template.startsWith(beginning));
  if (other) return fc.constantFrom(...other[1]);
  return fc.constantFrom(...accounts);
}

/** Texts of an address: what an id must not be, and what servers and databases trip over. */
const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...['acme', 'acme.', '.support', 'acme.support.more', 'ACME.support', 'acme..support', '%2e%2e', '..%2f..%2f'],
    ...['%00', '%0d%0a', '%E0%A4%A', '%', '%zz', '%F0%9F%98%80', '%ed%a0%80', '__proto__', 'constructor.name', '-1'],
    ...['acme.support;x=1', 'acme.support%20', 'acme%2esupport', '%61cme.support', "'%20OR%201=1", '*', '%25', '+'],
    ...['x'.repeat(90), `${'a'.repeat(300)}.b`, 'sealed%3Av1', 'account%2Facme.support', 'acme.support%23', '%3f'],
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).map(encodeURIComponent),
);

const oddName = fc.constantFrom('runId', 'limit', 'cursor', 'offline', 'x', '__proto__', 'a[b]', 'a.b', '');

function soundValue(schema: JsonSchema): fc.Arbitrary<string> {
  return valuesOf(schema, namedSchema).map((value) =>
    encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value)),
  );
}

function anyValue(schema: JsonSchema): fc.Arbitrary<string> {
  return fc.oneof(soundValue(schema), oddText, fc.integer().map(String));
}

function queryOf(
  operation: Described,
  valueOf: (schema: JsonSchema) => fc.Arbitrary<string>,
  further: fc.Arbitrary<string> = fc.constant(''),
): fc.Arbitrary<string> {
  const pairs = parametersOf(operation, 'query').map(({ name, schema }) =>
    fc.option(
      valueOf(schema).map((value) => `${name}=${value}`),
      { nil: '' },
    ),
  );
  const more = further.chain((name) =>
    name === '' ? fc.constant('') : oddText.map((value) => `${encodeURIComponent(name)}=${value}`),
  );
  return fc.tuple(...pairs, more).map((all) => all.filter((pair) => pair !== '').join('&'));
}

/** What a header may hold so that it can be sent at all. */
const oddHeader: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('', '*', '"', '"x"', 'W/"1"', '0', '-1', '1:1', 'a:b:c', 'x'.repeat(3_000), '\u00ff', 'null'),
  fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,60}[\x21-\x7e])?$/),
);

const oddTypes: fc.Arbitrary<Record<string, string>> = fc.oneof(
  fc
    .constantFrom(
      ...['text/plain', 'application/xml', 'application/json;charset=latin1', 'application/json; x', 'json', 'a/b/c'],
      ...['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/problem+json', '*/*'],
    )
    .map((type) => ({ 'content-type': type })),
  fc.constantFrom('text/html', 'image/*', 'application/json;q=0', ';').map((accept) => ({ accept })),
  fc.constantFrom('gzip', 'identity', 'x').map((coding) => ({ 'content-encoding': coding })),
  fc.constant({}),
);

function headersOf(
  operation: Described,
  valueOf: (schema: JsonSchema) => fc.Arbitrary<string>,
  further: fc.Arbitrary<Record<string, string>> = fc.constant({}),
): fc.Arbitrary<Record<string, string>> {
  const given = parametersOf(operation, 'header').map(({ name, schema }) => [name, valueOf(schema)] as const);
  return fc
    .tuple(fc.record(Object.fromEntries(given), { requiredKeys: [] }), further)
    .map(([own, more]) => ({ ...own, ...more }) as Record<string, string>);
}

/** Bodies that are not JSON, or not JSON as it is taken. */
const brokenText = fc.constantFrom(
  ...[
    '',
    ' ',
    '{',
    '[',
    '"',
    'nul',
    '{"a":1,"a":2}',
    '{"__proto__":{"x":1}}',
    '\ufeff{}',
    '{}{}',
    '{"a":1,}',
    "{'a':1}",
  ],
  ...[`${'['.repeat(3_000)}${']'.repeat(3_000)}`, '{"reason":"\\ud800"}', '{"reason":"\u0000"}', '1e999', '-', 'NaN'],
);

function bodyOf(operation: Described, stock: Stock): fc.Arbitrary<string | undefined> {
  const sound = soundBody(operation, stock);
  if (!sound) return operation.method === 'get' ? fc.constant(undefined) : often(fc.constant(undefined), brokenText);
  const altered = fc
    .tuple(sound, fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([document, changes]) => JSON.stringify(changes.reduce(changed, document)));
  return fc.oneof(
    { weight: 4, arbitrary: sound.map((document) => JSON.stringify(document)) },
    { weight: 5, arbitrary: altered },
    { weight: 1, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: schemaSound.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: brokenText },
  );
}

/** Bodies that fit; undefined where the operation takes none. Specs are right in every respect. */
function soundBody({ operation }: Described, stock: Stock): fc.Arbitrary<JsonObject> | undefined {
  const schema = at(operation, 'requestBody', 'content', 'application/json', 'schema');
  if (schema === undefined) return undefined;
  const name = nameIn(schema);
  if (name === 'OnboardingSpec' || name === 'StartOnboarding') return specs(stock);
  if (name === 'AnswerHandoff') return handoffAnswers;
  if (name === 'Payloads') return payloads;
  if (name === 'StartReconciliation') return runs;
  if (name === 'SetReconciliationSchedule') return schedules;
  const bodies = valuesOf(schema, namedSchema) as fc.Arbitrary<JsonObject>;
  return fc.tuple(bodies, specs(stock)).map(([body, spec]) => ({ ...body, ...('spec' in body ? { spec } : {}) }));
}

/** A person's answer has one of three forms. */
const handoffAnswers: fc.Arbitrary<JsonObject> = fc.constantFrom<JsonObject>(
  { clientId: 'client-of-the-fuzz', clientSecret: SECRETS['a client secret'] },
  { done: true },
  { rejected: 'not today' },
);

/** Payloads that need no key. */
const payloads: fc.Arbitrary<JsonObject> = fc.constantFrom<JsonObject>(
  { payloads: [] },
  { payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'Int9Ig==' }] },
);

/** Runs over the fleet, within bounds that a schema does not tell. */
const runs: fc.Arbitrary<JsonObject> = fc.record(
  { mode: fc.constantFrom('observe', 'repair'), maxRepairs: fc.nat(3) },
  { requiredKeys: ['mode'] },
);

/** Paused: what is tried is how they are kept, not their runs. */
const schedules: fc.Arbitrary<JsonObject> = fc
  .constantFrom<JsonObject>({ cron: '30 3 * * 1-5', timezone: 'Europe/Berlin' }, { every: '1h', jitter: '1m' })
  .map((times) => ({ ...times, mode: 'observe', paused: true }));

/** Specs of the stock's accounts and connections, a text that is known in each of their secret fields. */
function specs({ accounts, connections }: Stock): fc.Arbitrary<JsonObject> {
  return fc.tuple(soundSpec, fc.constantFrom(...accounts), fc.nat(9)).map(([spec, owner, pick]) => {
    const named = Object.keys(spec['connections'] as JsonObject).map((vendor) => {
      const names = connections[vendor] ?? [];
      return [vendor, names[pick % names.length] ?? ''];
    });
    const whole = { ...spec, ...owner, connections: Object.fromEntries(named) as JsonObject };
    return mapSecrets(whole as unknown as OnboardingSpec, (_value, pointer) =>
      pointer.startsWith('/notify/') ? `whsec_${SECRETS['a signing secret']}` : SECRETS['a secret of a spec'],
    ) as unknown as JsonObject;
  });
}

function withoutMade(described: Described): Described {
  const all = (described.operation['parameters'] ?? []) as unknown as Parameter[];
  const parameters = all.filter(({ name }) => !MADE_BY_THE_API.includes(name)) as unknown as JsonValue;
  return { ...described, operation: { ...described.operation, parameters } };
}

function parametersOf({ operation }: Described, place: string): Parameter[] {
  const all = (operation['parameters'] ?? []) as unknown as Parameter[];
  return all.filter((parameter) => parameter.in === place);
}

function namedSchema(name: string): JsonSchema {
  const schema = at(description, 'components', 'schemas', name);
  if (schema === undefined) throw new RangeError(`the API description has no schema called ${name}`);
  return schema;
}

function nameIn({ $ref = '' }: JsonSchema): string {
  return $ref.slice($ref.lastIndexOf('/') + 1);
}

function at(document: JsonObject, ...names: string[]): JsonSchema | undefined {
  const found = names.reduce<JsonValue | undefined>(
    (value, name) => (isJsonObject(value) ? value[name] : undefined),
    document,
  );
  return isJsonObject(found) ? found : undefined;
}
