import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { OpenOnLoopback, OpenToEverybody } from '../auth/access.js';
import { Problem } from '../problems/problem.js';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';

/** For whoever runs the process: whether it lives, whether it can work, what it counts. */
@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  @Get('healthz')
  @OpenToEverybody()
  healthz(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @OpenToEverybody()
  async readyz(): Promise<{ status: 'ready' }> {
    const why = await this.readiness.whyNot();
    if (why === null) return { status: 'ready' };
    throw new Problem('engine-unavailable', why, { headers: { 'retry-after': '5' } });
  }

  @Get('metrics')
  @OpenOnLoopback()
  async text(@Res() reply: FastifyReply): Promise<void> {
    const { contentType, text } = await this.metrics.read();
    await reply.header('content-type', contentType).send(text);
  }
}
