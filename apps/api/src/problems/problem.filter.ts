import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { REFUSAL_HEADERS } from '../server/security-headers.js';
import type { AllowedMethods } from './allowed-methods.js';
import { PROBLEM_TYPE, problemText } from './problem-text.js';
import { Problem } from './problem.js';
import { toProblem } from './to-problem.js';

/** The one place that writes errors: every refusal and every fault gets the same kind of body. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly methods: AllowedMethods) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = this.refine(toProblem(error), request);
    request.problem = problem;
    if (problem.status >= 500) this.log(problem, request);
    if (reply.sent || reply.raw.headersSent) return;
    await reply
      .code(problem.status)
      .headers({ ...REFUSAL_HEADERS, ...problem.headers })
      .header('content-type', PROBLEM_TYPE)
      .send(problemText(problem, request.url, request.id));
  }

  /** A fault of ours is told with its stack; what an operator sets right, or what passes by itself, in a line. */
  private log(problem: Problem, request: FastifyRequest): void {
    const { status, slug, detail, extras } = problem;
    if (slug === 'internal-error') request.log.error({ err: extras.cause ?? problem }, detail);
    else request.log[status === 500 ? 'error' : 'warn']({ problem: slug, cause: messageOf(extras.cause) }, detail);
  }

  /** An address that exists for other methods is no unknown one. */
  private refine(problem: Problem, request: FastifyRequest): Problem {
    if (problem.slug !== 'not-found' || !request.is404) return problem;
    const allowed = this.methods.of(request.url);
    if (allowed.length === 0) return problem;
    const list = allowed.join(', ');
    return new Problem('method-not-allowed', `Use ${list} here.`, { headers: { allow: list } });
  }
}

function messageOf(cause: unknown): string | undefined {
  return cause instanceof Error ? cause.message : undefined;
}
