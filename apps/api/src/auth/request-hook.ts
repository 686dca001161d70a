import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiSettings } from '#libs/config/api-settings.js';
import { isLoopbackHost } from '#libs/config/urls.js';
import { Problem } from '../problems/problem.js';
import type { Authenticator } from './authenticator.js';
import { requireScope } from './caller.js';
import type { RateLimiter } from './rate-limiter.js';

const CODEC = '/v1/codec/';
/** Open to everybody: they tell nothing but whether the process and Temporal are there. */
const PROBES = ['/healthz', '/readyz'];
/** Open on loopback, else for any valid key. */
const DESCRIPTIONS = ['/openapi.json', '/docs', '/metrics'];

interface HookDeps {
  settings: Pick<ApiSettings, 'loopback' | 'codecOpen' | 'codecOrigins'>;
  authenticator: Authenticator;
  limiter: RateLimiter;
}

/**
 * Decides who may ask, before a body is read: sets `request.caller`, counts the request, and guards the codec, to which browsers
 * come without a key (`docs/temporal.md` §12).
 * @throws {Problem}
 */
export function createRequestHook({
  settings,
  authenticator,
  limiter,
}: HookDeps): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    const path = pathOf(request);
    if (path.startsWith(CODEC)) return codec(request, reply);
    const needsCaller =
      path.startsWith('/v1/') || (!settings.loopback && DESCRIPTIONS.some((each) => under(path, each)));
    if (!needsCaller || PROBES.includes(path)) return;
    try {
      request.caller = await authenticator.authenticate(request.headers.authorization);
    } catch (error) {
      count(`address ${request.ip}`); // whoever guesses keys is slowed down too
      throw error;
    }
    if (!path.endsWith('/events')) count(`caller ${request.caller.id}`);
  };

  function count(who: string): void {
    const seconds = limiter.take(who);
    if (seconds === 0) return;
    const detail = `Too many requests: try again in ${seconds} s.`;
    throw new Problem('rate-limited', detail, { headers: { 'retry-after': String(seconds) } });
  }

  async function codec(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { origin } = request.headers;
    reply.header('vary', 'Origin');
    if (origin !== undefined) {
      if (!settings.codecOrigins.includes(origin)) {
        throw new Problem(
          'origin-not-allowed',
          'The codec serves pages of the Temporal UI only (GANGWAY_TEMPORAL_UI_URL).',
        );
      }
      reply.header('access-control-allow-origin', origin);
    }
    if (request.method === 'OPTIONS') return;
    if (origin !== undefined && settings.codecOpen && pathOf(request) === `${CODEC}decode`) {
      // A page of another name that resolves to this machine sends that name as its host.
      if (isLoopbackHost(request.hostname)) return;
      throw new Problem('origin-not-allowed', 'Without a key the codec answers to a loopback host name only.');
    }
    request.caller = await authenticator.authenticate(request.headers.authorization);
    requireScope(request.caller, pathOf(request) === `${CODEC}encode` ? 'codec:encode' : 'codec');
  }
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}

function under(path: string, base: string): boolean {
  return path === base || path.startsWith(`${base}/`);
}
