import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { accountPlanQuerySchema } from '#libs/schemas/http-request.schema.js';
import { accountPlanSchema } from '#libs/schemas/http.schema.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { NeedsScope } from '../auth/access.js';
import { AccountPlans, type AccountPlanAnswer } from './account-plans.js';
import { callerGone } from './caller-gone.js';

/** What an operation on an account would do. */
@ApiTags('accounts')
@ApiBearerAuth()
@Controller('v1/accounts/:id/plan')
export class AccountPlansController {
  constructor(@Inject(AccountPlans) private readonly plans: AccountPlans) {}

  @Get()
  @NeedsScope('accounts:read')
  @ApiOperation({ summary: 'What an offboarding or a repair would do now; writes nothing (scope accounts:read)' })
  @ApiOkResponse({ standardSchema: accountPlanSchema })
  plan(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query({ schema: accountPlanQuerySchema }) { operation }: z.output<typeof accountPlanQuerySchema>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AccountPlanAnswer> {
    return this.plans.plan(caller, id, operation, callerGone(reply));
  }
}
