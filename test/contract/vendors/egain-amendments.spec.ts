import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EGAIN_RESOURCES } from '#apps/sandbox/src/egain/resources.js';
import type { Field, Fields } from '#apps/sandbox/src/fields.js';
import { formatMarker, type JsonObject } from '#libs/contracts/index.js';
import type { Desired, Resource } from '#libs/resources/contract.js';
import { egainModule, type EgainClient } from '#libs/vendors/egain/index.js';
import { account } from '#libs/vendors/egain/resources/account.js';
import { authentication } from '#libs/vendors/egain/resources/authentication.js';
import { channel } from '#libs/vendors/egain/resources/channel.js';
import { clientApplication } from '#libs/vendors/egain/resources/client-application.js';
import { faultOf, openVendors, seenOf, stored, type Vendors } from './vendors.js';

const AGENT = 'a6e47a99-0000-4000-8000-000000000001';
const description = formatMarker({
  installation: '1a2b3c4d',
  account: { tenant: 'acme', account: 'support' },
  node: 'egain.thing',
});

let vendors: Vendors;
/** An account's required fields, referring to what the sandbox holds. */
let required: JsonObject;

beforeAll(async () => {
  vendors = await openVendors({ timeoutMs: 10_000 });
});
beforeEach(() => {
  vendors.sandbox.reset();
  const [channelId = ''] = vendors.sandbox.insert('egain', 'channel', [
    { type: 'custom.acme', displayName: 'Acme', icon: 'aWNvbg==' },
  ]);
  const [orchestration = ''] = vendors.sandbox.insert('egain', 'orchestration', [
    { name: 'acme', applications: { agentConfiguration: { agents: [{ id: AGENT }] } } },
  ]);
  required = {
    name: 'acme-account',
    description,
    address: '+15550100',
    channel: { id: channelId },
    chatConfigurations: { timeout: 30, orchestration: { id: orchestration }, entryPoint: { id: '1001' } },
  };
});
afterAll(() => vendors.close());

async function update(resource: Resource<EgainClient>, id: string, desired: Desired): Promise<void> {
  await resource.update(vendors.egain, await seenOf(resource, vendors.egain, id), desired);
  // What was written is what `diff` asks for, and a second update leaves it as it is.
  const seen = await seenOf(resource, vendors.egain, id);
  expect(resource.diff(desired, seen)).toEqual([]);
  const before = bodyIn(resource, id);
  await resource.update(vendors.egain, seen, desired);
  expect(bodyIn(resource, id)).toEqual(before);
}

/** What the sandbox holds of an object, but for what eGain adds. */
function bodyIn({ name }: Resource<EgainClient>, id: string): JsonObject {
  const {
    id: _id,
    tenant: _tenant,
    created: _created,
    modified: _modified,
    ...fields
  } = stored(vendors.sandbox, 'egain', name, id);
  return fields;
}

interface Case {
  reason: string;
  /** Optional fields of each body. */
  previous: JsonObject;
  wanted: JsonObject;
  former?: JsonObject;
  /** What somebody else changes in between. */
  meanwhile?: JsonObject;
  stands: JsonObject;
}

describe('an account of ours', () => {
  const cases: Case[] = [
    {
      reason: 'a dropped object goes, and with it the attributes and their secrets',
      previous: { caseManagement: { sameCaseDuration: 60 }, attributes: [{ name: 'sid', value: 'secret' }] },
      wanted: {},
      stands: { active: true },
    },
    {
      reason: 'a dropped field goes back to its documented default',
      previous: { active: false },
      wanted: {},
      stands: { active: true },
    },
    {
      reason: 'a field of an object that is dropped takes no other with it',
      previous: { caseManagement: { sameCaseDuration: 60 } },
      wanted: {},
      meanwhile: { caseManagement: { copyCustomAttributes: true } },
      stands: { active: true, caseManagement: { copyCustomAttributes: true } },
    },
    {
      reason: 'what somebody else has set and nobody names stays',
      previous: {},
      wanted: { active: false },
      meanwhile: { chatConfigurations: { defaultLanguage: 'de-DE' }, caseManagement: { sameCaseDuration: 5 } },
      stands: {
        active: false,
        chatConfigurations: { defaultLanguage: 'de-DE' },
        caseManagement: { sameCaseDuration: 5 },
      },
    },
    {
      reason: 'what somebody else has changed and is wanted is written',
      previous: { caseManagement: { sameCaseDuration: 60 } },
      wanted: { caseManagement: { sameCaseDuration: 60 } },
      meanwhile: { caseManagement: { sameCaseDuration: 5 } },
      stands: { active: true, caseManagement: { sameCaseDuration: 60 } },
    },
    {
      reason: 'attributes are those that are wanted, with their secrets',
      previous: { attributes: [attribute('a', '1'), attribute('b', '2')] },
      wanted: { attributes: [attribute('b', '3'), attribute('c', '4')] },
      meanwhile: { attributes: [attribute('theirs', 't'), attribute('b', 'x')] },
      stands: { active: true, attributes: [attribute('b', '3'), attribute('c', '4')] },
    },
  ];

  it.each(cases)('$reason', async ({ previous, wanted, meanwhile, stands }) => {
    const { id } = await account.create(vendors.egain, { ...required, ...previous });
    if (meanwhile) vendors.sandbox.edit('egain', 'account', id, meanwhile);
    const desired: Desired = {
      body: { ...required, ...wanted },
      mode: 'own',
      previous: { ...required, ...previous },
    };
    await update(account, id, desired);
    expect(bodyIn(account, id)).toEqual(merged(required, stands));
  });
});

