import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import type { Verification } from '#libs/resources/contract.js';
import { checkCredentials, type CredentialCheck } from '#libs/vendors/liveperson/index.js';
import { app } from '#libs/vendors/liveperson/resources/app.js';
import { connectorManifest } from '#test/factories/index.js';
import { ACCOUNT_ID, bodyOf, callsSince, openLiveperson, seqOf, type LivepersonBench } from './liveperson.js';
import { faultOf } from './vendors.js';

let lp: LivepersonBench;
beforeAll(async () => {
  lp = await openLiveperson();
});
beforeEach(() => lp.sandbox.reset());
afterAll(() => lp.close());

/** Creates an app and verifies it. */
async function verified(changes: JsonObject = {}): Promise<Verification | undefined> {
  const { id, issued = {} } = await app.create(lp.client, bodyOf(changes));
  return app.verify?.(lp.client, { id, body: bodyOf(changes), issued }, {});
}

/** A token as Sentinel would issue it, with other claims. */
function forged(claims: JsonObject, header: JsonObject = { alg: 'RS256' }): string {
  const all = {
    aud: ACCOUNT_ID,
    azp: 'me',
    iss: 'sentinel',
    exp: Date.now() / 1000 + 60,
    scope: 'msg.consumer',
    ...claims,
  };
  return [...[header, all].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')), 'signature'].join(
    '.',
  );
}

async function checked(token: string): Promise<CredentialCheck> {
  lp.sandbox.setFaults([
    {
      match: { vendor: 'liveperson', resource: 'token' },
      effect: { kind: 'status', status: 200, body: { access_token: token } },
    },
  ]);
  return checkCredentials(lp.client, connectorManifest(), { clientId: 'me', clientSecret: 'secret' }, {});
}

