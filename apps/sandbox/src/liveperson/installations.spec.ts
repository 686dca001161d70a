import { describe, expect, it } from 'vitest';
import { type Json, type JsonObject, textOf } from '../json.js';
import { useSandbox } from '../testing/client.js';
import { connector, livepersonClient, textIn } from '../testing/liveperson.js';
import type { LivePersonKnobs } from './knobs.js';

const bench = useSandbox();
const client = livepersonClient(bench);
const knobs = (changes: Partial<LivePersonKnobs>): unknown => bench.sandbox.setKnobs({ liveperson: changes });
const idOf = async (changes?: JsonObject): Promise<string> => textIn(await client.create(changes), 'id');
const read = (id: string, v = '1.0'): ReturnType<typeof client.apps> => client.apps('GET', `/${id}`, undefined, { v });
const revision = async (): Promise<number> => Number((await client.apps('GET')).headers['ac-revision']);

describe('a create', () => {
  it('answers with the resource: ids, secret, what the manifest left out', async () => {
    const made = await client.create();
    const id = textIn(made, 'id');
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      ...connector(),
      enabled: true,
      response_types: ['code', 'token', 'id_token'],
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f-]{27}$/) as string,
      client_id: id,
      client_secret: expect.stringMatching(/^[a-z\d]{26}$/) as string,
      client_id_issued_at: expect.any(Number) as number,
      client_secret_expires_at: 0,
      deleted: false,
      is_internal: false,
    });
    expect((await read(id)).body).toEqual(made.body);
    expect(await client.list()).toEqual([made.body]);
    expect(bench.sandbox.state().objects.liveperson).toEqual({
      app: [{ accountId: '12345678', ...made.body }],
      deletedApp: [],
    });
  });

  it('keeps what the manifest says', async () => {
    const { body } = await client.create({ response_types: ['code'], enabled: false, 'client_name#de': 'Acme' });
    expect(body).toMatchObject({ response_types: ['code'], enabled: false, 'client_name#de': 'Acme' });
  });

  it('lives under the prefix too', async () => {
    const path = '/liveperson/api/account/12345678/configuration/app-install/installations?v=1.0';
    const headers = { authorization: 'Bearer sandbox-lp-bearer' };
    expect((await bench.raw('POST', path, connector(), headers)).status).toBe(201);
    expect(await client.list()).toHaveLength(1);
  });

  it('may answer with 200, without the secret, or with nothing, and applies all the same', async () => {
    knobs({ createStatus: 200 });
    expect(await client.create({ client_name: 'a' })).toMatchObject({ status: 200, body: { client_name: 'a' } });
    knobs({ createBody: 'without-secret' });
    const { body } = await client.create({ client_name: 'b' });
    expect([body.client_name, 'client_secret' in body]).toEqual(['b', false]);
    knobs({ createBody: 'empty' });
    expect((await client.create({ client_name: 'c' })).body).toEqual({});
    expect((await client.list()).map(({ client_name: name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('refuses a name that is taken, by the letter', async () => {
    await client.create();
    expect((await client.create()).status).toBe(409);
    expect((await client.create({ client_name: 'acme connector' })).status).toBe(201);
    knobs({ duplicateName: 400 });
    expect((await client.create()).status).toBe(400);
    knobs({ duplicateName: 'accepted' });
    expect((await client.create()).status).toBe(201);
    expect(await client.list()).toHaveLength(3);
  });

  it('takes the name of a deleted app, unless it may not', async () => {
    await client.write('DELETE', await idOf());
    knobs({ deletedName: 'taken' });
    expect((await client.create()).status).toBe(409);
    knobs({ deletedName: 'free' });
    expect((await client.create()).status).toBe(201);
  });

  it.each(['other', 'same'] as const)('meets a namesake that a person makes first: %s', async (namesakeByPerson) => {
    knobs({ namesakeByPerson });
    expect(await client.list()).toEqual([]);
    expect((await client.create()).status).toBe(409);
    const [made] = await client.list();
    expect(made).toMatchObject(namesakeByPerson === 'same' ? connector() : { description: 'made by a person' });
    await client.write('DELETE', textOf(made?.id));
    expect((await client.create()).status, 'once for each name').toBe(201);
  });

  it('stays one of two where names are not unique', async () => {
    knobs({ namesakeByPerson: 'same', duplicateName: 'accepted' });
    expect((await client.create()).status).toBe(201);
    expect(await client.list()).toHaveLength(2);
  });

  it('wants JSON', async () => {
    expect((await client.apps('POST', '', '{', {})).status).toBe(400);
    expect((await client.apps('POST', '', '[]', {})).status).toBe(400);
    expect((await client.apps('POST', '', connector(), { headers: { 'content-type': 'text/plain' } })).status).toBe(
      415,
    );
  });

  const hooks = (webhook: Json): JsonObject => ({
    capabilities: { webhooks: { 'cqm.ExConversationChangeNotification': webhook } },
  });
  const wrong: JsonObject[] = [
    { client_name: '' },
    { client_name: 'n'.repeat(129) },
    { client_name: '{name}' },
    { 'client_name#de': 7 },
    { 'client_name#': 'x' },
    { description: 'd'.repeat(257) },
    { grant_types: [] },
    { grant_types: ['password'] },
    { grant_types: ['client_credentials', 'client_credentials'] },
    { grant_types: ['authorization_code'] },
    { response_types: 'code' },
    { redirect_uris: ['callback'] },
    { redirect_uris: ['https://a.example/#x'] },
    { redirect_uris: ['https://a.example/'.padEnd(129, 'x')] },
    { scope: 's'.repeat(129) },
    { logo_uri: 'logo.png' },
    { entry_uri: 'https://{host}/' },
    { enabled: 'true' },
    { enabled_for_profiles: [-1] },
    { enabled_for_profiles: [1, 1] },
    { clientName: 'x' },
    { client_secret: 'x' },
    { capabilities: [] },
    { capabilities: { engagements: {} } },
    { capabilities: { engagement: {} } },
    { capabilities: { webhooks: { 'ms.MessagingEventNotification.ExConversationChangeNotification': {} } } },
    { capabilities: { webhooks: { retry: { retention_time: 1 } } } },
    hooks({}),
    hooks({ endpoint: 'http://a.example' }),
    hooks({ endpoint: 'https://a.example', max_retries: 6 }),
    hooks({ endpoint: 'https://a.example', headers: [{ header_name: 'X' }] }),
    hooks({ endpoint: 'https://a.example', headers: [{ header_name: 'X Y', header_value: 'v' }] }),
    hooks({ endpoint: 'https://a.example', headers: [{ header_name: 'X', header_value: 'a\nb' }] }),
  ];
  it.each(wrong)('refuses %j, on a replace as well', async (changes) => {
    const refused = await client.create(changes);
    expect(refused).toMatchObject({ status: 400, body: { error: { statusCode: 400, internalCode: 40_000 } } });
    expect(await client.list()).toEqual([]);
    if ('client_secret' in changes) return;
    const id = await idOf();
    expect((await client.write('PUT', id, connector(changes))).status).toBe(400);
  });

  it.each<JsonObject>([
    { client_name: '😀'.repeat(128) },
    { description: '' },
    { logo_uri: '' },
    { logo_uri: '/logo.png' },
    { capabilities: {} },
    { grant_types: ['authorization_code'], redirect_uris: ['http://localhost/cb'] },
    { scope: 'anything else' },
    { categories: ['a'], overview: 'o' },
    hooks({ endpoint: 'https://localhost/x?y=1', max_retries: 5, headers: [] }),
  ])('takes %j: limits count characters, and warnings are no errors', async (changes) => {
    expect((await client.create(changes)).status).toBe(201);
  });

  it('keeps unknown fields when they are ignored', async () => {
    knobs({ unknownFields: 'ignored' });
    expect(await client.create({ nonsense: 1 })).toMatchObject({ status: 201, body: { nonsense: 1 } });
  });
});

describe('the revision', () => {
  it('is one for all apps of an account, raised by every write and told by every answer', async () => {
    const before = await revision();
    const made = await client.create();
    expect(Number(made.headers['ac-revision'])).toBe(before + 1);
    const id = textIn(made, 'id');
    const other = await client.create({ client_name: 'b' });
    expect(
      (await client.apps('PUT', `/${id}`, connector(), { headers: { 'if-match': String(before + 1) } })).status,
    ).toBe(412);
    const current = other.headers['ac-revision'] ?? '';
    const replaced = await client.apps('PUT', `/${id}`, connector(), { headers: { 'if-match': current } });
    expect([replaced.status, Number(replaced.headers['ac-revision'])]).toEqual([200, before + 3]);
    bench.sandbox.edit('liveperson', 'app', id, { enabled: false });
    expect(await revision()).toBe(before + 4);
  });

  it('is needed for a replace and a delete', async () => {
    const id = await idOf();
    expect((await client.apps('PUT', `/${id}`, connector())).status).toBe(428);
    expect((await client.apps('DELETE', `/${id}`)).status).toBe(428);
    knobs({ missingIfMatch: 400 });
    expect((await client.apps('DELETE', `/${id}`)).status).toBe(400);
  });

  it('that is old is refused with 412, or 409', async () => {
    const id = await idOf();
    const headers = { 'if-match': '0' };
    expect((await client.apps('DELETE', `/${id}`, undefined, { headers })).status).toBe(412);
    knobs({ staleIfMatch: 409 });
    expect((await client.apps('DELETE', `/${id}`, undefined, { headers })).status).toBe(409);
    expect(await client.list()).toHaveLength(1);
  });

  it('is raised by somebody else between read and write, as often as is asked', async () => {
    knobs({ revisionRaces: 2 });
    const id = await idOf();
    const other = await idOf({ client_name: 'b' });
    const statuses = [];
    for (let round = 0; round < 3; round += 1) statuses.push((await client.write('PUT', id, connector())).status);
    for (let round = 0; round < 3; round += 1) statuses.push((await client.write('DELETE', other)).status);
    expect(statuses).toEqual([412, 412, 200, 412, 412, 204]);
  });

  it('lets one of several writers through', async () => {
    const id = await idOf();
    const headers = { 'if-match': (await read(id)).headers['ac-revision'] ?? '' };
    const writes = ['a', 'b', 'c'].map((name) =>
      client.apps('PUT', `/${id}`, connector({ description: name }), { headers }),
    );
    expect((await Promise.all(writes)).map(({ status }) => status).sort()).toEqual([200, 412, 412]);
  });

  it.each(['etag', 'both'] as const)('is told as %s and taken back as it is', async (revisionHeader) => {
    knobs({ revisionHeader });
    const id = await idOf();
    const { headers } = await read(id);
    expect(headers.etag).toMatch(/^"\d+"$/);
    expect('ac-revision' in headers).toBe(revisionHeader === 'both');
    expect(
      (await client.apps('DELETE', `/${id}`, undefined, { headers: { 'if-match': headers.etag ?? '' } })).status,
    ).toBe(204);
  });
});

describe('a replace', () => {
  it('takes out what it does not carry and keeps what is the server’s', async () => {
    const made = await client.create({ display_name: 'Acme', enabled: false });
    const id = textIn(made, 'id');
    const sent = {
      ...connector({ description: 'new' }),
      client_secret: 'other',
      client_id_issued_at: 1,
      deleted: true,
    };
    const { status, body } = await client.write('PUT', id, sent);
    expect(status).toBe(200);
    expect(body).toEqual({
      ...connector({ description: 'new' }),
      enabled: true,
      ...Object.fromEntries(
        [
          'id',
          'client_id',
          'client_secret',
          'client_id_issued_at',
          'client_secret_expires_at',
          'deleted',
          'is_internal',
        ].map((name) => [name, made.body[name]]),
      ),
    });
  });

  it('may merge', async () => {
    knobs({ replace: 'merge' });
    const id = await idOf({ display_name: 'Acme' });
    expect((await client.write('PUT', id, { enabled: false })).body).toMatchObject({
      display_name: 'Acme',
      enabled: false,
    });
  });

  it('may come as a POST that says so', async () => {
    const id = await idOf();
    const headers = { 'x-http-method-override': 'PUT' };
    expect((await client.write('POST', id, connector({ description: 'p' }), { headers })).body.description).toBe('p');
    expect((await client.write('POST', id, connector())).status).toBe(405);
    expect(
      (await client.write('POST', id, undefined, { headers: { 'x-http-method-override': 'DELETE' } })).status,
    ).toBe(204);
  });

  it('may rename, but not to a name that is taken, nor to another id', async () => {
    const id = await idOf();
    await idOf({ client_name: 'taken' });
    expect((await client.write('PUT', id, connector({ client_name: 'fresh' }))).status).toBe(200);
    expect((await client.write('PUT', id, connector({ client_name: 'taken' }))).status).toBe(409);
    expect((await client.write('PUT', id, connector({ id: 'other' }))).status).toBe(400);
    expect((await client.write('PUT', 'nope', connector())).status).toBe(404);
  });
});

describe('a delete', () => {
  it('is soft', async () => {
    const id = await idOf();
    const gone = await client.write('DELETE', id);
    expect([gone.status, gone.text]).toEqual([204, '']);
    expect((await read(id)).status).toBe(404);
    expect((await client.write('DELETE', id)).status).toBe(404);
    expect(await client.list()).toEqual([]);
    expect(await client.list({ query: '&include_deleted=true' })).toMatchObject([{ id, deleted: true }]);
    const { app, deletedApp } = bench.sandbox.state().objects.liveperson ?? {};
    expect([app, deletedApp?.length]).toEqual([[], 1]);
  });

  it.each([
    { deletedRead: 'gone', status: 410, second: 410 },
    { deletedRead: 'shown', status: 200, second: 404 },
  ] as const)('reads as $deletedRead', async ({ deletedRead, status, second }) => {
    knobs({ deletedRead, deleteStatus: 200 });
    const id = await idOf();
    expect(await client.write('DELETE', id)).toMatchObject({ status: 200, body: { id, deleted: true } });
    const { status: seen, body } = await read(id);
    expect([seen, body.deleted === true]).toEqual([status, status === 200]);
    expect((await client.apps('DELETE', `/${id}`, undefined, { headers: { 'if-match': '*' } })).status).toBe(second);
  });
});

describe('what answers show', () => {
  it('is the secret, but not in version 2.0', async () => {
    const id = await idOf();
    expect((await read(id)).body).toHaveProperty('client_secret');
    expect((await read(id, '2.0')).body).not.toHaveProperty('client_secret');
    knobs({ secretOnRead: 'hidden' });
    expect((await read(id)).body).not.toHaveProperty('client_secret');
    expect((await client.list())[0]).not.toHaveProperty('client_secret');
    knobs({ secretOnRead: 'shown' });
    expect((await client.list({ v: '2.0' }))[0]).toHaveProperty('client_secret');
  });

  it('may be more than anybody knows, and may be sent back', async () => {
    knobs({ extraFields: true });
    const made = await client.create();
    expect(made.body).toMatchObject({ install_source: 'sandbox', audit: { version: 3 } });
    expect((await client.write('PUT', textIn(made, 'id'), made.body)).status).toBe(200);
  });

  it('may have a client_id of its own', async () => {
    knobs({ clientId: 'separate' });
    const { body } = await client.create();
    expect(body.client_id).not.toBe(body.id);
    expect((await read(textOf(body.client_id))).body.id).toBe(body.id);
  });
});