describe('an adopted account', () => {
  const cases: Case[] = [
    {
      reason: 'a dropped field goes back to its former value',
      former: { active: false, caseManagement: { sameCaseDuration: 5 } },
      previous: { active: true, caseManagement: { sameCaseDuration: 60 } },
      wanted: {},
      stands: { active: false, caseManagement: { sameCaseDuration: 5 } },
    },
    {
      reason: 'a dropped attribute of ours goes, theirs stays with its secret',
      former: { attributes: [attribute('theirs', 't')] },
      previous: { attributes: [attribute('ours', 'o')] },
      wanted: {},
      stands: { active: true, attributes: [attribute('theirs', 't')] },
    },
    {
      reason: 'the secret of an attribute of ours is written, that of theirs is not',
      former: { attributes: [attribute('theirs', 't')] },
      previous: { attributes: [attribute('ours', '1')] },
      wanted: { attributes: [attribute('ours', '2'), attribute('theirs', 'x')] },
      stands: { active: true, attributes: [attribute('ours', '2'), attribute('theirs', 't')] },
    },
    {
      reason: 'what somebody else has set since it was taken over stays',
      former: {},
      previous: { caseManagement: { sameCaseDuration: 60 } },
      wanted: {},
      meanwhile: { caseManagement: { copyCustomAttributes: true }, attributes: [attribute('later', 'l')] },
      stands: {
        active: true,
        caseManagement: { copyCustomAttributes: true },
        attributes: [attribute('later', 'l')],
      },
    },
  ];

  it.each(cases)('$reason', async ({ former = {}, previous, wanted, meanwhile, stands }) => {
    const theirs = { ...required, description: 'theirs' };
    const [id = ''] = vendors.sandbox.insert('egain', 'account', [{ ...theirs, ...former }]);
    const kept = account.former(await seenOf(account, vendors.egain, id));
    const first = { ...required, ...previous };
    await update(account, id, { body: first, mode: 'adopted', former: kept });
    if (meanwhile) vendors.sandbox.edit('egain', 'account', id, meanwhile);
    const desired: Desired = { body: { ...required, ...wanted }, mode: 'adopted', previous: first, former: kept };
    await update(account, id, desired);
    expect(bodyIn(account, id)).toEqual(merged(theirs, stands));
  });
});

describe('a channel', () => {
  it('takes plain values as one value, and goes back to no restriction at all', async () => {
    const body: JsonObject = { type: 'custom.own', displayName: 'Own', icon: 'aWNvbg==', description };
    const first = { ...body, restrictions: { inbound: { maxTextLength: 10, features: ['richText'] } } };
    const second = { ...body, restrictions: { inbound: { features: ['attachments', 'typing_events'] } } };
    const { id } = await channel.create(vendors.egain, first);
    await update(channel, id, { body: second, mode: 'own', previous: first });
    expect(bodyIn(channel, id)).toEqual({ ...second, active: true });
    await update(channel, id, { body, mode: 'own', previous: second });
    expect(bodyIn(channel, id)).toEqual({ ...body, active: true });
  });
});

