import { beforeEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.js';
import { useSandbox } from '../testing/client.js';
import { bodyFor, createChain, type Ids, NO_IDS, PATHS } from '../testing/egain-bodies.js';
import type { EgainKind } from './resources.js';

const bench = useSandbox({ seed: false });
let ids: Ids = NO_IDS;
beforeEach(async () => {
  ids = await createChain(bench.egain);
});

const MISSING = '400-143';
const INVALID = '400-152';
const NOT_ALLOWED = '400-196';
const long = (length: number): string => 'x'.repeat(length);
const many = (count: number, item: Json): Json[] => Array.from({ length: count }, () => item);
const pair = { name: 'a', value: 'b' };

/** `undefined` removes the attribute at the path. */
type Row = [kind: EgainKind, path: string, value: Json | undefined, code: string | null];

const role = (name: string): JsonObject => ({
  name,
  version: 'v3',
  callback: 'https://acme.example/x',
  notificationEmail: 'ops@acme.example',
});
const named = Object.keys(PATHS).filter((kind) => kind !== 'channel') as EgainKind[];

const rows: Row[] = [
  ...named.flatMap((kind): Row[] => [
    [kind, 'name', undefined, MISSING],
    [kind, 'name', '', kind === 'orchestration' ? null : INVALID],
    [kind, 'name', 7, INVALID],
    [kind, 'name', long(255), null],
    [kind, 'name', long(256), kind === 'orchestration' ? null : INVALID],
  ]),
  ...(Object.keys(PATHS) as EgainKind[]).flatMap((kind): Row[] => [
    [kind, 'description', '', INVALID],
    [kind, 'description', long(1023), null],
    [kind, 'description', long(1024), INVALID],
    [kind, 'active', 'yes', INVALID],
    [kind, 'active', null, INVALID],
  ]),

  ['authentication', 'type', undefined, MISSING],
  ['authentication', 'type', 'digest', NOT_ALLOWED],
  ['authentication', 'type', 'basic', null],
  ['authentication', 'oauth2', undefined, MISSING],
  ['authentication', 'oauth2', 'x', INVALID],
  ['authentication', 'oauth2.tokenRequestUrl', undefined, MISSING],
  ['authentication', 'oauth2.tokenRequestUrl', 'not a url', INVALID],
  ['authentication', 'oauth2.method', undefined, MISSING],
  ['authentication', 'oauth2.method', 'PATCH', NOT_ALLOWED],
  ['authentication', 'oauth2.accessTokenPath', undefined, MISSING],
  ['authentication', 'oauth2.payload', undefined, null],
  ['authentication', 'oauth2.payload', {}, INVALID],
  ['authentication', 'oauth2.headers.0.value', undefined, MISSING],
  ['authentication', 'basicAuth.username', undefined, MISSING],
  ['authentication', 'basicAuth.password', undefined, MISSING],

  ['clientApplication', 'roles', undefined, MISSING],
  ['clientApplication', 'roles', [], INVALID],
  ['clientApplication', 'roles', many(8, role('customer')), INVALID],
  ['clientApplication', 'roles', [role('customer'), role('customer')], INVALID],
  ['clientApplication', 'roles.0.name', undefined, MISSING],
  ['clientApplication', 'roles.0.name', 'admin', NOT_ALLOWED],
  ['clientApplication', 'roles.0.name', 'business_notification', null],
  ['clientApplication', 'roles.0.version', undefined, MISSING],
  ['clientApplication', 'roles.0.version', 'v2', NOT_ALLOWED],
  ['clientApplication', 'roles.0.version', 'v1', null],
  ['clientApplication', 'roles.0.callback', undefined, MISSING],
  ['clientApplication', 'roles.0.callback', 'ftp://acme.example', INVALID],
  ['clientApplication', 'roles.0.notificationEmail', undefined, MISSING],
  ['clientApplication', 'roles.0.headers.0.name', undefined, MISSING],
  ['clientApplication', 'roles.0.headers.0.value', undefined, MISSING],
  ['clientApplication', 'roles.0.authentication', undefined, null],
  ['clientApplication', 'roles.0.authentication.id', undefined, MISSING],
  ['clientApplication', 'roles.0.authentication.id', 'short', INVALID],

  ['participant', 'type', undefined, MISSING],
  ['participant', 'type', 'customer', NOT_ALLOWED],
  ['participant', 'application', undefined, MISSING],
  ['participant', 'application.id', undefined, MISSING],
  ['participant', 'application.id', long(37), INVALID],
  ['participant', 'intents', {}, MISSING],
  ['participant', 'intents.intent.0.value', undefined, MISSING],
  ['participant', 'intents.intent.0.displayValue', undefined, MISSING],
  ['participant', 'options', [], INVALID],
  ['participant', 'options', many(25, pair), null],
  ['participant', 'options', many(26, pair), INVALID],
  ['participant', 'options.0.value', undefined, MISSING],

  ['channel', 'type', undefined, MISSING],
  ['channel', 'type', '', INVALID],
  ['channel', 'type', long(256), INVALID],
  ['channel', 'displayName', undefined, MISSING],
  ['channel', 'displayName', long(256), INVALID],
  ['channel', 'icon', undefined, MISSING],
  ['channel', 'icon', 'not base64!', INVALID],
  ['channel', 'icon', 'A'.repeat(512_000), null],
  ['channel', 'icon', 'A'.repeat(512_004), INVALID],
  ['channel', 'restrictions', undefined, null],
  ['channel', 'restrictions.inbound.maxTextLength', 1.5, INVALID],
  ['channel', 'restrictions.inbound.features', ['video'], NOT_ALLOWED],
  ['channel', 'restrictions.outbound.attachmentPolicy.type', 'some', NOT_ALLOWED],
  ['channel', 'restrictions.outbound.attachmentPolicy.enabled', 1, INVALID],
  ['channel', 'restrictions.outbound.systemMessages', 'x', INVALID],
  ['channel', 'restrictions.outbound.midChatAuth', 'x', INVALID],
  ['channel', 'restrictions.outbound.richMessageTypes', 'x', INVALID],
  ['channel', 'l10nProperties', [], INVALID],
  ['channel', 'l10nProperties', many(26, { language: 'en-US', properties: [pair] }), INVALID],
  ['channel', 'l10nProperties.0.language', undefined, MISSING],
  ['channel', 'l10nProperties.0.properties.0.name', undefined, MISSING],

  ['orchestration', 'applications', undefined, MISSING],
  ['orchestration', 'applications', {}, MISSING],
  ['orchestration', 'applications.botConfiguration', undefined, null],
  ['orchestration', 'applications.agentConfiguration', undefined, null],
  ['orchestration', 'applications.botConfiguration.bots', undefined, MISSING],
  ['orchestration', 'applications.botConfiguration.bypassVaDuration', 'x', INVALID],
  ['orchestration', 'applications.botConfiguration.forwardTranscript', 'x', INVALID],
  ['orchestration', 'applications.botConfiguration.bots.0.id', undefined, MISSING],
  ['orchestration', 'applications.botConfiguration.bots.0.participant', undefined, MISSING],
  ['orchestration', 'applications.botConfiguration.bots.0.onEscalation', undefined, null],
  ['orchestration', 'applications.botConfiguration.bots.0.onEscalation.agent.id', undefined, MISSING],
  ['orchestration', 'applications.customerConfiguration', undefined, null],
  ['orchestration', 'applications.customerConfiguration.customer', undefined, MISSING],
  ['orchestration', 'applications.agentConfiguration.agents', undefined, MISSING],
  ['orchestration', 'applications.agentConfiguration.agents.0.id', undefined, MISSING],

  ['account', 'address', undefined, MISSING],
  ['account', 'address', long(256), INVALID],
  ['account', 'channel', undefined, MISSING],
  ['account', 'channel.id', undefined, MISSING],
  ['account', 'caseManagement.sameCaseDuration', 'x', INVALID],
  ['account', 'caseManagement.copyCustomAttributes', 'x', INVALID],
  ['account', 'chatConfigurations', undefined, MISSING],
  ['account', 'chatConfigurations.timeout', undefined, MISSING],
  ['account', 'chatConfigurations.onAgentUnavailability', 'never', NOT_ALLOWED],
  ['account', 'chatConfigurations.allowLogoutWithOpenChats', 'x', INVALID],
  ['account', 'chatConfigurations.allowQueueTransferOnAgentUnavailability', 'x', INVALID],
  ['account', 'chatConfigurations.orchestration', undefined, MISSING],
  ['account', 'chatConfigurations.entryPoint', undefined, MISSING],
  ['account', 'attributes', [], INVALID],
  ['account', 'attributes', many(11, pair), INVALID],
  ['account', 'attributes.0.name', undefined, MISSING],
];

describe('a body', () => {
  const titled = rows.map((row) => ({
    row,
    title: `${row[0]} with ${row[1]} = ${shorten(row[2])} gives ${row[3] ?? 'no error'}`,
  }));

  it.each(titled)('$title, on create and update', async ({ row: [kind, path, value, code] }) => {
    const body = bodyFor(kind, ids, `other-${kind}`);
    setAt(body, path.split('.'), value);
    const created = await bench.egain('POST', PATHS[kind], body);
    expect(created.body.code ?? null, created.text).toBe(code);
    if (code === null) return;
    const updated = await bench.egain('PUT', `${PATHS[kind]}/${ids[kind]}`, body);
    expect(updated.body.code).toBe(code);
  });

  it('names every finding of the worst sort by its path', async () => {
    const { roles } = bodyFor('clientApplication', ids);
    setAt(roles as Json[], ['1', 'callback'], undefined);
    const { body } = await bench.egain('POST', PATHS.clientApplication, { roles: roles ?? [], active: 'x' });
    expect(body).toMatchObject({ code: MISSING, details: [{ key: 'name' }, { key: 'roles[1].callback' }] });
  });

  it('shows no secret in a refusal', async () => {
    const body = bodyFor('authentication', ids, 'other');
    setAt(body, ['oauth2', 'payload'], ['hush']);
    expect((await bench.egain('POST', PATHS.authentication, body)).text).not.toContain('hush');
  });

  it('must be a JSON object', async () => {
    for (const text of ['{"name":', '[]', '"x"']) {
      expect((await bench.egain('POST', PATHS.channel, text)).body.code).toBe(INVALID);
    }
    expect((await bench.egain('POST', PATHS.channel)).body.code).toBe(MISSING);
  });

  it('may hold unknown members, which are dropped, unless a knob refuses them', async () => {
    const body = { ...bodyFor('channel', ids, 'other'), id: 'mine', colour: 'red' };
    const { id } = (await bench.egain('POST', PATHS.channel, body)).body;
    expect((await bench.egain('GET', `${PATHS.channel}/${id as string}`)).body).not.toHaveProperty('colour');
    bench.sandbox.setKnobs({ egain: { unknownFields: 'refused' } });
    const refused = await bench.egain('POST', PATHS.channel, { ...body, type: 'another' });
    expect(refused.body).toMatchObject({ code: INVALID, details: [{ key: 'id' }, { key: 'colour' }] });
  });
});

function shorten(value: Json | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 40);
}

function setAt(target: JsonObject | Json[], path: string[], value: Json | undefined): void {
  const [key = '', ...rest] = path;
  const holder = target as JsonObject;
  if (rest.length > 0) setAt(holder[key] as JsonObject, rest, value);
  else if (value === undefined) Reflect.deleteProperty(holder, key);
  else holder[key] = value;
}
