import type { OidcSettings } from '#libs/config/api-settings.js';
import { unauthorized, type Caller } from './caller.js';
import type { KnownKeys } from './known-keys.js';
import { createTokenVerifier } from './tokens.js';

/** Finds out who asks, from the `Authorization` header. */
export interface Authenticator {
  /** @throws {Problem} `unauthorized`; `identity-unavailable` when the issuer of tokens cannot be asked. */
  authenticate(authorization: string | undefined): Promise<Caller>;
}

/** Accepts API keys by their hash, and tokens of the issuer where there is one. */
export function createAuthenticator({
  keys,
  oidc,
}: {
  keys: KnownKeys;
  oidc: OidcSettings | undefined;
}): Authenticator {
  const verifyToken = oidc && createTokenVerifier(oidc);

  function byKey(text: string): Caller | undefined {
    const key = keys.find(text);
    if (key === 'ended') throw unauthorized('ended-key', 'The key or token is not valid.');
    return key && { id: key.id, tenants: key.tenants, scopes: key.scopes, isValid: () => keys.has(key) };
  }

  return {
    async authenticate(authorization) {
      if (authorization === undefined)
        throw unauthorized('no-credentials', 'Send an API key or a token as "Authorization: Bearer ...".');
      const [, credential] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
      if (credential === undefined)
        throw unauthorized('malformed-header', 'The Authorization header must be "Bearer" and a key or a token.');
      const caller = byKey(credential) ?? (await verifyToken?.(credential));
      if (!caller) throw unauthorized('unknown-key', 'The key or token is not valid.');
      return caller;
    },
  };
}
