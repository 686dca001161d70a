import { Body, Controller, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { commandSchema, retrySchema, runQuerySchema } from '#libs/schemas/http-request.schema.js';
import { commandAnswerSchema } from '#libs/schemas/http.schema.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { NeedsScope } from '../auth/access.js';
import { Commander, type TakenCommand } from './commander.js';

type CommandBody = z.output<typeof commandSchema>;
type RunQuery = z.output<typeof runQuerySchema>;
type Accepted = Promise<TakenCommand>;

/** Commands to jobs: taken also while no worker is up. */
@ApiTags('onboardings')
@ApiBearerAuth()
@Controller('v1/onboardings/:id')
export class CommandsController {
  constructor(@Inject(Commander) private readonly commander: Commander) {}

  @Post('cancel')
  @HttpCode(202)
  @NeedsScope('onboardings:control')
  @ApiOperation({ summary: 'Settle the open call, then take everything back (scope onboardings:control)' })
  @ApiAcceptedResponse({ standardSchema: commandAnswerSchema })
  cancel(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: commandSchema }) { reason }: CommandBody,
    @Query({ schema: runQuerySchema }) { runId }: RunQuery,
  ): Accepted {
    return this.commander.send(caller, 'cancel', { id, runId, reason });
  }

  @Post('retry')
  @HttpCode(202)
  @NeedsScope('onboardings:control')
  @ApiOperation({ summary: 'Go on with a held job, also with a corrected spec (scope onboardings:control)' })
  @ApiAcceptedResponse({ standardSchema: commandAnswerSchema })
  retry(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: retrySchema }) { reason, spec }: z.output<typeof retrySchema>,
    @Query({ schema: runQuerySchema }) { runId }: RunQuery,
  ): Accepted {
    return this.commander.send(caller, 'retry', { id, runId, reason, spec });
  }

  @Post('rollback')
  @HttpCode(202)
  @NeedsScope('onboardings:control')
  @ApiOperation({ summary: 'Take back a held job, or try again where that failed (scope onboardings:control)' })
  @ApiAcceptedResponse({ standardSchema: commandAnswerSchema })
  rollback(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: commandSchema }) { reason }: CommandBody,
    @Query({ schema: runQuerySchema }) { runId }: RunQuery,
  ): Accepted {
    return this.commander.send(caller, 'rollback', { id, runId, reason });
  }

  @Post('accept-leftovers')
  @HttpCode(202)
  @NeedsScope('onboardings:control')
  @ApiOperation({ summary: 'End a job that could not be taken back as a whole (scope onboardings:control)' })
  @ApiAcceptedResponse({ standardSchema: commandAnswerSchema })
  acceptLeftovers(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: commandSchema }) { reason }: CommandBody,
    @Query({ schema: runQuerySchema }) { runId }: RunQuery,
  ): Accepted {
    return this.commander.send(caller, 'accept-leftovers', { id, runId, reason });
  }
}
