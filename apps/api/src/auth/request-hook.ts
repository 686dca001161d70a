import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiSettings } from '#libs/config/api-settings.js';
import { isLoopbackHost } from '#libs/net/urls.js';
import { Problem } from '../problems/problem.js';
import { accessOf, type Access } from './access.js';
import type { Authenticator } from './authenticator.js';
import { requireScope, type Caller } from './caller.js';
import { addressOwner, type RateLimiter } from './rate-limiter.js';

interface HookDeps {
  settings: Pick<ApiSettings, 'loopback' | 'codecOpen' | 'codecOrigins'>;
  authenticator: Authenticator;
  /** Of all calls but those of the codec. */
  limiter: RateLimiter;
  /** Of the codec: the UI asks it for each page of a history. */
  codecLimiter: RateLimiter;
}

/** The pages of the Temporal UI where they need no key: all of them together are one caller, and see what it may see. */
const TEMPORAL_UI: Caller = { id: '*', tenants: ['*'], scopes: ['codec'], isValid: () => true };

/** The name that the caller used, as it came: what a proxy says of it counts for nothing here. */
function hostOf({ headers }: FastifyRequest): string {
  return (headers.host ?? '').replace(/:\d*$/, '');
}

/**
 * Decides who may ask, before a body is read and by the route that was found, never by the address as it was spelled: sets
 * `request.caller`, counts the request, and guards the codec, to which browsers come without a key (`docs/temporal.md` §12).
 * @throws {Problem}
 */
export function createRequestHook({
  settings,
  authenticator,
  limiter,
  codecLimiter,
}: HookDeps): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    const access = accessOf(request);
    switch (access?.for) {
      case 'everybody':
        return;
      case 'readers':
        if (!settings.loopback) await identify(request, limiter);
        return;
      case 'callers':
        requireScope(await identify(request, limiter), access.scope);
        return;
      case 'codec':
        await admitToCodec(access, request, reply);
        return;
      case 'preflight':
        allowOrigin(request, reply);
        return;
      case undefined:
        throw new Problem('internal-error', 'Nobody may call this: its handler does not say who may.');
    }
  };

  /** The caller of a valid key or token, counted. */
  async function identify(request: FastifyRequest, counting: RateLimiter): Promise<Caller> {
    try {
      request.caller = await authenticator.authenticate(request.headers.authorization);
    } catch (error) {
      count(limiter, `address ${addressOwner(request.ip)}`); // whoever guesses keys is slowed down too
      throw error;
    }
    count(counting, `caller ${request.caller.id}`);
    return request.caller;
  }

  function count(counting: RateLimiter, who: string): void {
    const seconds = counting.take(who);
    if (seconds === 0) return;
    const detail = `Too many requests: try again in ${seconds} s.`;
    throw new Problem('rate-limited', detail, { headers: { 'retry-after': String(seconds) } });
  }

  async function admitToCodec(
    { scope, keyless }: Extract<Access, { for: 'codec' }>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const origin = allowOrigin(request, reply);
    if (origin !== undefined && keyless && settings.codecOpen) {
      // A page of another name that resolves to this machine sends that name as its host.
      if (!isLoopbackHost(hostOf(request))) {
        throw new Problem('origin-not-allowed', 'Without a key the codec answers to a loopback host name only.');
      }
      request.caller = TEMPORAL_UI;
      count(codecLimiter, `caller ${TEMPORAL_UI.id}`);
      return;
    }
    requireScope(await identify(request, codecLimiter), scope);
  }

  /** Returns the page's origin, if a page asks. @throws {Problem} for any other page than those of the Temporal UI. */
  function allowOrigin({ headers: { origin } }: FastifyRequest, reply: FastifyReply): string | undefined {
    reply.header('vary', 'Origin');
    if (origin === undefined) return undefined;
    if (!settings.codecOrigins.includes(origin)) {
      const detail = 'The codec serves pages of the Temporal UI only (GANGWAY_TEMPORAL_UI_URL).';
      throw new Problem('origin-not-allowed', detail);
    }
    reply.header('access-control-allow-origin', origin);
    return origin;
  }
}
