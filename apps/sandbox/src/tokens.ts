import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';

export type TokenState<Grant> = { state: 'valid'; grant: Grant } | { state: 'expired' } | { state: 'unknown' };

/** Bearer tokens in memory. A revoked token is unknown afterwards; one past its time is told apart as expired. */
export class TokenStore<Grant> {
  readonly #clock: Clock;
  readonly #tokens = new Map<string, { grant: Grant; expiresAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(grant: Grant, lifetimeSeconds: number): string {
    const token = randomBytes(32).toString('base64url');
    this.#tokens.set(token, { grant, expiresAt: this.#clock.now() + lifetimeSeconds * 1000 });
    return token;
  }

  look(token: string): TokenState<Grant> {
    const found = this.#tokens.get(token);
    if (!found) return { state: 'unknown' };
    return found.expiresAt > this.#clock.now() ? { state: 'valid', grant: found.grant } : { state: 'expired' };
  }

  /** How many tokens were alive or expired until now and are unknown from here on. */
  revokeAll(): number {
    const count = this.#tokens.size;
    this.#tokens.clear();
    return count;
  }
}

/** The token of `Authorization: Bearer <token>`, else `undefined`. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
}

/** User and password of `Authorization: Basic <base64>`, else `undefined`. */
export function basicOf(authorization: string | undefined): { user: string; password: string } | undefined {
  const encoded = /^Basic (\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [user = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { user, password: rest.join(':') };
}
