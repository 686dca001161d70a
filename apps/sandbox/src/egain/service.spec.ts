import { describe, expect, it } from 'vitest';
import { isObject, type Json, type JsonObject } from '../json.js';
import { EGAIN_API, useSandbox } from '../testing/client.js';
import { bodyFor, createChain, type Ids, NO_IDS, PATHS, UNKNOWN_ID } from '../testing/egain-bodies.js';
import { EGAIN_CREDENTIALS } from './credentials.js';
import type { EgainKind } from './resources.js';
import { foreignId } from './seeds.js';

const KINDS = Object.keys(PATHS) as EgainKind[];
const bench = useSandbox();

const detailsOf = (body: JsonObject): JsonObject[] =>
  Array.isArray(body.details) ? body.details.filter(isObject) : [];
const itemsOf = (body: JsonObject, kind: EgainKind): JsonObject[] => {
  const items: Json | undefined = body[kind];
  return Array.isArray(items) ? items.filter(isObject) : [];
};

describe.each(KINDS)('%s', (kind) => {
  it('is created, read, listed, replaced and deleted', async () => {
    const ids = await createChain(bench.egain);
    const path = `${PATHS[kind]}/${ids[kind]}`;

    const read = await bench.egain('GET', path);
    expect(read.status).toBe(200);
    expect(read.body).toMatchObject({ id: ids[kind], ...bodyFor(kind, ids) });
    expect(read.body.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

    const list = await bench.egain('GET', `${PATHS[kind]}?$pagenum=1&$pagesize=75`);
    expect(itemsOf(list.body, kind)).toContainEqual(read.body);

    const { description: _, ...rest } = bodyFor(kind, ids);
    const replaced = await bench.egain('PUT', path, { ...rest, active: false, modified: read.body.modified ?? '' });
    expect(replaced).toMatchObject({ status: 204, text: '' });
    const again = await bench.egain('GET', path);
    expect(again.body).toMatchObject({ active: false, created: read.body.created });
    expect(again.body, 'a PUT drops what it leaves out').not.toHaveProperty('description');

    for (const other of [...KINDS].reverse()) {
      expect(await bench.egain('DELETE', `${PATHS[other]}/${ids[other]}`)).toMatchObject({ status: 204, text: '' });
      if (other === kind) break;
    }
    expect((await bench.egain('GET', path)).body.code).toBe('404-100');
    expect((await bench.egain('DELETE', path)).body.code).toBe('404-100');
    expect((await bench.egain('PUT', path, bodyFor(kind, ids))).body.code).toBe('404-100');
  });

  it('is active unless said otherwise', async () => {
    const ids = await createChain(bench.egain);
    const { active: _, ...body } = bodyFor(kind, ids, `other-${kind}`);
    const { id } = (await bench.egain('POST', PATHS[kind], body)).body;
    expect((await bench.egain('GET', `${PATHS[kind]}/${id as string}`)).body.active).toBe(true);
  });

  it('names the missing attributes of an empty body', async () => {
    const answer = await bench.egain('POST', PATHS[kind], {});
    expect(answer.body).toMatchObject({ code: '400-143' });
    expect(detailsOf(answer.body).length).toBeGreaterThan(0);
  });

  it('refuses a path id that is not a UUID, and unknown query parameters', async () => {
    expect((await bench.egain('GET', `${PATHS[kind]}/nonsense`)).body.code).toBe('400-108');
    const answer = await bench.egain('GET', `${PATHS[kind]}?name=x`);
    expect(answer.body).toMatchObject({ code: '400-101', details: [{ key: 'name', value: 'x' }] });
  });
});

describe('uniqueness', () => {
  const unique = KINDS.filter((kind) => kind !== 'orchestration');

  it.each(unique)('of %s is without case, for create and update', async (kind) => {
    const ids = await createChain(bench.egain);
    const body = bodyFor(kind, ids, `ACME-${kind.toUpperCase()}`);
    const key = kind === 'channel' ? 'type' : 'name';
    const answer = await bench.egain('POST', PATHS[kind], body);
    expect(answer.body).toMatchObject({ code: '400-9901', details: [{ key, value: body[key] }] });

    const other = await bench.egain('POST', PATHS[kind], bodyFor(kind, ids, 'second'));
    expect(other.status).toBe(201);
    const renamed = await bench.egain('PUT', `${PATHS[kind]}/${other.body.id as string}`, body);
    expect(renamed.body.code).toBe('400-9901');
    const itself = await bench.egain('PUT', `${PATHS[kind]}/${ids[kind]}`, body);
    expect(itself.status, 'an object does not stand in its own way').toBe(204);
  });

  it('does not hold for orchestrations unless a knob says so', async () => {
    const ids = await createChain(bench.egain);
    expect((await bench.egain('POST', PATHS.orchestration, bodyFor('orchestration', ids))).status).toBe(201);
    bench.sandbox.setKnobs({ egain: { orchestrationNames: 'unique' } });
    const refused = await bench.egain('POST', PATHS.orchestration, bodyFor('orchestration', ids));
    expect(refused.body.code).toBe('400-9901');
  });

  it('is 409 or off by knob, and frees a name with its object', async () => {
    const ids = await createChain(bench.egain);
    bench.sandbox.setKnobs({ egain: { uniqueness: 'conflict' } });
    expect((await bench.egain('POST', PATHS.account, bodyFor('account', ids))).status).toBe(409);
    await bench.egain('DELETE', `${PATHS.account}/${ids.account}`);
    expect((await bench.egain('POST', PATHS.account, bodyFor('account', ids))).status).toBe(201);
    bench.sandbox.setKnobs({ egain: { uniqueness: 'off' } });
    expect((await bench.egain('POST', PATHS.account, bodyFor('account', ids))).status).toBe(201);
  });

  it('of channel and address is a knob', async () => {
    const ids = await createChain(bench.egain);
    const second = bodyFor('account', ids, 'second');
    expect((await bench.egain('POST', PATHS.account, second)).status).toBe(201);
    bench.sandbox.setKnobs({ egain: { accountAddresses: 'unique' } });
    const refused = await bench.egain('POST', PATHS.account, bodyFor('account', ids, 'third'));
    expect(refused.body).toMatchObject({ code: '400-9901', details: [{ key: 'address' }] });
  });
});

describe('an account', () => {
  it('moves to another channel, unless a knob says otherwise', async () => {
    const ids = await createChain(bench.egain);
    const other = await bench.egain('POST', PATHS.channel, { ...bodyFor('channel', ids), type: 'custom.other' });
    const moved = { ...ids, channel: other.body.id as string };
    const put = (to: Ids): Promise<{ status: number }> =>
      bench.egain('PUT', `${PATHS.account}/${ids.account}`, bodyFor('account', to));
    expect((await put(moved)).status).toBe(204);
    bench.sandbox.setKnobs({ egain: { accountChannelChange: 'refused' } });
    expect((await put(ids)).status).toBe(400);
    expect((await put(moved)).status).toBe(204);
  });
});

describe('references', () => {
  const dangling: [EgainKind, string][] = [
    ['clientApplication', 'roles[0].authentication.id'],
    ['participant', 'application.id'],
    ['orchestration', 'applications.botConfiguration.bots[0].participant.id'],
    ['account', 'chatConfigurations.orchestration.id'],
  ];

  it.each(dangling)('of %s must lead somewhere', async (kind, path) => {
    const refused = await bench.egain('POST', PATHS[kind], bodyFor(kind, NO_IDS));
    expect(refused.body.code).toBe('400-9902');
    expect(detailsOf(refused.body)).toContainEqual({ key: path, value: UNKNOWN_ID });
    bench.sandbox.setKnobs({ egain: { danglingReferences: 'not-found' } });
    expect((await bench.egain('POST', PATHS[kind], bodyFor(kind, NO_IDS))).status).toBe(404);
    bench.sandbox.setKnobs({ egain: { danglingReferences: 'accepted' } });
    expect((await bench.egain('POST', PATHS[kind], bodyFor(kind, NO_IDS))).status).toBe(201);
  });

  it('to an entry point must name one that exists', async () => {
    const ids = await createChain(bench.egain);
    const body = bodyFor('account', ids, 'second');
    const chat = { ...(body.chatConfigurations as JsonObject), entryPoint: { id: '1999' } };
    const refused = await bench.egain('POST', PATHS.account, { ...body, chatConfigurations: chat });
    expect(refused.body).toMatchObject({
      code: '400-9902',
      details: [{ key: 'chatConfigurations.entryPoint.id', value: '1999' }],
    });
  });

  it('keep a participant to applications that have its role', async () => {
    const ids = await createChain(bench.egain);
    const refused = await bench.egain('POST', PATHS.participant, {
      ...bodyFor('participant', ids, 'second'),
      type: 'egain_bot',
    });
    expect(refused.body).toMatchObject({ code: '400-152', details: [{ key: 'application.id' }] });
  });

  const referred: [EgainKind, EgainKind][] = [
    ['authentication', 'clientApplication'],
    ['clientApplication', 'participant'],
    ['participant', 'orchestration'],
    ['channel', 'account'],
    ['orchestration', 'account'],
  ];

  it.each(referred)('protect a %s from deletion while a %s holds its id', async (kind, referrer) => {
    const ids = await createChain(bench.egain);
    const path = `${PATHS[kind]}/${ids[kind]}`;
    const refused = await bench.egain('DELETE', path);
    expect(refused.body.code).toBe('400-9903');
    expect(detailsOf(refused.body)).toContainEqual({ key: referrer, value: ids[referrer] });
    for (const [knob, status] of [
      ['conflict', 409],
      ['forbidden', 403],
      ['accepted', 204],
    ] as const) {
      bench.sandbox.setKnobs({ egain: { deleteReferenced: knob } });
      expect((await bench.egain('DELETE', path)).status).toBe(status);
    }
    const left = await bench.egain('GET', `${PATHS[referrer]}/${ids[referrer]}`);
    expect(left.text, 'a dangling reference stays').toContain(ids[kind]);
  });

  it('are let go by an update', async () => {
    const ids = await createChain(bench.egain);
    const body = bodyFor('clientApplication', ids);
    const roles = (body.roles as JsonObject[]).map(({ authentication: _, ...role }) => role);
    await bench.egain('PUT', `${PATHS.clientApplication}/${ids.clientApplication}`, { ...body, roles });
    expect((await bench.egain('DELETE', `${PATHS.authentication}/${ids.authentication}`)).status).toBe(204);
  });
});

describe('modified', () => {
  it('must be the stored one, grows with every change, and may be left out', async () => {
    const ids: Ids = await createChain(bench.egain);
    const path = `${PATHS.channel}/${ids.channel}`;
    const body = bodyFor('channel', ids);
    const seen: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const { modified } = (await bench.egain('GET', path)).body;
      seen.push(modified as string);
      expect((await bench.egain('PUT', path, { ...body, modified: modified ?? '' })).status).toBe(204);
    }
    expect(new Set(seen).size).toBe(5);
    expect([...seen].sort()).toEqual(seen);
    const stale = await bench.egain('PUT', path, { ...body, modified: seen[0] ?? '' });
    expect(stale.body).toMatchObject({ code: '409-100', details: [{ key: 'modified' }] });
    expect((await bench.egain('PUT', path, body)).status).toBe(204);
  });

  it('has knobs', async () => {
    const ids = await createChain(bench.egain);
    const path = `${PATHS.channel}/${ids.channel}`;
    const stale = { ...bodyFor('channel', ids), modified: '2001-01-01T00:00:00.000Z' };
    bench.sandbox.setKnobs({ egain: { staleModified: 'invalid', missingModified: 'refused' } });
    expect((await bench.egain('PUT', path, stale)).body.code).toBe('400-152');
    expect((await bench.egain('PUT', path, bodyFor('channel', ids))).body).toMatchObject({
      code: '400-143',
      details: [{ key: 'modified' }],
    });
    bench.sandbox.setKnobs({ egain: { staleModified: 'ignored' } });
    expect((await bench.egain('PUT', path, stale)).status).toBe(204);
    expect((await bench.egain('PUT', path, { ...stale, modified: 'yesterday' })).body.code).toBe('400-152');
  });
});

