import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiKey } from '#libs/config/api-keys.js';
import type { OidcSettings } from '#libs/config/api-settings.js';
import { createAuthenticator, type Authenticator } from './authenticator.js';
import { KnownKeys } from './known-keys.js';

const KEY = 'gwk_a-key-of-the-test';
const OLD = 'gwk_a-key-that-has-ended';
const NEW = 'gwk_a-key-that-will-end';
let issuer: Server;
let url = '';
let signing: CryptoKey;
let authenticator: Authenticator;

beforeAll(async () => {
  const pair = await generateKeyPair('ES256');
  signing = pair.privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
  issuer = createServer((request, response) => {
    const documents: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/jwks` },
      '/jwks': { keys: [jwk] },
    };
    const found = documents[request.url ?? ''];
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? {}));
  });
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  const keys: ApiKey[] = [
    { id: 'ci', sha256: hashOf(KEY), tenants: ['acme'], scopes: ['onboardings:read'] },
    { id: 'old', sha256: hashOf(OLD), tenants: ['acme'], scopes: [], notAfter: '2020-01-01T00:00:00Z' },
    { id: 'new', sha256: hashOf(NEW), tenants: ['acme'], scopes: [], notAfter: '2999-01-01T00:00:00+02:00' },
  ];
  authenticator = createAuthenticator({ keys: new KnownKeys(() => keys), oidc: oidc() });
});
afterAll(() => new Promise((resolve) => issuer.close(resolve)));

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function oidc(change: Partial<OidcSettings> = {}): OidcSettings {
  const claims = { scopeClaim: 'scope', tenantsClaim: 'tenants' };
  return { issuer: url, audience: 'gangway', ...claims, allowPrivateUrls: true, ...change };
}

function over(change: Partial<OidcSettings>): Authenticator {
  return createAuthenticator({ keys: new KnownKeys(() => []), oidc: oidc(change) });
}

function token(
  claims: JWTPayload = {},
  change: { audience?: string; expires?: string; issuer?: string; subject?: string; typ?: string } = {},
): Promise<string> {
  return new SignJWT({ scope: 'onboardings:read codec', tenants: ['acme', "x' OR 1"], ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...(change.typ === undefined ? {} : { typ: change.typ }) })
    .setSubject(change.subject ?? 'jo')
    .setIssuer(change.issuer ?? url)
    .setAudience(change.audience ?? 'gangway')
    .setExpirationTime(change.expires ?? '5m')
    .sign(signing);
}

describe('an API key', () => {
  it('is known by its hash', async () => {
    expect(await authenticator.authenticate(`Bearer ${KEY}`)).toMatchObject({
      id: 'ci',
      tenants: ['acme'],
      scopes: ['onboardings:read'],
    });
  });

  it('with an end counts until then', async () => {
    expect(await authenticator.authenticate(`Bearer ${NEW}`)).toMatchObject({ id: 'new' });
    await expect(authenticator.authenticate(`Bearer ${OLD}`)).rejects.toMatchObject({ slug: 'unauthorized' });
  });

  it.each([undefined, '', KEY, `Basic ${KEY}`, `Bearer ${KEY}x`, 'Bearer', 'Bearer a b'])(
    'is refused as %j',
    async (header) => {
      await expect(authenticator.authenticate(header)).rejects.toMatchObject({ slug: 'unauthorized', status: 401 });
    },
  );
});

describe('a token', () => {
  it('of the issuer brings its scopes, and those of its tenants that are names', async () => {
    expect(await authenticator.authenticate(`Bearer ${await token()}`)).toMatchObject({
      id: 'oidc:jo',
      tenants: ['acme'],
      scopes: ['onboardings:read', 'codec'],
    });
  });

  it('is valid until it ends', async () => {
    const caller = await authenticator.authenticate(`Bearer ${await token()}`);
    expect(caller.isValid()).toBe(true);
    vi.useFakeTimers({ now: Date.now() + 5 * 60_000 + 6_000 });
    expect(caller.isValid()).toBe(false);
    vi.useRealTimers();
  });

  it('without claims may do nothing', async () => {
    const nothing = await token({ scope: undefined, tenants: '*' });
    expect(await authenticator.authenticate(`Bearer ${nothing}`)).toMatchObject({
      id: 'oidc:jo',
      tenants: [],
      scopes: [],
    });
  });

  it.each([
    ['for another audience', () => token({}, { audience: 'other' })],
    ['of another issuer', () => token({}, { issuer: 'https://other.example' })],
    ['that has expired', () => token({}, { expires: '-1m' })],
    ['that is not signed by the issuer', async () => `${(await token()).slice(0, -6)}AAAAAA`],
    ['without a signature', () => Promise.resolve('eyJhbGciOiJub25lIn0.eyJzdWIiOiJqbyJ9.')],
  ])('%s is refused', async (_, make) => {
    await expect(authenticator.authenticate(`Bearer ${await make()}`)).rejects.toMatchObject({ slug: 'unauthorized' });
  });

  it('is answered 503 while the issuer is away', async () => {
    const away = over({ issuer: 'http://127.0.0.1:1' });
    await expect(away.authenticate(`Bearer ${await token()}`)).rejects.toMatchObject({ slug: 'identity-unavailable' });
  });

  it.each(['JWT', 'jwt', 'at+jwt', 'application/at+jwt'])('may be of the type %s', async (typ) => {
    expect(await authenticator.authenticate(`Bearer ${await token({}, { typ })}`)).toMatchObject({ id: 'oidc:jo' });
  });

  it.each(['logout+jwt', 'dpop+jwt', 'secevent+jwt', ''])('of another type is for somebody else: %j', async (typ) => {
    const wrong = authenticator.authenticate(`Bearer ${await token({}, { typ })}`);
    await expect(wrong).rejects.toMatchObject({
      slug: 'unauthorized',
      detail: expect.stringContaining('typ') as string,
    });
  });

  it.each(['jo@acme.example', 'auth0|5f7c', 'Jürgen Groß', 'a'.repeat(128)])(
    'is recorded by its subject: %s',
    async (subject) => {
      const caller = await authenticator.authenticate(`Bearer ${await token({}, { subject })}`);
      expect(caller.id).toBe(`oidc:${subject}`);
    },
  );

  it.each([
    { reason: 'no subject', subject: '' },
    { reason: 'a line break, which would begin another line of a log', subject: 'jo\nroot' },
    { reason: 'a mark that turns the writing round', subject: 'jo\u202Eroot' },
    { reason: 'more than 128 characters', subject: 'a'.repeat(129) },
  ])('is refused for its subject: $reason', async ({ subject }) => {
    const wrong = authenticator.authenticate(`Bearer ${await token({}, { subject })}`);
    await expect(wrong).rejects.toMatchObject({ slug: 'unauthorized' });
  });

  it.each([
    { reason: 'a text', scp: 'onboardings:read codec' },
    { reason: 'a list', scp: ['onboardings:read', 7, 'codec'] },
  ])('may bring its claims under other names: $reason', async ({ scp }) => {
    const named = over({ scopeClaim: 'scp', tenantsClaim: 'https://gangway.example/tenants' });
    const claims = { scope: 'codec:encode', tenants: ['globex'], scp, 'https://gangway.example/tenants': ['acme'] };
    expect(await named.authenticate(`Bearer ${await token(claims)}`)).toMatchObject({
      tenants: ['acme'],
      scopes: ['onboardings:read', 'codec'],
    });
  });

  it('is not verified by keys at an address that the issuer itself may not have', async () => {
    const strict = over({ allowPrivateUrls: false });
    await expect(strict.authenticate(`Bearer ${await token()}`)).rejects.toMatchObject({
      slug: 'identity-unavailable',
      extras: {
        cause: { message: expect.stringMatching(/^the jwks_uri in .* names a loopback or private host/) as string },
      },
    });
  });
});
