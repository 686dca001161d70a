import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { handoffAnswerSchema, handoffSchema } from '#libs/schemas/handoff.schema.js';
import { runQuerySchema } from '#libs/schemas/http-request.schema.js';
import { commandAnswerSchema } from '#libs/schemas/http.schema.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { NeedsScope } from '../auth/access.js';
import type { TakenCommand } from './commander.js';
import { Handoffs, type HandoffDocument } from './handoffs.js';

type RunQuery = z.output<typeof runQuerySchema>;

/** Tasks that a person does at a vendor: taken and answered also while no worker is up. */
@ApiTags('onboardings')
@ApiBearerAuth()
@Controller('v1/onboardings/:id/handoff')
export class HandoffController {
  constructor(@Inject(Handoffs) private readonly handoffs: Handoffs) {}

  @Get()
  @NeedsScope('onboardings:control', { recorded: true })
  @ApiOperation({
    summary: 'What a person is asked for, with the file; that it was fetched is recorded (scope onboardings:control)',
  })
  @ApiOkResponse({ standardSchema: handoffSchema })
  read(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query({ schema: runQuerySchema }) { runId }: RunQuery,
    @Req() { method }: FastifyRequest,
  ): Promise<HandoffDocument> {
    return this.handoffs.read(caller, id, runId, { givesOut: method !== 'HEAD' });
  }

  @Post()
  @HttpCode(202)
  @NeedsScope('onboardings:control')
  @ApiOperation({ summary: 'Answer what a person was asked for (scope onboardings:control)' })
  @ApiAcceptedResponse({ standardSchema: commandAnswerSchema })
  answer(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: handoffAnswerSchema }) reply: z.output<typeof handoffAnswerSchema>,
    @Query({ schema: runQuerySchema }) { runId }: RunQuery,
  ): Promise<TakenCommand> {
    const { done, rejected, ...handedBack } = reply;
    const values = Object.entries(handedBack).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    return this.handoffs.answer(caller, id, runId, { done, rejected, values: Object.fromEntries(values) });
  }
}
