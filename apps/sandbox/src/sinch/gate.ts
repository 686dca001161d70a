import type { Clock } from '../clock.js';
import { Bucket } from '../limiter.js';
import { basicOf, bearerOf, type TokenStore } from '../tokens.js';
import type { VendorCall, VendorReply } from '../vendor.js';
import { SINCH_KEY } from './credentials.js';
import { SinchFault } from './errors.js';
import type { SinchKnobs } from './knobs.js';

const EXPIRED = 'Bearer realm="sinch", error="invalid_token", error_description="expired"';
const MALFORMED = 'Bearer realm="sinch", error="invalid_token", error_description="the token is not valid"';

/** Tokens, Basic authentication, the project and the rate limits (docs/vendors/sinch.md §1, §6). */
export class SinchGate {
  readonly #knobs: () => SinchKnobs;
  readonly #tokens: TokenStore<'project'>;
  readonly #tokenBucket: Bucket;
  readonly #basicBucket: Bucket;
  readonly #clock: Clock;
  readonly #projectBuckets = new Map<string, Bucket>();

  constructor(clock: Clock, knobs: () => SinchKnobs, tokens: TokenStore<'project'>) {
    this.#clock = clock;
    this.#knobs = knobs;
    this.#tokens = tokens;
    this.#tokenBucket = new Bucket(clock);
    this.#basicBucket = new Bucket(clock);
  }

  /** The token endpoint: Basic key id and secret, one grant; a storm of calls is 429 without Retry-After. */
  issueToken(call: VendorCall): VendorReply {
    const { token } = this.#knobs();
    if (token.bucket.enabled && !this.#tokenBucket.take(token.bucket.capacity, token.bucket.refillPerSecond)) {
      throw new SinchFault(429, 'too many token requests');
    }
    if (!isKey(basicOf(call.headers.authorization))) {
      return tokenRefusal(401, 'invalid_client', 'client authentication failed');
    }
    if (new URLSearchParams(call.body).get('grant_type') !== 'client_credentials') {
      return tokenRefusal(400, 'unsupported_grant_type', 'grant_type must be client_credentials');
    }
    const answer = {
      access_token: this.#tokens.issue('project', token.lifetimeSeconds),
      expires_in: token.lifetimeSeconds,
      token_type: 'bearer',
      scope: '',
    };
    return { status: 200, body: JSON.stringify(answer), headers: { 'cache-control': 'no-store' } };
  }

  /** Lets a call into a project, or refuses with 401, 403 or 429. */
  enter(call: VendorCall, project: string): void {
    const knobs = this.#knobs();
    const basic = basicOf(call.headers.authorization);
    if (basic) {
      if (!isKey(basic)) throw new SinchFault(401, 'the key is not valid');
      this.#limit(this.#basicBucket, knobs.basicRequestsPerSecond);
    } else this.#checkBearer(call.headers.authorization);
    if (!knobs.projects.includes(project)) throw new SinchFault(403, 'the key does not belong to this project');
    let bucket = this.#projectBuckets.get(project);
    if (!bucket) this.#projectBuckets.set(project, (bucket = new Bucket(this.#clock)));
    this.#limit(bucket, knobs.requestsPerSecond);
  }

  reset(): void {
    this.#tokenBucket.reset();
    this.#basicBucket.reset();
    this.#projectBuckets.clear();
  }

  #checkBearer(authorization: string | undefined): void {
    const token = bearerOf(authorization);
    const state = token === undefined ? 'unknown' : this.#tokens.look(token).state;
    if (state === 'expired') throw new SinchFault(401, 'the token has expired', { 'www-authenticate': EXPIRED });
    if (state === 'unknown') throw new SinchFault(401, 'the token is not valid', { 'www-authenticate': MALFORMED });
  }

  #limit(bucket: Bucket, perSecond: number | null): void {
    if (perSecond === null || bucket.take(Math.max(1, perSecond), perSecond)) return;
    const headers: Record<string, string> = this.#knobs().retryAfter === 'present' ? { 'retry-after': '1' } : {};
    throw new SinchFault(429, 'the rate limit of the project is reached', headers);
  }
}

function isKey(basic: { user: string; password: string } | undefined): boolean {
  return basic?.user === SINCH_KEY.id && basic.password === SINCH_KEY.secret;
}

function tokenRefusal(status: number, error: string, description: string): VendorReply {
  return { status, body: JSON.stringify({ error, error_description: description }), code: error };
}
