import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import { formatMarker, type JsonObject, type VendorFault } from '#libs/contracts/index.js';
import { authentication } from '#libs/vendors/egain/resources/authentication.js';
import { clientApplication } from '#libs/vendors/egain/resources/client-application.js';
import { differs, faultOf, openVendors, seenOf, stored, type Vendors } from './vendors.js';

const MARKER = formatMarker({
  installation: '1a2b3c4d',
  account: { tenant: 'acme', account: 'support' },
  node: 'egain.authentication',
});
const BASIC: JsonObject = {
  name: 'acme-auth',
  active: true,
  type: 'basic',
  basicAuth: { username: 'hub', password: 'our-password' },
  description: MARKER,
};
const FOREIGN_AUTH = 'f0e16101-0000-4000-8000-000000000001';

let vendors: Vendors;
beforeAll(async () => {
  vendors = await openVendors({ timeoutMs: 1_000 });
});
beforeEach(() => vendors.sandbox.reset());
afterAll(() => vendors.close());

async function made(body: JsonObject = BASIC): Promise<string> {
  return (await authentication.create(vendors.egain, body)).id;
}

describe('the answer of a create', () => {
  it.each(['body', 'location', 'body-and-location'] as const)('gives the id in %s', async (createdId) => {
    vendors.sandbox.setKnobs({ egain: { createdId } });
    const id = await made();
    expect(stored(vendors.sandbox, 'egain', 'authentication', id)['name']).toBe('acme-auth');
  });

  const unclear: { effect: FaultRuleInput['effect']; code: VendorFault['code']; reason: string }[] = [
    { effect: { kind: 'reset-after' }, code: 'OUTCOME_UNKNOWN', reason: 'applied, then the connection broke' },
    { effect: { kind: 'reset-before' }, code: 'OUTCOME_UNKNOWN', reason: 'read, then the connection broke' },
    { effect: { kind: 'hang' }, code: 'OUTCOME_UNKNOWN', reason: 'no answer within the deadline' },
    { effect: { kind: 'truncated' }, code: 'OUTCOME_UNKNOWN', reason: 'the answer broke off' },
    { effect: { kind: 'body' }, code: 'OUTCOME_UNKNOWN', reason: 'a success without a body names no id' },
    { effect: { kind: 'body', body: '<html>' }, code: 'OUTCOME_UNKNOWN', reason: 'a success in HTML' },
    { effect: { kind: 'status', status: 500, apply: true }, code: 'VENDOR_UNAVAILABLE', reason: 'applied, yet a 500' },
    {
      effect: { kind: 'status', status: 504, body: '<html>' },
      code: 'VENDOR_UNAVAILABLE',
      reason: 'a gateway gave up',
    },
  ];

  it.each(unclear)('is unclear: $reason', async ({ effect, code }) => {
    vendors.sandbox.setFaults([{ match: { vendor: 'egain', operation: 'create' }, effect }]);
    expect(await faultOf(made())).toMatchObject({ code, outcomeUnknown: true, retryable: true, operation: 'create' });
  });

  it('is clear when it was refused for being too much: nothing was made, and it says how long to wait', async () => {
    const effect = { kind: 'status', status: 429, headers: { 'retry-after': '7' } } as const;
    vendors.sandbox.setFaults([{ match: { vendor: 'egain', operation: 'create' }, effect }]);
    expect(await faultOf(made())).toMatchObject({
      code: 'RATE_LIMITED',
      outcomeUnknown: false,
      retryable: true,
      retryAfterMs: 7_000,
    });
  });

  it('is clear when nobody listens: nothing was sent', async () => {
    const gone = await openVendors();
    await gone.sandbox.close();
    const egain = vendors.connectEgain({ apiBase: gone.settings.egain.apiBase });
    expect(await faultOf(authentication.create(egain, BASIC))).toMatchObject({
      code: 'VENDOR_UNAVAILABLE',
      outcomeUnknown: false,
      retryable: true,
    });
  });
});

