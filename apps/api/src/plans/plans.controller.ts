import { Body, Controller, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { planQuerySchema } from '#libs/schemas/http-request.schema.js';
import { planAnswerSchema } from '#libs/schemas/http.schema.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { NeedsScope } from '../auth/access.js';
import { ApiSpecBody } from '../openapi/spec-body.js';
import { Previews, type PlanAnswer } from './previews.js';

@ApiTags('plans')
@ApiBearerAuth()
@Controller('v1/plans')
export class PlansController {
  constructor(@Inject(Previews) private readonly previews: Previews) {}

  @Post()
  @HttpCode(200)
  @NeedsScope('onboardings:write', { recorded: false })
  @ApiOperation({ summary: 'What an onboarding would do now; writes nothing (scope onboardings:write)' })
  @ApiSpecBody('OnboardingSpec')
  @ApiOkResponse({ standardSchema: planAnswerSchema })
  plan(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Query({ schema: planQuerySchema }) query: z.output<typeof planQuerySchema>,
  ): Promise<PlanAnswer> {
    return this.previews.preview(caller, body, query.offline === 'true' || query.offline === '');
  }
}
