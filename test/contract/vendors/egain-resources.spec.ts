import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { formatMarker, type JsonObject, type Marker } from '#libs/contracts/index.js';
import type { Resource, SeenObject } from '#libs/resources/contract.js';
import { egainModule, type EgainClient } from '#libs/vendors/egain/index.js';
import { differs, faultOf, openVendors, seenOf, stored, type Vendors } from './vendors.js';

const AGENT = 'a6e47a99-0000-4000-8000-000000000001';

let vendors: Vendors;
beforeAll(async () => {
  vendors = await openVendors();
});
beforeEach(() => vendors.sandbox.reset());
afterAll(() => vendors.close());

function resource(name: string): Resource<EgainClient> {
  const found = egainModule.resources.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no resource ${name}`);
  return found;
}

function markerOf(node: string): Marker {
  return { installation: '1a2b3c4d', account: { tenant: 'acme', account: 'support' }, node };
}

/** Bodies of all six kinds; `ids` are those of the kinds made before. */
const BODIES: Record<string, (ids: Record<string, string>) => JsonObject> = {
  authentication: () => ({
    name: 'acme-auth',
    type: 'oauth2',
    oauth2: {
      tokenRequestUrl: 'https://acme.example/token',
      method: 'POST',
      headers: [{ name: 'X-Key', value: 'header-secret' }],
      payload: '{"clientSecret":"payload-secret"}',
      accessTokenPath: '$.accessToken',
    },
  }),
  clientApplication: ({ authentication }) => ({
    name: 'acme-app',
    roles: [
      role('custom_bot', authentication),
      { ...role('customer', authentication), headers: [{ name: 'X-Tenant', value: 'role-secret' }] },
    ],
  }),
  participant: ({ clientApplication }) => ({
    name: 'acme-bot',
    type: 'custom_bot',
    application: { id: clientApplication ?? '' },
    intents: { intent: [{ value: 'billing', displayValue: 'Billing' }] },
  }),
  channel: () => ({
    type: 'custom.acme',
    displayName: 'Acme',
    icon: 'iVBORw0KGgo=',
    restrictions: { inbound: { maxTextLength: 1000, features: ['attachments', 'richText'] } },
  }),
  orchestration: ({ clientApplication, participant }) => ({
    name: 'acme-orchestration',
    applications: {
      customerConfiguration: { customer: { id: clientApplication ?? '' } },
      botConfiguration: { bots: [{ id: clientApplication ?? '', participant: { id: participant ?? '' } }] },
      agentConfiguration: { agents: [{ id: AGENT }] },
    },
  }),
  account: ({ channel, orchestration }) => ({
    name: 'acme-account',
    address: '+15550100',
    channel: { id: channel ?? '' },
    attributes: [{ name: 'token', value: 'attribute-secret' }],
    chatConfigurations: {
      timeout: 30,
      defaultLanguage: 'en-US',
      orchestration: { id: orchestration ?? '' },
      entryPoint: { id: '1001' },
    },
  }),
};
const ORDER = Object.keys(BODIES);

function role(name: string, authentication: string | undefined): JsonObject {
  return {
    name,
    version: 'v3',
    callback: `https://acme.example/${name}`,
    notificationEmail: 'ops@acme.example',
    ...(authentication === undefined ? {} : { authentication: { id: authentication } }),
  };
}

function bodyOf(name: string, ids: Record<string, string>): JsonObject {
  return { active: true, ...BODIES[name]?.(ids), description: formatMarker(markerOf(`egain.${name}`)) };
}

/** Makes the kinds up to and with `last`, in their order. */
async function makeUpTo(last: string): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const name of ORDER.slice(0, ORDER.indexOf(last) + 1)) {
    ids[name] = (await resource(name).create(vendors.egain, bodyOf(name, ids))).id;
  }
  return ids;
}

function idOf(ids: Record<string, string>, name: string): string {
  const id = ids[name];
  if (id === undefined) throw new Error(`${name} was not made`);
  return id;
}

describe.each(ORDER)('%s', (name) => {
  it('reads back as it was created: same key, our marker, no difference, no secret', async () => {
    const ids = await makeUpTo(name);
    const id = idOf(ids, name);
    const body = bodyOf(name, ids);
    const seen = await seenOf(resource(name), vendors.egain, id);
    expect(seen.key).toBe(resource(name).key(body));
    expect(seen.marker).toEqual(markerOf(`egain.${name}`));
    expect(differs(resource(name), body, seen)).toEqual([]);
    expect(JSON.stringify(seen)).not.toMatch(/-secret/);
    expect(JSON.stringify(resource(name).former(seen))).not.toMatch(/-secret/);
  });

  it('is in the list, which is read over all its pages', async () => {
    const ids = await makeUpTo(name);
    const list = await resource(name).list(vendors.egain, undefined, {});
    expect(list.length).toBeGreaterThan(25);
    expect(list.filter((seen) => seen.marker !== undefined).map((seen) => seen.id)).toContain(idOf(ids, name));
  });

  it('is changed by a PUT that keeps what nobody asked to change', async () => {
    const ids = await makeUpTo(name);
    const id = idOf(ids, name);
    const before = stored(vendors.sandbox, 'egain', name, id);
    const body = { ...bodyOf(name, ids), active: false };
    const seen = await seenOf(resource(name), vendors.egain, id);
    expect(differs(resource(name), body, seen)).toEqual(['active']);
    await resource(name).update(vendors.egain, seen, { body, mode: 'own' });
    const { modified: _before, ...kept } = before;
    const { modified: _after, ...now } = stored(vendors.sandbox, 'egain', name, id);
    expect(now).toEqual({ ...kept, active: false });
  });

  it('is there no more after remove, and a second remove is quiet', async () => {
    const ids = await makeUpTo(name);
    const id = idOf(ids, name);
    await resource(name).remove(vendors.egain, id);
    expect(await resource(name).get(vendors.egain, id, {})).toBeNull();
    await expect(resource(name).remove(vendors.egain, id)).resolves.toBeUndefined();
  });

  it.each([
    ['get', (id: string) => resource(name).get(vendors.egain, id, {})],
    ['list', () => resource(name).list(vendors.egain, undefined, {})],
  ] as const)('is not taken for missing when its %s is refused', async (operation, read) => {
    const ids = await makeUpTo(name);
    vendors.sandbox.setFaults([
      { match: { vendor: 'egain', resource: name, operation }, effect: { kind: 'status', status: 403 } },
    ]);
    const fault = await faultOf(read(idOf(ids, name)));
    expect(fault).toMatchObject({ code: 'PERMISSION_DENIED', operation, httpStatus: 403 });
  });

  it('marks a 400 of a second create as a possible duplicate', async () => {
    if (!resource(name).uniqueKey) vendors.sandbox.setKnobs({ egain: { orchestrationNames: 'unique' } });
    const ids = await makeUpTo(name);
    const fault = await faultOf(resource(name).create(vendors.egain, bodyOf(name, ids)));
    expect(fault).toMatchObject({ code: 'INVALID_REQUEST', httpStatus: 400, maybeDuplicate: true, retryable: false });
  });
});