describe('lists', () => {
  const list = async (query = ''): Promise<{ count: number; ids: string[]; info: Json | undefined }> => {
    const { body, status } = await bench.egain('GET', `${PATHS.channel}${query}`);
    expect(status).toBe(200);
    const ids = itemsOf(body, 'channel').map(({ id }) => id as string);
    return { count: ids.length, ids, info: body.paginationInfo };
  };

  it('have 10 items a page, and at most 75', async () => {
    expect(await list()).toMatchObject({ count: 10, info: { count: 25, pagenum: 1, pagesize: 10 } });
    expect(await list('?$pagenum=3')).toMatchObject({ count: 5, info: { count: 25, pagenum: 3, pagesize: 10 } });
    expect(await list('?$pagenum=4')).toMatchObject({ count: 0 });
    expect(await list('?$pagesize=75')).toMatchObject({ count: 25 });
    const pages = await Promise.all([1, 2, 3].map((n) => list(`?$pagenum=${n}`)));
    expect(new Set(pages.flatMap(({ ids }) => ids)).size).toBe(25);
    for (const query of ['$pagesize=76', '$pagesize=0', '$pagenum=1000', '$pagenum=x']) {
      expect((await bench.egain('GET', `${PATHS.channel}?${query}`)).body.code).toBe('400-105');
    }
  });

  it('page otherwise by knob', async () => {
    bench.sandbox.setKnobs({ egain: { paging: 'all' } });
    expect(await list()).toMatchObject({ count: 25, info: { count: 25 } });
    bench.sandbox.setKnobs({ egain: { paging: 'refused' } });
    expect(await list()).toMatchObject({ count: 10, info: { count: 25 } });
    expect((await bench.egain('GET', `${PATHS.channel}?$pagenum=2`)).body.code).toBe('400-101');
    bench.sandbox.setKnobs({ egain: { paging: 'pagenum-only', paginationInfo: 'absent' } });
    expect((await bench.egain('GET', `${PATHS.channel}?$pagesize=75`)).body.code).toBe('400-101');
    expect(await list('?$pagenum=3')).toMatchObject({ count: 5, info: undefined });
    bench.sandbox.setKnobs({ egain: { paging: 'pages', unknownQuery: 'ignored', pageSize: 20, largestPageSize: 22 } });
    expect(await list('?name=x')).toMatchObject({ count: 20 });
    expect((await bench.egain('GET', `${PATHS.channel}?$pagesize=23`)).body.code).toBe('400-105');
  });

  it('lag behind a create by knob, a read does not', async () => {
    bench.sandbox.setKnobs({ egain: { listLagMs: 5000 } });
    const { id } = (await bench.egain('POST', PATHS.channel, bodyFor('channel', NO_IDS))).body;
    expect((await list()).info).toMatchObject({ count: 25 });
    expect((await bench.egain('GET', `${PATHS.channel}/${id as string}`)).status).toBe(200);
    bench.sandbox.clock.advance(5001);
    expect((await list()).info).toMatchObject({ count: 26 });
  });
});

