import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest, RouteOptions } from 'fastify';
import type { Scope } from '#libs/config/api-keys.js';

/** Whether each call is put on record (`audit/request-audit.ts`). Absent, for a handler that does not say: whatever is no GET is. */
interface Recording {
  recorded?: boolean;
}

/** Who may call a route. */
export type Access =
  /** Everybody. For what tells nothing but whether the process and Temporal are there. */
  | { for: 'everybody' }
  /** Everybody while the API listens on a loopback address, else whoever has a valid key or token. */
  | { for: 'readers' }
  /** Keys and tokens with this scope. */
  | ({ for: 'callers'; scope: Scope } & Recording)
  /** Keys and tokens with this scope, and pages of the Temporal UI. `keyless`: these may come without a key where settings say so. */
  | ({ for: 'codec'; scope: Scope; keyless: boolean } & Recording)
  /** What a browser asks before a page of the Temporal UI calls the codec. */
  | { for: 'preflight' };

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
}

/** States who may call a handler. Every handler has one of the decorators below: without one the API does not start. */
function restrictedTo(access: Access): MethodDecorator {
  return RouteConfig({ access });
}

export const NeedsScope = (scope: Scope, recording: Recording = {}): MethodDecorator =>
  restrictedTo({ for: 'callers', scope, ...recording });
export const OpenToEverybody = (): MethodDecorator => restrictedTo({ for: 'everybody' });
export const OpenOnLoopback = (): MethodDecorator => restrictedTo({ for: 'readers' });
export const ForTemporalUi = (scope: Scope, { keyless }: { keyless: boolean }): MethodDecorator =>
  restrictedTo({ for: 'codec', scope, keyless, recorded: true });
export const CodecPreflight = (): MethodDecorator => restrictedTo({ for: 'preflight' });

/** @throws {Error} for a route whose handler does not say who may call it. */
export function requireAccess({ method, url, config }: RouteOptions): Access {
  if (config?.access) return config.access;
  throw new Error(`${[method].flat().join(', ')} ${url} does not say who may call it: give its handler a scope`);
}

/**
 * Who may make this request: what the handler says that the router has found, however the address was spelled. An address without a
 * handler is answered like the API's description. Undefined for a route that says nothing: nobody may call it.
 */
export function accessOf(request: FastifyRequest): Access | undefined {
  return request.is404 ? { for: 'readers' } : request.routeOptions.config.access;
}