describe('what refers to an object', () => {
  const cases: { name: string; by: string[] }[] = [
    { name: 'authentication', by: ['clientApplication'] },
    { name: 'clientApplication', by: ['participant', 'orchestration'] },
    { name: 'participant', by: ['orchestration'] },
    { name: 'channel', by: ['account'] },
    { name: 'orchestration', by: ['account'] },
  ];

  it.each(cases)('$name is held by $by', async ({ name, by }) => {
    const ids = await makeUpTo('account');
    const referrers = await resource(name).referrers?.(vendors.egain, idOf(ids, name), {});
    expect(referrers?.map((referrer) => [referrer.resource, referrer.externalId])).toEqual(
      by.map((kind) => [kind, idOf(ids, kind)]),
    );
  });

  it('is asked by its id where the reading is an earlier one: another process may have removed it since', async () => {
    const ids = await makeUpTo('account');
    const client = vendors.connectEgain({});
    const begunAfter = performance.now();
    const referrers = async (): Promise<(string | undefined)[] | undefined> => {
      const found = await resource('orchestration').referrers?.(client, idOf(ids, 'orchestration'), { begunAfter });
      return found?.map(({ externalId }) => externalId);
    };
    const { seq } = vendors.sandbox.state({ ledger: false, objects: false });
    expect(await referrers()).toEqual([idOf(ids, 'account')]);
    vendors.sandbox.edit('egain', 'account', idOf(ids, 'account'), {
      chatConfigurations: { orchestration: { id: 'x' } },
    });
    expect(await referrers(), 'it refers to another one now').toEqual([]);
    vendors.sandbox.remove('egain', 'account', idOf(ids, 'account'));
    expect(await referrers(), 'it is gone').toEqual([]);
    const { ledger } = vendors.sandbox.state({ objects: false, since: seq });
    const lists = ledger.filter(({ operation, query }) => operation === 'list' && query['$pagenum'] === '1');
    expect(lists.length, 'there and back, once').toBeLessThanOrEqual(2);
  });

  it('is named when a delete is refused', async () => {
    const ids = await makeUpTo('account');
    const fault = await faultOf(resource('channel').remove(vendors.egain, idOf(ids, 'channel')));
    expect(fault).toMatchObject({ code: 'STILL_REFERENCED', retryable: false });
    expect(fault.message).toContain(idOf(ids, 'account'));
  });

  it('does not make a 403 on a delete look like a reference', async () => {
    const ids = await makeUpTo('account');
    vendors.sandbox.setKnobs({ egain: { deleteReferenced: 'forbidden' } });
    const fault = await faultOf(resource('channel').remove(vendors.egain, idOf(ids, 'channel')));
    expect(fault.code).toBe('PERMISSION_DENIED');
  });
});

describe('rules of single kinds', () => {
  it('never creates the participant of an eGain bot', async () => {
    const ids = await makeUpTo('clientApplication');
    const before = vendors.sandbox.state().seq;
    const body = { ...bodyOf('participant', ids), type: 'egain_bot' };
    const fault = await faultOf(resource('participant').create(vendors.egain, body));
    expect(fault).toMatchObject({ code: 'INVALID_REQUEST', retryable: false, maybeDuplicate: false });
    expect(fault.message).toContain('adopt');
    expect(vendors.sandbox.state().seq).toBe(before);
  });

  it('sees a second active account on the same channel and address as a clash', async () => {
    const ids = await makeUpTo('account');
    const seen = await seenOf(resource('account'), vendors.egain, idOf(ids, 'account'));
    const other = { ...bodyOf('account', ids), name: 'another' };
    const clash = (body: JsonObject, one: SeenObject): string | undefined => resource('account').clash?.(body, one);
    expect(clash(other, seen)).toContain(seen.id);
    expect(clash({ ...other, address: '+15550199' }, seen)).toBeUndefined();
    expect(clash({ ...other, channel: { $ref: 'egain.channel.custom.acme.id' } }, seen)).toBeUndefined();
    expect(clash(other, { ...seen, body: { ...seen.body, active: false } })).toBeUndefined();
  });
});