describe('seeds', () => {
  it('are an agent application, 25 foreign objects of each resource and the channel sms', () => {
    const { egain } = bench.sandbox.state().objects;
    const main = (kind: EgainKind): JsonObject[] => (egain?.[kind] ?? []).filter(({ tenant }) => tenant === 'main');
    for (const kind of KINDS) expect(main(kind)).toHaveLength(kind === 'clientApplication' ? 26 : 25);
    expect(main('channel')[0]).toMatchObject({ id: foreignId('channel', 1), type: 'sms' });
    expect(main('clientApplication')[0]).toMatchObject({
      id: EGAIN_CREDENTIALS[0]?.agentClientApplicationId,
      roles: [{ name: 'egain_agent' }],
    });
    expect(JSON.stringify(egain)).not.toContain('gw:');
  });

  it.each(KINDS)('of %s pass the checks of a PUT', async (kind) => {
    const path = `${PATHS[kind]}/${foreignId(kind, 7)}`;
    const { id: _, created: __, ...body } = (await bench.egain('GET', path)).body;
    expect(await bench.egain('PUT', path, body)).toMatchObject({ status: 204 });
  });

  it('can be left out but for the agent application', () => {
    for (const seedless of [
      () => bench.sandbox.reset({ seed: false }),
      () => {
        bench.sandbox.setKnobs({ egain: { seeds: 'required' } });
        bench.sandbox.reset({ keepKnobs: true });
      },
    ]) {
      seedless();
      const { egain } = bench.sandbox.state().objects;
      expect(KINDS.map((kind) => egain?.[kind]?.length)).toEqual([0, 2, 0, 0, 0, 0]);
    }
  });
});

