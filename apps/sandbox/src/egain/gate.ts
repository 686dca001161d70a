import type { Clock } from '../clock.js';
import { MinuteWindow } from '../limiter.js';
import { bearerOf, type TokenStore } from '../tokens.js';
import type { CallTarget, VendorCall } from '../vendor.js';
import { EgainFault } from './errors.js';
import type { EgainKnobs } from './knobs.js';
import type { EgainGrant } from './oauth.js';

/** Lets a call in and returns the tenant that it is for; refuses with 401, 403 or 429 (docs/vendors/egain.md §3.4, §9.2). */
export class EgainGate {
  readonly #knobs: () => EgainKnobs;
  readonly #tokens: TokenStore<EgainGrant>;
  readonly #window: MinuteWindow;

  constructor(clock: Clock, knobs: () => EgainKnobs, tokens: TokenStore<EgainGrant>) {
    this.#knobs = knobs;
    this.#tokens = tokens;
    this.#window = new MinuteWindow(clock);
  }

  /** Headers of every answer are put into `headers`, also when the call is refused. */
  enter(call: VendorCall, target: CallTarget, headers: Record<string, string>): string {
    const grant = this.#authenticate(call.headers.authorization);
    this.#authorise(grant, target);
    this.#throttle(headers);
    return grant.tenant;
  }

  reset(): void {
    this.#window.reset();
  }

  #authenticate(authorization: string | undefined): EgainGrant {
    const token = bearerOf(authorization);
    if (token === undefined) throw new EgainFault('401-104', 'The Authorization header is missing or malformed');
    const found = this.#tokens.look(token);
    if (found.state !== 'valid') {
      throw new EgainFault('401-101', 'The Authorization header is invalid or has expired; log in again');
    }
    return found.grant;
  }

  #authorise({ permissions }: EgainGrant, { resource, operation }: CallTarget): void {
    const reads = operation === 'list' || operation === 'get';
    const allowed =
      this.#knobs().permission === 'manage'
        ? permissions
        : new Set([...permissions].filter((permission) => permission !== 'manage'));
    if (allowed.has('manage') || operation === 'unknown') return;
    if (reads && resource !== 'authentication' && allowed.has('read')) return;
    throw new EgainFault('403-197', 'The scope app.conversation.conversationmgr.manage is missing');
  }

  #throttle(headers: Record<string, string>): void {
    const { throttle } = this.#knobs();
    if (!throttle.enabled) return;
    const { allowed, remaining, resetsAt, now } = this.#window.count(throttle.limitPerMinute);
    headers['x-ratelimit-limit'] = String(throttle.limitPerMinute);
    headers['x-ratelimit-remaining'] = String(remaining);
    headers['x-ratelimit-reset'] = new Date(resetsAt).toISOString();
    if (allowed) return;
    if (throttle.retryAfter === 'present') headers['retry-after'] = String(Math.ceil((resetsAt - now) / 1000));
    throw new EgainFault('429-001', 'Too many requests');
  }
}
