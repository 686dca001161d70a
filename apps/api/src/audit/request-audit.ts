import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#libs/logging/index.js';
import { isJsonObject, parseAccountId } from '#libs/contracts/index.js';
import { accessOf } from '../auth/access.js';
import type { Metrics } from '../health/metrics.js';
import { Problem } from '../problems/problem.js';
import type { AuditEvent, AuditLog } from './audit-log.js';

/** What a handler knows of its request besides what stands in it. */
export interface AuditNotes {
  id?: string;
  runId?: string;
  reason?: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set as the answer is made: what it was refused for. */
    problem?: Problem;
    audit?: AuditNotes;
    /** Set once its line has been written, or could not be. */
    audited?: boolean;
  }
}

export interface RequestAuditDeps {
  audit: AuditLog;
  metrics: Metrics;
  logger: Logger;
}

const REASON_LIMIT = 500;
const READS: readonly string[] = ['GET', 'HEAD'];

/**
 * Writes the line of a request before its answer leaves: an answer that is not on record is not given, unless it is a refusal. Recorded is what the route's
 * handler asks for (`auth/access.ts`), and each 401, 403 and 404 that hides another tenant's object.
 */
export function createRequestAudit({
  audit,
  metrics,
  logger,
}: RequestAuditDeps): (request: FastifyRequest, reply: FastifyReply, payload: unknown) => Promise<unknown> {
  return async (request, reply, payload) => {
    if (request.audited) return payload;
    request.audited = true;
    const { problem } = request;
    const refusal = problem && refusalOf(problem);
    if (refusal !== undefined) metrics.refusal(problem?.status ?? 0, refusal);
    if (refusal === undefined && !isRecorded(request, reply.statusCode)) return payload;
    const event = eventOf(request, refusal);
    try {
      if (request.caller) audit.record(event);
      else audit.recordAnonymous(event);
    } catch (error) {
      metrics.auditFailed();
      logger.error({ err: error, audit: event }, 'the audit file cannot be written');
      if (refusal !== undefined) return payload; // it gives nothing out
      throw new Problem('internal-error', 'The request cannot be put on record, so its answer is not given.', {
        cause: error,
      });
    }
    return payload;
  };
}

/** Why somebody was kept out; undefined for any other refusal. */
function refusalOf({ status, slug, extras }: Problem): string | undefined {
  if (status === 401 || status === 403) return extras.reason ?? slug;
  return extras.reason;
}

/** 429 is no event: the call did not take place, and may be repeated at any rate. */
function isRecorded(request: FastifyRequest, status: number): boolean {
  const { method } = request;
  if (status === 429 || request.is404) return false;
  const access = accessOf(request);
  if (access?.for !== 'callers' && access?.for !== 'codec') return false;
  return access.recorded ?? !READS.includes(method);
}

function eventOf(request: FastifyRequest, refusal: string | undefined): AuditEvent {
  const { caller, ip, method, routeOptions, problem, audit = {} } = request;
  return {
    caller: caller?.id ?? null,
    address: ip,
    route: `${method} ${request.is404 ? '*' : (routeOptions.url ?? '*')}`,
    id: audit.id ?? subjectOf(request),
    runId: audit.runId ?? runOf(request),
    result: problem?.slug ?? 'ok',
    reason: refusal ?? audit.reason ?? reasonGiven(request.body),
  };
}

/** Id of a run over the fleet, or name of a schedule of such runs: nothing that could be taken for a text. */
const RUN_OR_SCHEDULE = /^(?:reconciliation\/)?[a-z0-9][A-Za-z0-9.:-]{0,90}$/;

/**
 * The account that a request names, in its address or in the spec that it sends, or the run or schedule; a text that is no id may be
 * anything, and is left out.
 */
function subjectOf({ params, body, routeOptions }: FastifyRequest): string | null {
  const fields = (params ?? {}) as Record<string, unknown>;
  const named = fields['id'] ?? fields['name'];
  if (typeof named === 'string') {
    const ofFleet = routeOptions.url?.startsWith('/v1/reconciliation') === true;
    return parseAccountId(named) !== undefined || (ofFleet && RUN_OR_SCHEDULE.test(named)) ? named : null;
  }
  if (!isJsonObject(body)) return null;
  const { tenant, account } = body;
  if (typeof tenant !== 'string' || typeof account !== 'string') return null;
  const id = `${tenant}.${account}`;
  return parseAccountId(id) ? id : null;
}

function runOf({ query }: FastifyRequest): string | null {
  const { runId } = query as Record<string, unknown>;
  return typeof runId === 'string' && /^[0-9A-Za-z-]{1,64}$/.test(runId) ? runId : null;
}

/** Why a command was given, or a hand-off refused. Nothing else of a body is read: it may hold secrets. */
function reasonGiven(body: unknown): string | null {
  if (!isJsonObject(body)) return null;
  const reason = body['reason'] ?? body['rejected'];
  return typeof reason === 'string' ? reason.slice(0, REASON_LIMIT) : null;
}
