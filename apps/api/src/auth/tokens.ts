import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import type { OidcSettings } from '#libs/config/api-settings.js';
import { NAME_PATTERN } from '#libs/contracts/index.js';
import { Problem } from '../problems/problem.js';
import { unauthorized, type Caller } from './caller.js';

const DISCOVERY_TIMEOUT_MS = 5_000;
/** So far the issuer's clock may be ahead of or behind ours. */
const CLOCK_TOLERANCE_S = 5;
/** Signatures that only the issuer can make; a token signed with a shared secret is none of them. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** Verifies tokens of one issuer: signature, issuer, audience, expiry. Undefined for a text that is no token at all. */
export function createTokenVerifier({
  issuer,
  audience,
}: OidcSettings): (token: string) => Promise<Caller | undefined> {
  let keys: Promise<JWTVerifyGetKey> | undefined;

  /** Discovered once; a failed discovery is tried again by the next token. */
  function issuerKeys(): Promise<JWTVerifyGetKey> {
    keys ??= discover(issuer).catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    return keys;
  }

  return async (token) => {
    if (token.split('.').length !== 3) return undefined;
    const key = await issuerKeys();
    try {
      const { payload } = await jwtVerify(token, key, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: CLOCK_TOLERANCE_S,
      });
      const endsAt = ((payload.exp ?? 0) + CLOCK_TOLERANCE_S) * 1_000;
      return {
        id: payload.sub ?? '',
        tenants: tenantNames(payload['tenants']),
        scopes: typeof payload['scope'] === 'string' ? payload['scope'].split(' ').filter((scope) => scope !== '') : [],
        isValid: () => Date.now() < endsAt,
      };
    } catch (error) {
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) throw unavailable(error);
      throw unauthorized('The token is not valid, has expired, or was not issued for this API.');
    }
  };
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const address = `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS), redirect: 'error' });
    const document = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
    if (!answer.ok || document.issuer !== issuer || typeof document.jwks_uri !== 'string') {
      throw new Error(`${address} does not describe the issuer ${issuer}`);
    }
    return createRemoteJWKSet(new URL(document.jwks_uri), { timeoutDuration: DISCOVERY_TIMEOUT_MS });
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(cause: unknown): Problem {
  const detail = 'The issuer of tokens does not answer at the moment; try again.';
  return new Problem('identity-unavailable', detail, { headers: { 'retry-after': '5' }, cause });
}

/** Names that are none are left out: they reach queries. */
function tenantNames(claim: unknown): string[] {
  const names: unknown[] = Array.isArray(claim) ? claim : [];
  return names.filter((name): name is string => typeof name === 'string' && (name === '*' || NAME_PATTERN.test(name)));
}
