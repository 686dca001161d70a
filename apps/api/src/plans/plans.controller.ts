import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { planQuerySchema } from '#libs/schemas/http-request.schema.js';
import { pendingPlanSchema, planAnswerSchema } from '#libs/schemas/http.schema.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { NeedsScope } from '../auth/access.js';
import { ApiSpecBody } from '../openapi/spec-body.js';
import { callerGone } from './caller-gone.js';
import { DeferredPlans, pendingPlan, type PendingPlan } from './deferred-plans.js';
import type { PlanAnswer } from './plan-answer.js';
import { readWait } from './prefer.js';
import { Previews } from './previews.js';

const PREFER =
  'wait=N: how many seconds to wait for the vendors, 15 by default and at most 120. What takes longer is 202';
const PENDING = {
  description: 'The vendors are being read: ask again under links.self, at least every 10 minutes',
  standardSchema: pendingPlanSchema,
};

@ApiTags('plans')
@ApiBearerAuth()
@Controller('v1/plans')
export class PlansController {
  constructor(
    @Inject(Previews) private readonly previews: Previews,
    @Inject(DeferredPlans) private readonly deferred: DeferredPlans,
  ) {}

  @Post()
  @HttpCode(200)
  @NeedsScope('onboardings:write', { recorded: false })
  @ApiOperation({
    summary:
      'What a start, or a change of the account that is there, would do now; writes nothing (scope onboardings:write)',
  })
  @ApiHeader({ name: 'Prefer', required: false, description: PREFER })
  @ApiSpecBody('OnboardingSpec')
  @ApiOkResponse({ standardSchema: planAnswerSchema })
  @ApiAcceptedResponse({
    ...PENDING,
    headers: { Location: { description: 'Where it is read on', schema: { type: 'string' } } },
  })
  async plan(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Query({ schema: planQuerySchema }) query: z.output<typeof planQuerySchema>,
    @Headers('Prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlanAnswer | PendingPlan> {
    const offline = query.offline === 'true' || query.offline === '';
    const options = { offline, gone: callerGone(reply), waitMs: readWait(prefer) };
    const plan = await this.previews.preview(caller, body, options);
    if (!('deferred' in plan)) return plan;
    const pending = pendingPlan(plan.deferred);
    reply.code(202).header('location', pending.links.self);
    return pending;
  }

  @Get(':id')
  @NeedsScope('onboardings:write', { recorded: false })
  @ApiOperation({ summary: 'A plan that was not ready when it was asked for (scope onboardings:write)' })
  @ApiOkResponse({ standardSchema: planAnswerSchema })
  @ApiAcceptedResponse(PENDING)
  async read(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlanAnswer | PendingPlan> {
    const plan = await this.deferred.read(caller, id);
    if ('pages' in plan) reply.code(202);
    return plan;
  }
}
