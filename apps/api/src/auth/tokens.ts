import {
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JWTHeaderParameters,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import type { OidcSettings } from '#libs/config/api-settings.js';
import { serviceUrlFault } from '#libs/net/urls.js';
import { NAME_PATTERN } from '#libs/contracts/index.js';
import { Problem } from '../problems/problem.js';
import { unauthorized, type Caller } from './caller.js';

const DISCOVERY_TIMEOUT_MS = 5_000;
/** So far the issuer's clock may be ahead of or behind ours. */
const CLOCK_TOLERANCE_S = 5;
/** Signatures that only the issuer can make; a token signed with a shared secret is none of them. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
/** Access tokens say so (RFC 9068), call themselves JWT or say nothing: an ID token or a logout token of the same issuer is for others. */
const TYPES = ['jwt', 'at+jwt'];
/** Subjects stand in logs and in the history of jobs: letters, digits, punctuation, symbols and blanks. */
const SUBJECT = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,128}$/u;

/** Verifies tokens of one issuer: signature, type, issuer, audience, expiry. Undefined for a text that is no token at all. */
export function createTokenVerifier(settings: OidcSettings): (token: string) => Promise<Caller | undefined> {
  const { issuer, audience } = settings;
  let keys: Promise<JWTVerifyGetKey> | undefined;

  /** Discovered once; a failed discovery is tried again by the next token. */
  function issuerKeys(): Promise<JWTVerifyGetKey> {
    keys ??= discover(settings).catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    return keys;
  }

  return async (token) => {
    if (token.split('.').length !== 3) return undefined;
    const key = await issuerKeys();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, key, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: CLOCK_TOLERANCE_S,
      });
      requireType(protectedHeader);
      return callerOf(payload, settings);
    } catch (error) {
      if (error instanceof Problem) throw error;
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) throw unavailable(error);
      const reason = error instanceof errors.JWTExpired ? 'expired-token' : 'invalid-token';
      throw unauthorized(reason, 'The token is not valid, has expired, or was not issued for this API.');
    }
  };
}

function requireType({ typ }: JWTHeaderParameters): void {
  if (typ === undefined || TYPES.includes(typ.toLowerCase().replace(/^application\//, ''))) return;
  throw unauthorized(
    'token-type',
    'The token is of another kind than an access token: its typ must be absent, JWT or at+jwt.',
  );
}

function callerOf(payload: JWTPayload, { scopeClaim, tenantsClaim }: OidcSettings): Caller {
  const { sub, exp = 0 } = payload;
  if (typeof sub !== 'string' || !SUBJECT.test(sub)) {
    throw unauthorized('token-subject', 'The sub of the token must be 1 to 128 printable characters.');
  }
  const endsAt = (exp + CLOCK_TOLERANCE_S) * 1_000;
  return {
    id: `oidc:${sub}`,
    tenants: tenantNames(payload[tenantsClaim]),
    scopes: scopeNames(payload[scopeClaim]),
    isValid: () => Date.now() < endsAt,
  };
}

async function discover({ issuer, allowPrivateUrls }: OidcSettings): Promise<JWTVerifyGetKey> {
  const address = `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS), redirect: 'error' });
    const document = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
    if (!answer.ok || document.issuer !== issuer || typeof document.jwks_uri !== 'string') {
      throw new Error(`${address} does not describe the issuer ${issuer}`);
    }
    const fault = serviceUrlFault(document.jwks_uri, allowPrivateUrls);
    if (fault !== undefined) throw new Error(`the jwks_uri in ${address} ${fault}`);
    return createRemoteJWKSet(new URL(document.jwks_uri), { timeoutDuration: DISCOVERY_TIMEOUT_MS });
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(cause: unknown): Problem {
  const detail = 'The issuer of tokens does not answer at the moment; try again.';
  return new Problem('identity-unavailable', detail, { headers: { 'retry-after': '5' }, cause });
}

/** A text with blanks between (RFC 8693), or a list, as some issuers send it. */
function scopeNames(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((scope) => scope !== '');
  return Array.isArray(claim) ? claim.filter((scope) => typeof scope === 'string') : [];
}

/** Names that are none are left out: they reach queries. */
function tenantNames(claim: unknown): string[] {
  const names: unknown[] = Array.isArray(claim) ? claim : [];
  return names.filter((name): name is string => typeof name === 'string' && (name === '*' || NAME_PATTERN.test(name)));
}