describe('an authentication', () => {
  const basic = {
    name: 'acme-auth',
    description,
    type: 'basic',
    basicAuth: { username: 'u', password: 'basic-secret' },
  };
  const oauth2 = {
    name: 'acme-auth',
    description,
    type: 'oauth2',
    oauth2: { tokenRequestUrl: 'https://acme.example/t', method: 'POST', accessTokenPath: '$.t', payload: 'p-secret' },
  };

  it.each(['clear', 'masked', 'absent'] as const)(
    'is given another type and its former one again, with its secrets, where eGain shows secrets %s',
    async (secrets) => {
      const { id } = await authentication.create(vendors.egain, basic);
      const before = bodyIn(authentication, id);
      vendors.sandbox.setKnobs({ egain: { secrets } });
      await update(authentication, id, { body: oauth2, mode: 'own', previous: basic });
      expect(bodyIn(authentication, id)).toEqual({ ...oauth2, active: true });
      await update(authentication, id, { body: basic, mode: 'own', previous: oauth2 });
      expect(bodyIn(authentication, id)).toEqual(before);
    },
  );

  it.each(['clear', 'masked', 'absent'] as const)(
    'loses a dropped secret, which no comparison sees, where eGain shows secrets %s',
    async (secrets) => {
      const { payload: _dropped, ...rest } = oauth2.oauth2;
      const wanted = { ...oauth2, oauth2: rest };
      const { id } = await authentication.create(vendors.egain, oauth2);
      vendors.sandbox.setKnobs({ egain: { secrets } });
      const desired: Desired = { body: wanted, mode: 'own', previous: oauth2 };
      expect(authentication.diff(desired, await seenOf(authentication, vendors.egain, id))).toEqual([]);
      await update(authentication, id, desired);
      expect(bodyIn(authentication, id)).toEqual({ ...wanted, active: true });
    },
  );

  it.each<{ reason: string; changes: JsonObject; previous?: JsonObject }>([
    { reason: 'alone', changes: {}, previous: basic },
    { reason: 'alone, whatever was written before', changes: {} },
    {
      reason: 'beside a field that somebody else has brought there meanwhile',
      changes: { active: false },
      previous: basic,
    },
  ])('gets its new secret though somebody else was faster: $reason', async ({ changes, previous }) => {
    const { id } = await authentication.create(vendors.egain, basic);
    const seen = await seenOf(authentication, vendors.egain, id);
    vendors.sandbox.edit('egain', 'authentication', id, { active: false });
    const stale = { kind: 'status', status: 409, body: {} } as const;
    vendors.sandbox.setFaults([{ match: { vendor: 'egain', operation: 'update' }, times: 1, effect: stale }]);
    const body = { ...basic, ...changes, basicAuth: { username: 'u', password: 'new-secret' } };
    await authentication.update(vendors.egain, seen, { body, mode: 'own', ...(previous ? { previous } : {}) });
    expect(bodyIn(authentication, id)['basicAuth']).toEqual({ username: 'u', password: 'new-secret' });
  });

  it('of ours is not written over a masked secret that somebody else has set beside', async () => {
    const { payload: _none, ...rest } = oauth2.oauth2;
    const body = { ...oauth2, oauth2: rest };
    const { id } = await authentication.create(vendors.egain, body);
    vendors.sandbox.edit('egain', 'authentication', id, { oauth2: { payload: 'theirs' } });
    vendors.sandbox.setKnobs({ egain: { secrets: 'masked' } });
    const desired: Desired = { body: { ...body, active: false }, mode: 'own', previous: body };
    const seen = await seenOf(authentication, vendors.egain, id);
    const fault = await faultOf(authentication.update(vendors.egain, seen, desired));
    expect(fault).toMatchObject({ code: 'CONFLICT', retryable: false });
    expect(fault.message).toContain('/oauth2/payload');
  });
});

