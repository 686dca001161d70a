import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { LogController, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from '#libs/logging/index.js';
import { requireAccess } from './auth/access.js';
import type { Metrics } from './health/metrics.js';

const BODY_LIMIT_BYTES = 2_000_000;
/** A payload of Temporal's limit, 2 MiB, is 2.8 MB in base64 (`docs/temporal.md` §12). */
const CODEC_BODY_LIMIT_BYTES = 4 << 20;

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

export interface HttpServerDeps {
  logger: Logger;
  metrics: Metrics;
  onRequest: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
}

/** The Fastify under Nest: limits, trace ids, one line per request, JSON bodies only. */
export function createHttpServer({ logger, metrics, onRequest }: HttpServerDeps): FastifyAdapter {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { ignoreTrailingSlash: true },
    genReqId: ({ headers }: IncomingMessage) => traceId(headers['traceparent']),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'traceId' }),
  });
  const fastify = adapter.getInstance();
  fastify.removeContentTypeParser('text/plain');
  fastify.addHook('onRoute', (route) => {
    if (requireAccess(route).for === 'codec') route.bodyLimit = CODEC_BODY_LIMIT_BYTES;
  });
  fastify.addHook('onRequest', onRequest);
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const status = reply.statusCode;
    metrics.request(request.method, route, status, reply.elapsedTime / 1000);
    const line = {
      method: request.method,
      route,
      status,
      ms: Math.round(reply.elapsedTime),
      caller: request.caller?.id,
    };
    request.log[quiet(route) ? 'debug' : 'info'](line, 'request');
    done();
  });
  return adapter;
}

/** The trace that the caller is in, or a new one. */
function traceId(traceparent: string | string[] | undefined): string {
  const [, id] = typeof traceparent === 'string' ? (TRACEPARENT.exec(traceparent) ?? []) : [];
  return id ?? randomBytes(16).toString('hex');
}

/** Probes and the UI's decoding come in crowds. */
function quiet(route: string): boolean {
  return ['/healthz', '/readyz', '/metrics'].includes(route) || route.startsWith('/v1/codec');
}
