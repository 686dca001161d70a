import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems/problem.js';

/** Who asks: an API key or the subject of a token. */
export interface Caller {
  /** Names the caller in logs and in the job's history. */
  id: string;
  /** Names of tenants; `*` covers all. */
  tenants: readonly string[];
  scopes: readonly string[];
  /** False once the key has been taken away or changed, or the key or token has ended. */
  isValid(): boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler runs; absent on routes that are open. */
    caller?: Caller;
  }
}

/** Whether a caller may use a tenant. */
export function mayUse(caller: Caller, tenant: string): boolean {
  return caller.tenants.includes('*') || caller.tenants.includes(tenant);
}

/** @throws {Problem} `tenant-not-allowed`, the same whether the tenant exists or not. */
export function requireTenant(caller: Caller, tenant: string): void {
  if (mayUse(caller, tenant)) return;
  throw new Problem('tenant-not-allowed', 'Your key or token does not cover this tenant.');
}

/** @throws {Problem} `missing-scope`. */
export function requireScope(caller: Caller, scope: string): void {
  if (caller.scopes.includes(scope)) return;
  throw new Problem('missing-scope', `This call needs the scope ${scope}.`, { members: { scope } });
}

/** @throws {Problem} `unauthorized` when nobody was authenticated. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller) return request.caller;
  throw unauthorized('no-credentials', 'Send an API key or a token as "Authorization: Bearer ...".');
}

/** The 401 with the challenge that RFC 6750 asks for. */
export function unauthorized(reason: UnauthorizedReason, detail: string): Problem {
  return new Problem('unauthorized', detail, { headers: { 'www-authenticate': 'Bearer realm="gangway"' }, reason });
}

/** Why nobody was authenticated: for metrics and audit. */
export type UnauthorizedReason =
  | 'no-credentials'
  | 'malformed-header'
  | 'unknown-key'
  | 'ended-key'
  | 'invalid-token'
  | 'expired-token'
  | 'token-type'
  | 'token-subject';

/** Gives a handler its caller. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext) =>
  callerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