describe('verification by a token', () => {
  it.each<{ scope: string; versions: 'both' | 'v1' | 'v2'; asked: string[] }>([
    { scope: 'msg.consumer', versions: 'both', asked: ['/sentinel/api/account/12345678/app/token'] },
    { scope: 'faas.lambda.invoke', versions: 'both', asked: ['/sentinel/api/v2/account/12345678/app/token'] },
    {
      scope: 'msg.consumer',
      versions: 'v2',
      asked: ['/sentinel/api/account/12345678/app/token', '/sentinel/api/v2/account/12345678/app/token'],
    },
    {
      scope: 'faas.lambda.invoke',
      versions: 'v1',
      asked: ['/sentinel/api/v2/account/12345678/app/token', '/sentinel/api/account/12345678/app/token'],
    },
  ])(
    'asks the version that fits the scope $scope first, then the other ($versions)',
    async ({ scope, versions, asked }) => {
      lp.set({ token: { versions } });
      expect(await verified({ scope })).toMatchObject({ state: 'ready', level: 'verified' });
      const paths = lp.sandbox.state().ledger.flatMap(({ resource, path }) => (resource === 'token' ? [path] : []));
      expect(paths.map((path) => path.replace('/liveperson', ''))).toEqual(asked);
    },
  );

  it('keeps the credentials out of the address', async () => {
    await verified();
    const [token] = lp.sandbox.state().ledger.filter(({ resource }) => resource === 'token');
    expect(Object.keys(token?.query ?? {})).toEqual(['v']);
  });

  it('of an app that Sentinel does not know yet waits', async () => {
    lp.set({ token: { lagSeconds: 60 } });
    const { id, issued = {} } = await app.create(lp.client, bodyOf());
    const object = { id, body: bodyOf(), issued };
    expect(await app.verify?.(lp.client, object, {})).toMatchObject({ state: 'waiting' });
    lp.sandbox.clock.advance(60_000);
    expect(await app.verify?.(lp.client, object, {})).toMatchObject({ state: 'ready', level: 'verified' });
  });

  it('of an app that the vendor has switched off fails, and says so', async () => {
    const { id, issued = {} } = await app.create(lp.client, bodyOf());
    lp.sandbox.edit('liveperson', 'app', id, { enabled: false });
    const found = await app.verify?.(lp.client, { id, body: bodyOf(), issued }, {});
    expect(found).toMatchObject({ state: 'failed' });
    expect(found).toHaveProperty('message', expect.stringContaining('switched off'));
  });

  it('with a wrong secret waits, without the secret in its words', async () => {
    const { id } = await app.create(lp.client, bodyOf());
    const issued = { clientId: id, clientSecret: 'wrong-secret' };
    const found = await app.verify?.(lp.client, { id, body: bodyOf(), issued }, {});
    expect(found).toMatchObject({ state: 'waiting' });
    expect(JSON.stringify(found)).not.toContain('wrong-secret');
  });

  it('while Sentinel is away is a fault that passes', async () => {
    const { id, issued = {} } = await app.create(lp.client, bodyOf());
    lp.sandbox.setFaults([
      { match: { vendor: 'liveperson', resource: 'token' }, effect: { kind: 'status', status: 503 } },
    ]);
    const found = app.verify?.(lp.client, { id, body: bodyOf(), issued }, {}) ?? Promise.resolve();
    expect(await faultOf(found)).toMatchObject({ code: 'VENDOR_UNAVAILABLE', retryable: true });
  });

  it.each<[string, JsonObject, boolean]>([
    ['of another account', { aud: '87654321' }, false],
    ['of another app', { azp: 'other' }, false],
    ['of another issuer', { iss: 'somebody' }, false],
    ['without the scope', { scope: 'other' }, true],
    ['that has expired', { exp: 1 }, true],
  ])('is not fooled by a token %s', async (_what, claims, mayPass) => {
    expect(await checked(forged(claims))).toMatchObject({ state: 'mismatch', mayPass });
  });

  it('takes every documented form of the claims', async () => {
    expect(await checked(forged({ iss: 'Sentinel', aud: [ACCOUNT_ID], scope: ['msg.consumer', 'x'] }))).toEqual({
      state: 'verified',
    });
    expect(await checked(forged({ aud: Number(ACCOUNT_ID), scope: 'x msg.consumer' }))).toEqual({ state: 'verified' });
  });

  it('is not fooled by a token without a signature, or that is none', async () => {
    expect(await checked(forged({}, { alg: 'none' }))).toMatchObject({ state: 'mismatch', mayPass: false });
    expect(await checked('opaque')).toMatchObject({ state: 'mismatch', mayPass: false });
  });
});

describe('verification without a token', () => {
  it.each<[string, JsonObject]>([
    ['that only users log in to', { grant_types: ['authorization_code'], redirect_uris: ['https://acme.example/cb'] }],
    ['without any grant', { grant_types: ['refresh_token'] }],
    ['that is switched off on purpose', { enabled: false }],
  ])('of an app %s reads it back: partial', async (_what, changes) => {
    expect(await verified(changes)).toMatchObject({ state: 'ready', level: 'partial' });
    expect(callsSince(lp.sandbox, 0).some((call) => call.includes('token token'))).toBe(false);
  });

  it('of an app whose secret is not shown is partial', async () => {
    const { id } = await app.create(lp.client, bodyOf());
    const object = { id, body: bodyOf(), issued: { clientId: id } };
    expect(await app.verify?.(lp.client, object, {})).toMatchObject({ state: 'ready', level: 'partial' });
  });

  it('of an app that reads back otherwise waits, and names the field', async () => {
    const { id } = await app.create(lp.client, bodyOf({ enabled: false }));
    lp.sandbox.edit('liveperson', 'app', id, { description: 'other' });
    const seq = seqOf(lp.sandbox);
    const found = await app.verify?.(lp.client, { id, body: bodyOf({ enabled: false }), issued: {} }, {});
    expect(found).toMatchObject({ state: 'waiting' });
    expect(found).toHaveProperty('message', expect.stringContaining('description'));
    expect(callsSince(lp.sandbox, seq)).toEqual(['get app 200']);
  });
});