describe('a change and the change back', () => {
  const text = fc.constantFrom('a', 'b', 'c');
  const named = (value: fc.Arbitrary<string>): fc.Arbitrary<JsonObject[]> =>
    fc.uniqueArray(fc.record({ name: text, value }), { selector: ({ name }) => name, minLength: 1 });
  const optional = { requiredKeys: [] as [], noNullPrototype: true };

  const authentications = fc.oneof(
    fc.record({
      active: fc.boolean(),
      type: fc.constant('basic'),
      basicAuth: fc.record({ username: text, password: text }),
    }),
    fc.record({
      active: fc.boolean(),
      type: fc.constant('oauth2'),
      oauth2: fc.record(
        {
          tokenRequestUrl: fc.webUrl({ validSchemes: ['https'] }),
          method: fc.constantFrom('GET', 'POST'),
          accessTokenPath: text,
          payload: text,
          headers: named(text),
        },
        { requiredKeys: ['tokenRequestUrl', 'method', 'accessTokenPath'], noNullPrototype: true },
      ),
    }),
  );
  const role = fc.record(
    {
      version: fc.constantFrom('v1', 'v3'),
      callback: fc.webUrl({ validSchemes: ['https'] }),
      notificationEmail: text,
      headers: named(text),
    },
    { requiredKeys: ['version', 'callback', 'notificationEmail'], noNullPrototype: true },
  );
  const applications = fc.record({
    active: fc.boolean(),
    roles: fc
      .uniqueArray(fc.tuple(fc.constantFrom('customer', 'egain_agent', 'custom_bot'), role), {
        selector: ([name]) => name,
        minLength: 1,
      })
      .map((roles) => roles.map(([name, fields]): JsonObject => ({ name, ...fields }))),
  });
  const accounts = fc.record(
    {
      active: fc.boolean(),
      address: text,
      caseManagement: fc.record(
        { sameCaseDuration: fc.nat(9), copyCustomAttributes: fc.boolean() },
        { ...optional, requiredKeys: ['sameCaseDuration'] },
      ),
      attributes: named(text),
    },
    optional,
  );

  it.each<{ resource: Resource<EgainClient>; bodies: fc.Arbitrary<JsonObject>; base: () => JsonObject }>([
    { resource: authentication, bodies: authentications, base: () => ({ name: 'x', description }) },
    { resource: clientApplication, bodies: applications, base: () => ({ name: 'x', description }) },
    { resource: account, bodies: accounts, base: () => required },
  ])('leave an object of ours byte for byte as it was: $resource.name', async ({ resource, bodies, base }) => {
    const secrets = fc.constantFrom('clear', 'masked', 'absent');
    await fc.assert(
      fc.asyncProperty(bodies, bodies, secrets, async (a, b, shown) => {
        vendors.sandbox.setKnobs({ egain: { secrets: shown } });
        const [first, second] = [
          { ...base(), ...a },
          { ...base(), ...b },
        ];
        const { id } = await resource.create(vendors.egain, first);
        const before = JSON.stringify(bodyIn(resource, id));
        await update(resource, id, { body: second, mode: 'own', previous: first });
        expect(bodyIn(resource, id)).toEqual({ active: true, ...second });
        await update(resource, id, { body: first, mode: 'own', previous: second });
        expect(JSON.stringify(bodyIn(resource, id))).toBe(before);
        await resource.remove(vendors.egain, id);
      }),
      { numRuns: 25 },
    );
  });
});

describe.each(EGAIN_RESOURCES)('paths of $kind', ({ kind, fields }) => {
  it('are known for every documented field but the place of the marker, and its secrets are told apart', () => {
    const resource = egainModule.resources.find(({ name }) => name === kind);
    const { description: _marker, ...compared } = fields;
    const kinds = leavesOf(compared).map(({ path }) => [path, resource?.pathKind(path)]);
    const secrets = resource?.secrets ?? [];
    expect(kinds).toEqual(leavesOf(compared).map(({ path }) => [path, secrets.includes(path) ? 'secret' : 'field']));
    expect(resource?.pathKind('description')).toBe('none');
    expect(resource?.pathKind('id')).toBe('none');
  });
});

/** Every documented value and array of plain values of a table. */
function leavesOf(fields: Fields, prefix = ''): { path: string }[] {
  const of = (path: string, field: Field): { path: string }[] => {
    if (field.type === 'object') return leavesOf(field.fields, `${path}.`);
    if (field.type === 'array' && field.items.type === 'object') return leavesOf(field.items.fields, `${path}[].`);
    return [{ path }];
  };
  return Object.entries(fields).flatMap(([name, field]) => of(`${prefix}${name}`, field));
}

function attribute(name: string, value: string): JsonObject {
  return { name, value };
}

/** Both bodies; chat configurations field by field. */
function merged(base: JsonObject, changes: JsonObject): JsonObject {
  const both = [base, changes].map((each) => each['chatConfigurations'] as JsonObject | undefined);
  return { ...base, ...changes, chatConfigurations: { ...both[0], ...both[1] } };
}