describe('an update', () => {
  it.each(['conflict', 'invalid'] as const)('reads again when somebody was faster (%s)', async (staleModified) => {
    vendors.sandbox.setKnobs({ egain: { staleModified } });
    const id = await made();
    const seen = await seenOf(authentication, vendors.egain, id);
    const stale = { code: '409-100', developerMessage: 'last modified date does not match' };
    const status = staleModified === 'conflict' ? 409 : 400;
    vendors.sandbox.setFaults([
      { match: { vendor: 'egain', operation: 'update' }, times: 2, effect: { kind: 'status', status, body: stale } },
    ]);
    await authentication.update(vendors.egain, seen, { body: { ...BASIC, active: false }, mode: 'own' });
    expect(stored(vendors.sandbox, 'egain', 'authentication', id)['active']).toBe(false);
  });

  it('gives up for now after three tries', async () => {
    const seen = await seenOf(authentication, vendors.egain, await made());
    vendors.sandbox.setFaults([
      { match: { vendor: 'egain', operation: 'update' }, effect: { kind: 'status', status: 409, body: {} } },
    ]);
    const { seq } = vendors.sandbox.state();
    const fault = await faultOf(
      authentication.update(vendors.egain, seen, { body: { ...BASIC, active: false }, mode: 'own' }),
    );
    expect(fault).toMatchObject({ code: 'CONFLICT', retryable: true, outcomeUnknown: false });
    const puts = vendors.sandbox.state({ since: seq }).ledger.filter((entry) => entry.operation === 'update');
    expect(puts).toHaveLength(3);
  });

  it('does not write when somebody else has brought it there already', async () => {
    const id = await made();
    const seen = await seenOf(authentication, vendors.egain, id);
    vendors.sandbox.edit('egain', 'authentication', id, { active: false });
    const { seq } = vendors.sandbox.state();
    vendors.sandbox.setFaults([
      { match: { vendor: 'egain', operation: 'update' }, times: 1, effect: { kind: 'status', status: 409, body: {} } },
    ]);
    await authentication.update(vendors.egain, seen, { body: { ...BASIC, active: false }, mode: 'own' });
    const puts = vendors.sandbox.state({ since: seq }).ledger.filter((entry) => entry.operation === 'update');
    expect(puts).toHaveLength(1);
  });

  it('of an object that vanished is tried again from the start', async () => {
    const id = await made();
    const seen = await seenOf(authentication, vendors.egain, id);
    vendors.sandbox.remove('egain', 'authentication', id);
    const fault = await faultOf(authentication.update(vendors.egain, seen, { body: BASIC, mode: 'own' }));
    expect(fault).toMatchObject({ code: 'CONFLICT', retryable: true, externalId: id });
  });

  it('sends our secrets, never what was read, also where eGain masks them', async () => {
    vendors.sandbox.setKnobs({ egain: { secrets: 'masked' } });
    const id = await made();
    const seen = await seenOf(authentication, vendors.egain, id);
    await authentication.update(vendors.egain, seen, { body: { ...BASIC, active: false }, mode: 'own' });
    expect(stored(vendors.sandbox, 'egain', 'authentication', id)['basicAuth']).toEqual({
      username: 'hub',
      password: 'our-password',
    });
  });

  it('that changes the type drops the object of the former one', async () => {
    const id = await made();
    const seen = await seenOf(authentication, vendors.egain, id);
    const { basicAuth: _basic, ...rest } = BASIC;
    const oauth2 = { tokenRequestUrl: 'https://acme.example/t', method: 'POST', accessTokenPath: '$.t', payload: 'p' };
    await authentication.update(vendors.egain, seen, { body: { ...rest, type: 'oauth2', oauth2 }, mode: 'own' });
    const now = stored(vendors.sandbox, 'egain', 'authentication', id);
    expect(now).toMatchObject({ type: 'oauth2', oauth2 });
    expect(now).not.toHaveProperty('basicAuth');
  });
});

