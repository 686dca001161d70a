import { Body, Controller, HttpCode, Inject, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { planQuerySchema } from '#libs/schemas/http-request.schema.js';
import { planAnswerSchema } from '#libs/schemas/http.schema.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { NeedsScope } from '../auth/access.js';
import { ApiSpecBody } from '../openapi/spec-body.js';
import { callerGone } from './caller-gone.js';
import type { PlanAnswer } from './plan-answer.js';
import { Previews } from './previews.js';

@ApiTags('plans')
@ApiBearerAuth()
@Controller('v1/plans')
export class PlansController {
  constructor(@Inject(Previews) private readonly previews: Previews) {}

  @Post()
  @HttpCode(200)
  @NeedsScope('onboardings:write', { recorded: false })
  @ApiOperation({
    summary:
      'What a start, or a change of the account that is there, would do now; writes nothing (scope onboardings:write)',
  })
  @ApiSpecBody('OnboardingSpec')
  @ApiOkResponse({ standardSchema: planAnswerSchema })
  plan(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Query({ schema: planQuerySchema }) query: z.output<typeof planQuerySchema>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlanAnswer> {
    const offline = query.offline === 'true' || query.offline === '';
    return this.previews.preview(caller, body, { offline, gone: callerGone(reply) });
  }
}
