import { performance } from 'node:perf_hooks';

/** A token as a vendor issued it. */
export interface IssuedToken {
  token: string;
  expiresInMs: number;
}

export interface TokenRenewal {
  /** Share of the lifetime after which a token is renewed. */
  share: number;
  /** Milliseconds before its end at which a token is renewed at the latest; not for one that lives less than twice as long. */
  leadMs: number;
}

interface Held {
  token: string;
  renewAt: number;
}

/**
 * The access token of one credential, shared by all its users in the process: one request at a time, renewed before it expires.
 */
export class TokenCache {
  private held: Held | undefined;
  private pending: Promise<string> | undefined;

  constructor(
    private readonly renewal: TokenRenewal,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The current token, or a new one from `issue`. What `issue` throws goes to everybody who waits, and is not kept. */
  get(issue: () => Promise<IssuedToken>): Promise<string> {
    if (this.held && this.now() < this.held.renewAt) return Promise.resolve(this.held.token);
    return this.renew(issue);
  }

  /** A token other than `rejected`: the current one where somebody has renewed it already, else a new one. */
  replace(rejected: string, issue: () => Promise<IssuedToken>): Promise<string> {
    this.drop(rejected);
    return this.get(issue);
  }

  /** Forgets a token that the vendor no longer takes; a newer one stays. */
  drop(rejected: string): void {
    if (this.held?.token === rejected) this.held = undefined;
  }

  private renew(issue: () => Promise<IssuedToken>): Promise<string> {
    this.pending ??= this.fetch(issue).finally(() => {
      this.pending = undefined;
    });
    return this.pending;
  }

  private async fetch(issue: () => Promise<IssuedToken>): Promise<string> {
    const asked = this.now();
    const { token, expiresInMs } = await issue();
    const { share, leadMs } = this.renewal;
    // Where the lead would eat most of the life, the share alone counts: a new token for every call helps nobody.
    const lead = expiresInMs > 2 * leadMs ? leadMs : 0;
    this.held = { token, renewAt: asked + Math.min(expiresInMs * share, expiresInMs - lead) };
    return token;
  }
}

const caches = new Map<string, TokenCache>();

/** The cache of a credential, one per process: several connections with the same credential share its token. `credential` holds no secret. */
export function sharedTokenCache(credential: string, renewal: TokenRenewal): TokenCache {
  const known = caches.get(credential);
  if (known) return known;
  const cache = new TokenCache(renewal);
  caches.set(credential, cache);
  return cache;
}
