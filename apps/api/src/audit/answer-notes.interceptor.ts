import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { tap, type Observable } from 'rxjs';
import { isJsonObject } from '#libs/contracts/index.js';

/** Notes for the audit which account and which job an answer is about: all answers that are about one say so. */
@Injectable()
export class AnswerNotes implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    return next.handle().pipe(tap((answer: unknown) => note(request, answer)));
  }
}

function note(request: FastifyRequest, answer: unknown): void {
  if (!isJsonObject(answer)) return;
  const { id, runId } = answer;
  request.audit = {
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof runId === 'string' ? { runId } : {}),
    ...request.audit,
  };
}
