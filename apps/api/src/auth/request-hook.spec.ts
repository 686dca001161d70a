import type { FastifyReply, FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { Access } from './access.js';
import { unauthorized, type Caller } from './caller.js';
import { CODEC_RATE_LIMIT, RateLimiter } from './rate-limiter.js';
import { createRequestHook } from './request-hook.js';

const ORIGIN = 'http://127.0.0.1:8233';
const DECODE: Access = { for: 'codec', scope: 'codec', keyless: true };
const LIST: Access = { for: 'callers', scope: 'onboardings:read' };

/** A hook whose limits are two calls an hour, of the codec three. */
function hook(): (access: Access, key: string | null, headers?: Record<string, string>) => Promise<string> {
  const windowMs = 3_600_000;
  const onRequest = createRequestHook({
    settings: { loopback: true, codecOpen: true, codecOrigins: [ORIGIN] },
    authenticator: {
      authenticate: (authorization = '') =>
        authorization.startsWith('key ')
          ? Promise.resolve(known(authorization))
          : Promise.reject(unauthorized('unknown-key', 'no')),
    },
    limiter: new RateLimiter({ requests: 2, windowMs }),
    codecLimiter: new RateLimiter({ requests: 3, windowMs }),
  });
  const reply = { header: () => reply } as unknown as FastifyReply;
  return async (access, key, headers = {}) => {
    const request = {
      is404: false,
      routeOptions: { config: { access } },
      headers: { host: '127.0.0.1:3000', ...(key === null ? {} : { authorization: key }), ...headers },
      ip: '192.0.2.1',
    } as unknown as FastifyRequest;
    try {
      await onRequest(request, reply);
      return request.caller?.id ?? 'nobody';
    } catch (error) {
      return (error as { slug: string }).slug;
    }
  };
}

function known(id: string): Caller {
  return { id, tenants: ['acme'], scopes: ['codec', 'onboardings:read'], isValid: () => true };
}

async function times(count: number, ask: () => Promise<string>): Promise<string[]> {
  const answers: string[] = [];
  for (let i = 0; i < count; i += 1) answers.push(await ask());
  return answers;
}

describe('the codec', () => {
  it('has a limit of its own for each caller, beside that of all other calls', async () => {
    const ask = hook();
    expect(await times(4, () => ask(DECODE, 'key a'))).toEqual(['key a', 'key a', 'key a', 'rate-limited']);
    expect(await times(3, () => ask(LIST, 'key a'))).toEqual(['key a', 'key a', 'rate-limited']);
    expect(await ask(DECODE, 'key b')).toBe('key b');
  });

  it('counts the pages of the UI, which need no key, as one caller', async () => {
    const ask = hook();
    const page = (): Promise<string> => ask(DECODE, null, { origin: ORIGIN });
    expect(await times(4, page)).toEqual(['*', '*', '*', 'rate-limited']);
    expect(await ask(DECODE, 'key a')).toBe('key a');
  });

  it('slows down who guesses keys, as every other call does', async () => {
    const ask = hook();
    expect(await times(3, () => ask(DECODE, 'guess'))).toEqual(['unauthorized', 'unauthorized', 'rate-limited']);
    expect(await ask(LIST, 'guess')).toBe('rate-limited');
  });

  it('takes 6,000 calls of a caller in a minute', () => {
    const limiter = new RateLimiter(CODEC_RATE_LIMIT, () => 0);
    const answers = Array.from({ length: 6_001 }, () => limiter.take('caller'));
    expect([answers.indexOf(1), answers.filter((seconds) => seconds === 0).length]).toEqual([6_000, 6_000]);
  });
});