describe('answers', () => {
  it('carry a userMessage only when asked for', async () => {
    const path = `${PATHS.channel}/${UNKNOWN_ID}`;
    expect((await bench.egain('GET', path)).body).not.toHaveProperty('userMessage');
    const asked = await bench.egain('GET', path, undefined, { 'x-egain-error-message': 'yes' });
    expect(asked.body.userMessage).toBeTypeOf('string');
  });

  it('are 404 in the form of eGain for anything else', async () => {
    for (const [method, path] of [
      ['PATCH', `${PATHS.channel}/${UNKNOWN_ID}`],
      ['DELETE', PATHS.channel],
      ['GET', `${EGAIN_API}/nothings`],
      ['GET', '/egain'],
    ] as const) {
      expect((await bench.egain(method, path)).body).toMatchObject({ code: '404-101', developerMessage: /./ });
    }
  });

  it('show the secrets of an authentication by knob', async () => {
    const { authentication } = await createChain(bench.egain);
    const read = async (): Promise<JsonObject> => {
      const { body } = await bench.egain('GET', `${PATHS.authentication}/${authentication}`);
      return { ...(body.oauth2 as JsonObject), ...(body.basicAuth as JsonObject) };
    };
    expect(await read()).toMatchObject({ payload: '{"clientSecret":"s3cret"}', password: 'pa55' });
    bench.sandbox.setKnobs({ egain: { secrets: 'masked' } });
    expect(await read()).toMatchObject({ payload: '****', password: '****', username: 'hub' });
    bench.sandbox.setKnobs({ egain: { secrets: 'absent' } });
    expect(Object.keys(await read())).not.toContain('password');
  });

  it('carry the new id and the status of a delete by knob', async () => {
    bench.sandbox.setKnobs({ egain: { createdId: 'location', deleteStatus: 200 } });
    const made = await bench.egain('POST', PATHS.channel, bodyFor('channel', NO_IDS));
    expect(made).toMatchObject({ status: 201, text: '' });
    const id = made.headers.location?.split('/').pop() ?? '';
    expect((await bench.egain('DELETE', `${PATHS.channel}/${id}`)).status).toBe(200);
    bench.sandbox.setKnobs({ egain: { createdId: 'body-and-location' } });
    const both = await bench.egain('POST', PATHS.channel, bodyFor('channel', NO_IDS));
    expect(both.headers.location).toContain(both.body.id as string);
  });

  it('are refused in one-minute windows when throttled', async () => {
    bench.sandbox.setKnobs({ egain: { throttle: { enabled: true, limitPerMinute: 2 } } });
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await bench.egain('GET', PATHS.channel)).status);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await bench.egain('GET', PATHS.channel);
    expect(refused.body.code).toBe('429-001');
    expect(refused.headers).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '0' });
    expect(Date.parse(refused.headers['x-ratelimit-reset'] ?? '')).toBeGreaterThan(bench.sandbox.clock.now());
    expect(refused.headers).not.toHaveProperty('retry-after');
    bench.sandbox.setKnobs({ egain: { throttle: { retryAfter: 'present' } } });
    expect(Number((await bench.egain('GET', PATHS.channel)).headers['retry-after'])).toBeGreaterThan(0);
    bench.sandbox.clock.advance(60_000);
    expect((await bench.egain('GET', PATHS.channel)).status).toBe(200);
  });
});