describe('an adopted object', () => {
  const desired: JsonObject = { ...BASIC, name: 'foreign-authentication-1', active: false };

  it('keeps its secrets and its description; undo brings the former fields back', async () => {
    const before = stored(vendors.sandbox, 'egain', 'authentication', FOREIGN_AUTH);
    const seen = await seenOf(authentication, vendors.egain, FOREIGN_AUTH);
    const former = authentication.former(seen);
    await authentication.update(vendors.egain, seen, { body: desired, mode: 'adopted' });
    expect(stored(vendors.sandbox, 'egain', 'authentication', FOREIGN_AUTH)).toMatchObject({
      active: false,
      description: before['description'],
      basicAuth: { username: 'hub', password: 'foreign-password-1' },
    });
    const changed = await seenOf(authentication, vendors.egain, FOREIGN_AUTH);
    expect(differs(authentication, desired, changed, 'adopted')).toEqual([]);
    expect(differs(authentication, former, changed, 'restore').sort()).toEqual(['active', 'basicAuth.username']);
    await authentication.update(vendors.egain, changed, { body: former, mode: 'restore' });
    const { modified: _a, ...restored } = stored(vendors.sandbox, 'egain', 'authentication', FOREIGN_AUTH);
    const { modified: _b, ...original } = before;
    expect(restored).toEqual(original);
  });

  it.each(['masked', 'absent'] as const)('is not written when its secret is %s', async (secrets) => {
    vendors.sandbox.setKnobs({ egain: { secrets } });
    const seen = await seenOf(authentication, vendors.egain, FOREIGN_AUTH);
    const fault = await faultOf(authentication.update(vendors.egain, seen, { body: desired, mode: 'adopted' }));
    expect(fault).toMatchObject({ code: 'CONFLICT', retryable: false });
    expect(fault.message).toContain('/basicAuth/password');
    expect(stored(vendors.sandbox, 'egain', 'authentication', FOREIGN_AUTH)['active']).toBe(true);
  });

  it('is not given credentials of another type: the former could not be put back', async () => {
    const oauth2 = { tokenRequestUrl: 'https://acme.example/t', method: 'POST', accessTokenPath: '$.t', payload: 'p' };
    const { basicAuth: _basic, ...rest } = desired;
    const seen = await seenOf(authentication, vendors.egain, FOREIGN_AUTH);
    const call = authentication.update(vendors.egain, seen, {
      body: { ...rest, type: 'oauth2', oauth2 },
      mode: 'adopted',
    });
    expect(await faultOf(call)).toMatchObject({ code: 'CONFLICT', retryable: false });
  });

  it('keeps headers of its own beside ours, and loses ours again', async () => {
    const role = {
      name: 'customer',
      version: 'v3',
      callback: 'https://x.example/c',
      notificationEmail: 'a@x.example',
    };
    const theirs = { name: 'X-Theirs', value: 'their-secret' };
    const ours = { name: 'X-Ours', value: 'our-secret' };
    const [id = ''] = vendors.sandbox.insert('egain', 'clientApplication', [
      { name: 'theirs', roles: [{ ...role, headers: [theirs] }] },
    ]);
    const body: JsonObject = { name: 'theirs', roles: [{ ...role, headers: [ours] }] };
    const seen = await seenOf(clientApplication, vendors.egain, id);
    await clientApplication.update(vendors.egain, seen, { body, mode: 'adopted' });
    expect(stored(vendors.sandbox, 'egain', 'clientApplication', id)['roles']).toEqual([
      { ...role, headers: [ours, theirs] },
    ]);
    const changed = await seenOf(clientApplication, vendors.egain, id);
    expect(differs(clientApplication, body, changed, 'adopted')).toEqual([]);
    await clientApplication.update(vendors.egain, changed, { body: clientApplication.former(seen), mode: 'restore' });
    expect(stored(vendors.sandbox, 'egain', 'clientApplication', id)['roles']).toEqual([
      { ...role, headers: [theirs] },
    ]);
  });
});

describe('a message', () => {
  it('holds no secret of the request, though the vendor repeats it, and no more than 300 characters of the vendor', async () => {
    const developerMessage = `our-password is too weak. ${'x'.repeat(2_000)}`;
    const effect = { kind: 'status', status: 400, body: { code: '400-152', developerMessage } } as const;
    vendors.sandbox.setFaults([{ match: { vendor: 'egain', operation: 'create' }, effect }]);
    const fault = await faultOf(made());
    expect(fault).toMatchObject({ vendorCode: '400-152', maybeDuplicate: true });
    expect(fault.message).toContain('[secret] is too weak');
    expect(fault.message).not.toContain('our-password');
    expect(fault.message.length).toBeLessThan(600);
  });
});
