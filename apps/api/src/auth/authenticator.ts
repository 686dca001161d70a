import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '#libs/config/api-keys.js';
import type { OidcSettings } from '#libs/config/api-settings.js';
import { unauthorized, type Caller } from './caller.js';
import { createTokenVerifier } from './tokens.js';

/** Finds out who asks, from the `Authorization` header. */
export interface Authenticator {
  /** @throws {Problem} `unauthorized`; `identity-unavailable` when the issuer of tokens cannot be asked. */
  authenticate(authorization: string | undefined): Promise<Caller>;
}

/** Accepts API keys by their hash, and tokens of the issuer where there is one. */
export function createAuthenticator(settings: {
  apiKeys: () => readonly ApiKey[];
  oidc: OidcSettings | undefined;
}): Authenticator {
  const verifyToken = settings.oidc && createTokenVerifier(settings.oidc);

  /** Compares with every key, so that the time taken does not tell which one was near. */
  function byKey(text: string): Caller | undefined {
    const hash = createHash('sha256').update(text, 'utf8').digest();
    const [match] = settings.apiKeys().filter((key) => timingSafeEqual(Buffer.from(key.sha256, 'hex'), hash));
    if (!match || (match.notAfter !== undefined && Date.parse(match.notAfter) <= Date.now())) return undefined;
    return { id: match.id, tenants: match.tenants, scopes: match.scopes };
  }

  return {
    async authenticate(authorization) {
      if (authorization === undefined) throw unauthorized('Send an API key or a token as "Authorization: Bearer ...".');
      const [, credential] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
      if (credential === undefined)
        throw unauthorized('The Authorization header must be "Bearer" and a key or a token.');
      const caller = byKey(credential) ?? (await verifyToken?.(credential));
      if (!caller) throw unauthorized('The key or token is not valid.');
      return caller;
    },
  };
}
