import type { Clock } from '../clock.js';
import { isObject, parseJson } from '../json.js';
import { Bucket } from '../limiter.js';
import { bearerOf, TokenStore } from '../tokens.js';
import type { VendorCall, VendorReply } from '../vendor.js';
import { LIVEPERSON_BEARERS, LIVEPERSON_USERS, type LivePersonGrant } from './credentials.js';
import { baseUris } from './domain.js';
import { LivePersonFault } from './errors.js';
import type { LivePersonKnobs } from './knobs.js';

/** Logins and bearers (docs/vendors/liveperson.md §4), and the limits of the install API. */
export class LivePersonGate {
  readonly #clock: Clock;
  readonly #knobs: () => LivePersonKnobs;
  readonly #sessions: TokenStore<LivePersonGrant>;
  readonly #buckets = new Map<string, Bucket>();
  readonly #lastLogins = new Map<string, number>();

  constructor(clock: Clock, knobs: () => LivePersonKnobs) {
    this.#clock = clock;
    this.#knobs = knobs;
    this.#sessions = new TokenStore(clock);
  }

  /** The login call: a bearer for an hour, and where everything is. */
  login(call: VendorCall, account: string): VendorReply {
    const knobs = this.#knobs();
    if (!knobs.accounts.includes(account)) throw new LivePersonFault(401, 'the account is not known');
    const body = parseJson(call.body);
    const { username, password } = isObject(body) ? body : {};
    if (typeof username !== 'string' || typeof password !== 'string') {
      throw new LivePersonFault(400, 'username and password are needed');
    }
    const key = `${account}/${username}`;
    const last = this.#lastLogins.get(key) ?? -Infinity;
    if (this.#clock.now() - last < knobs.loginIntervalMs) throw this.#tooMany('too many logins');
    this.#lastLogins.set(key, this.#clock.now());
    const user = LIVEPERSON_USERS.find((known) => known.username === username && known.password === password);
    if (!user) throw new LivePersonFault(401, 'the user or the password is wrong');
    if (user.isBlocked) throw new LivePersonFault(451, 'the user is blocked');
    const answer = {
      csdsCollectionResponse: { baseURIs: baseUris(call, account, knobs) },
      sessionTTl: String(knobs.sessionSeconds),
      bearer: this.#sessions.issue({ account, isAdmin: user.isAdmin }, knobs.sessionSeconds),
      config: { loginName: user.username, isAdmin: user.isAdmin, isLPA: false },
    };
    return { status: 200, body: JSON.stringify(answer), headers: { 'cache-control': 'no-store' } };
  }

  /** Lets a call at the account's apps, or refuses with 401, 403, 404 or 429. */
  enter(call: VendorCall, account: string): void {
    const knobs = this.#knobs();
    const grant = this.#grantOf(bearerOf(call.headers.authorization));
    const isOther = grant?.account !== undefined && grant.account !== account;
    if (!grant || isOther || !knobs.accounts.includes(account)) {
      throw new LivePersonFault(401, 'the bearer is missing, wrong or expired');
    }
    if (!grant.isAdmin) throw new LivePersonFault(403, 'only an administrator may do this');
    if (knobs.withoutInstallApi.includes(account)) throw new LivePersonFault(403, 'the account may not install apps');
    if (knobs.installApi === 'missing') throw new LivePersonFault(404, 'there is no such endpoint');
    if (knobs.requestsPerSecond === null) return;
    let bucket = this.#buckets.get(account);
    if (!bucket) this.#buckets.set(account, (bucket = new Bucket(this.#clock)));
    const capacity = Math.max(1, knobs.requestsPerSecond);
    if (!bucket.take(capacity, knobs.requestsPerSecond)) throw this.#tooMany('too many requests');
  }

  revoke(): number {
    return this.#sessions.revokeAll();
  }

  reset(): void {
    this.#sessions.revokeAll();
    this.#buckets.clear();
    this.#lastLogins.clear();
  }

  #grantOf(bearer: string | undefined): LivePersonGrant | undefined {
    if (bearer === undefined) return undefined;
    const fixed = Object.hasOwn(LIVEPERSON_BEARERS, bearer) ? LIVEPERSON_BEARERS[bearer] : undefined;
    if (fixed) return this.#knobs().fixedBearers === 'valid' ? fixed : undefined;
    const session = this.#sessions.look(bearer);
    return session.state === 'valid' ? session.grant : undefined;
  }

  #tooMany(message: string): LivePersonFault {
    return new LivePersonFault(429, message, this.#knobs().retryAfter === 'present' ? { 'retry-after': '1' } : {});
  }
}
