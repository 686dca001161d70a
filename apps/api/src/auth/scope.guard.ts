import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Scope } from '#libs/config/api-keys.js';
import { callerOf, requireScope } from './caller.js';

const SCOPE = 'gangway:scope';

/** The scope that a call needs. A route without one is open to every caller whom the request hook lets in. */
export const NeedsScope = (scope: Scope): MethodDecorator => SetMetadata(SCOPE, scope);

/** Refuses callers without the scope that the handler names. */
@Injectable()
export class ScopeGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const scope: unknown = Reflect.getMetadata(SCOPE, context.getHandler());
    if (typeof scope === 'string') requireScope(callerOf(context.switchToHttp().getRequest<FastifyRequest>()), scope);
    return true;
  }
}
