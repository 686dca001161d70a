import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.js';
import { type Answer, FORM, useSandbox } from '../testing/client.js';
import { ACCOUNT, HANDOFF_ACCOUNT, livepersonClient, textIn } from '../testing/liveperson.js';
import type { LivePersonKnobs } from './knobs.js';

const bench = useSandbox();
const client = livepersonClient(bench);
const knobs = (token: Partial<LivePersonKnobs['token']>): unknown => bench.sandbox.setKnobs({ liveperson: { token } });
const pair = async (changes?: JsonObject): Promise<{ client_id: string; client_secret: string }> => {
  const made = await client.create(changes);
  return { client_id: textIn(made, 'client_id'), client_secret: textIn(made, 'client_secret') };
};
const keySet = async (): Promise<ReturnType<typeof createLocalJWKSet>> => {
  const { text } = await bench.raw('GET', '/sentinel/well-known/jwks');
  return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
};

describe('a token', () => {
  it.each(['v1', 'v2'] as const)('of %s is signed with a published key and says whose it is', async (version) => {
    const credentials = await pair({ scope: 'msg.consumer faas.lambda.invoke' });
    const answer = await client.token(credentials, version);
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: 3600 } });
    const token = textIn(answer, 'access_token');
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    const { payload } = await jwtVerify(token, await keySet(), { issuer: 'Sentinel', audience: ACCOUNT });
    expect(payload).toMatchObject({
      azp: credentials.client_id,
      sub: credentials.client_id,
      scope: 'msg.consumer faas.lambda.invoke',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });

  it('that was changed does not verify', async () => {
    const [header, , signature] = textIn(await client.token(await pair()), 'access_token').split('.');
    const forged = Buffer.from(JSON.stringify({ aud: ACCOUNT, azp: 'other' })).toString('base64url');
    await expect(jwtVerify(`${header}.${forged}.${signature}`, await keySet())).rejects.toThrow('signature');
  });

  it('publishes no private part', async () => {
    const { keys } = (await bench.raw('GET', '/sentinel/well-known/jwks')).body as unknown as JSONWebKeySet;
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'e', 'kid', 'kty', 'n', 'use']]);
  });

  it('has its form by the knobs', async () => {
    knobs({ expiresIn: 'absent', issuer: 'sentinel', lifetimeSeconds: 60 });
    const answer = await client.token(await pair());
    expect(answer.body).not.toHaveProperty('expires_in');
    const { payload } = await jwtVerify(textIn(answer, 'access_token'), await keySet());
    expect([payload.iss, (payload.exp ?? 0) - (payload.iat ?? 0)]).toEqual(['sentinel', 60]);
  });

  it.each([
    { reason: 'a wrong secret', form: { client_secret: 'x' }, status: 401, error: 'invalid_client' },
    { reason: 'an unknown app', form: { client_id: 'x' }, status: 401, error: 'invalid_client' },
    { reason: 'no secret', form: { client_secret: '' }, status: 400, error: 'invalid_request' },
    { reason: 'another grant', form: { grant_type: 'password' }, status: 400, error: 'unsupported_grant_type' },
  ])('is refused: $reason', async ({ form, status, error }) => {
    const credentials = await pair();
    for (const version of ['v1', 'v2'] as const) {
      expect(await client.token({ ...credentials, ...form }, version)).toMatchObject({ status, body: { error } });
    }
  });

  it('is refused in another account, or one that is not there', async () => {
    const credentials = await pair();
    expect((await client.token(credentials, 'v2', HANDOFF_ACCOUNT)).status).toBe(401);
    expect((await client.token(credentials, 'v2', '999')).status).toBe(401);
    knobs({ refusal: 400 });
    expect((await client.token(credentials, 'v2', '999')).status).toBe(400);
  });

  it('is refused to an app that does not ask for client_credentials', async () => {
    const credentials = await pair({ grant_types: ['authorization_code'], redirect_uris: ['https://a.example'] });
    expect((await client.token(credentials)).body.error).toBe('unauthorized_client');
  });

  it('is refused once the app is deleted', async () => {
    const credentials = await pair();
    await client.write('DELETE', credentials.client_id);
    for (const version of ['v1', 'v2'] as const) expect((await client.token(credentials, version)).status).toBe(401);
  });

  it('is refused while the app is switched off, unless it is not', async () => {
    const credentials = await pair({ enabled: false });
    expect((await client.token(credentials)).status).toBe(401);
    knobs({ disabledApp: 'accepted' });
    expect((await client.token(credentials)).status).toBe(200);
  });

  it('is refused as long as Sentinel does not know the app', async () => {
    knobs({ lagSeconds: 30 });
    const credentials = await pair();
    bench.sandbox.clock.advance(28_000);
    expect((await client.token(credentials)).status).toBe(401);
    bench.sandbox.clock.advance(3000);
    expect((await client.token(credentials)).status).toBe(200);
  });

  it.each(['v1', 'v2'] as const)('comes from %s alone', async (only) => {
    knobs({ versions: only });
    const credentials = await pair();
    const statuses = [await client.token(credentials, 'v1'), await client.token(credentials, 'v2')].map(
      ({ status }) => status,
    );
    expect(statuses).toEqual(only === 'v1' ? [200, 401] : [401, 200]);
  });

  it('may be asked for by the query in version 1 only', async () => {
    const query = new URLSearchParams({ ...(await pair()), grant_type: 'client_credentials' }).toString();
    const ask = (path: string): Promise<Answer> =>
      bench.raw('POST', `/sentinel/api${path}/account/${ACCOUNT}/app/token?${query}`, '', FORM);
    expect((await ask('')).status).toBe(200);
    expect((await ask('/v2')).status).toBe(400);
  });
});

describe('the page where a user would log in', () => {
  const REDIRECT = 'https://app.acme.example/cb';
  const authorize = (changes: Record<string, string>): Promise<Answer> => {
    const query = new URLSearchParams({ v: '1.0', response_type: 'code', redirect_uri: REDIRECT, ...changes });
    return bench.raw('GET', `/sentinel/api/account/${ACCOUNT}/authorize?${query.toString()}`);
  };

  it('is where a known app with one of its addresses is sent', async () => {
    const { client_id } = await pair({ grant_types: ['authorization_code'], redirect_uris: [REDIRECT] });
    const answer = await authorize({ client_id });
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toContain(`/hc/s-${ACCOUNT}/`);
    expect((await authorize({ client_id, redirect_uri: 'https://evil.example' })).status).toBe(400);
    expect((await authorize({ client_id, response_type: 'token' })).status).toBe(400);
    expect((await authorize({ client_id: 'x' })).status).toBe(400);
  });

  it('is not for an app without the grant', async () => {
    expect((await authorize({ client_id: (await pair()).client_id })).status).toBe(400);
  });
});
