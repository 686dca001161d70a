import type { IncomingMessage, ServerResponse } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { LogController, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from '#libs/logging/index.js';
import { accessOf, requireAccess } from '../auth/access.js';
import type { Metrics } from '../health/metrics.js';
import { PROBLEM_TYPE, problemText } from '../problems/problem-text.js';
import { Problem } from '../problems/problem.js';
import { toProblem } from '../problems/to-problem.js';
import { readJsonBody } from './json-body.js';
import { refuseConnection } from './protocol-errors.js';
import { REFUSAL_HEADERS, SECURITY_HEADERS } from './security-headers.js';
import { newTraceId, traceIdOf } from './trace-id.js';

const BODY_LIMIT_BYTES = 2_000_000;
/** A payload of Temporal's limit, 2 MiB, is 2.8 MB in base64 (`docs/temporal.md` §12). */
const CODEC_BODY_LIMIT_BYTES = 4 << 20;

/** How long a connection may take over things. Milliseconds. */
export interface Timeouts {
  /** For a whole request to come. */
  request: number;
  /** For its headers. */
  headers: number;
  /** Without a byte in either direction: more than the longest wait for an answer (a preview: 120 s) and than a stream is silent. */
  silence: number;
  /** How often the first two are looked at. */
  check: number;
}

export const TIMEOUTS: Timeouts = { request: 30_000, headers: 10_000, silence: 150_000, check: 1_000 };

export interface HttpServerDeps {
  logger: Logger;
  metrics: Metrics;
  onRequest: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /** Told each answer before it leaves; may give another one by throwing. */
  onSend?: (request: FastifyRequest, reply: FastifyReply, payload: unknown) => Promise<unknown>;
  /** Addresses and networks of proxies that are believed when they name the caller's address. */
  trustProxy?: readonly string[];
  timeouts?: Timeouts;
}

/** The Fastify under Nest: limits, trace ids, one line per request, JSON bodies only. Whatever it refuses itself is a problem, too. */
export function createHttpServer({
  logger,
  metrics,
  onRequest,
  onSend,
  trustProxy = [],
  timeouts = TIMEOUTS,
}: HttpServerDeps): FastifyAdapter {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { ignoreTrailingSlash: true },
    genReqId: traceIdOf,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'traceId' }),
    requestTimeout: timeouts.request,
    connectionTimeout: timeouts.silence,
    http: {
      requestTimeout: timeouts.request,
      headersTimeout: timeouts.headers,
      connectionsCheckingInterval: timeouts.check,
      requireHostHeader: false, // Node answers that without a body; `requireHost` does it
    },
    return503OnClosing: false, // the same
    clientErrorHandler: (error, socket) => {
      const status = refuseConnection(error, socket, REFUSAL_HEADERS);
      if (status !== undefined) metrics.request('unknown', 'unknown', status, 0);
    },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const problem = toProblem(error);
      metrics.request(request.method, 'unknown', problem.status, 0);
      void reply
        .code(problem.status)
        .headers({ ...REFUSAL_HEADERS, 'content-type': PROBLEM_TYPE })
        .send(problemText(problem, request.raw.url ?? '', request.id));
    },
  });
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, readJsonBody(body as Buffer));
  });
  fastify.server.on('checkExpectation', refuseExpectation);
  fastify.addHook('onRoute', (route) => {
    if (requireAccess(route).for === 'codec') route.bodyLimit = CODEC_BODY_LIMIT_BYTES;
  });
  fastify.addHook('onRequest', secure(fastify));
  fastify.addHook('onRequest', onRequest);
  if (onSend) fastify.addHook('onSend', onSend);
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

/** What holds for each request, whatever it asks for. */
function secure(fastify: FastifyInstance): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  let stopping = false;
  fastify.addHook('preClose', (done) => {
    stopping = true;
    done();
  });

  return async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (accessOf(request)?.for !== 'readers') reply.header('cache-control', 'no-store'); // it may tell of accounts
    if (stopping) {
      reply.header('connection', 'close');
      throw new Problem('stopping', 'This process stops: ask again.', { headers: { 'retry-after': '1' } });
    }
    if (request.raw.httpVersion === '1.1' && request.headers.host === undefined) {
      throw new Problem('invalid-request', 'The request has no Host header.');
    }
  };
}

/** The one expectation that there is, `100-continue`, is met by Node. */
function refuseExpectation(request: IncomingMessage, response: ServerResponse): void {
  const problem = new Problem('expectation-failed', 'The only expectation that is met is 100-continue.');
  const text = problemText(problem, request.url ?? '', newTraceId());
  const own = { 'content-type': PROBLEM_TYPE, 'content-length': Buffer.byteLength(text), connection: 'close' };
  response.writeHead(problem.status, { ...REFUSAL_HEADERS, ...own }).end(text);
}

/** Probes and the UI's decoding come in crowds. */
function quiet(route: string): boolean {
  return ['/healthz', '/readyz', '/metrics'].includes(route) || route.startsWith('/v1/codec');
}
