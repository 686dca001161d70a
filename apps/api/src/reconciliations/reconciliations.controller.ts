import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { commandSchema } from '#libs/schemas/http-request.schema.js';
import { noteAnswerSchema } from '#libs/schemas/http.schema.js';
import {
  reconciliationAnswerSchema,
  reconciliationPageSchema,
  startedReconciliationSchema,
} from '#libs/schemas/reconciliation-answers.schema.js';
import { reconciliationListQuerySchema } from '#libs/schemas/reconciliation.schema.js';
import { NeedsScope } from '../auth/access.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import type { Page } from '../lists/cursor.js';
import { ApiJudgedBody } from '../openapi/spec-body.js';
import { FleetStarter, type StartedReconciliation } from './fleet-starter.js';
import { ReconciliationList, type ReconciliationItem } from './reconciliation-list.js';
import { ReconciliationReader, type ReconciliationAnswer } from './reconciliation-reader.js';

/** Runs over the fleet: many accounts compared with their vendors, and repaired within bounds. */
@ApiTags('reconciliations')
@ApiBearerAuth()
@Controller('v1/reconciliations')
export class ReconciliationsController {
  constructor(
    @Inject(FleetStarter) private readonly starter: FleetStarter,
    @Inject(ReconciliationReader) private readonly reader: ReconciliationReader,
    @Inject(ReconciliationList) private readonly runs: ReconciliationList,
  ) {}

  @Post()
  @HttpCode(202)
  @NeedsScope('reconciliations:run')
  @ApiOperation({ summary: 'Compare many accounts with their vendors, and repair them (scope reconciliations:run)' })
  @ApiJudgedBody('StartReconciliation')
  @ApiAcceptedResponse({
    description: 'Accepted, or one of the same mode and scope that is under way',
    standardSchema: startedReconciliationSchema,
    headers: {
      Location: { description: 'Where the run is read', schema: { type: 'string' } },
      'Idempotent-Replayed': {
        description: 'true: one of the same mode and scope is under way, and nothing was started',
        schema: { type: 'string' },
      },
    },
  })
  async start(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StartedReconciliation> {
    const { answer, replayed } = await this.starter.start(caller, body);
    reply.header('location', answer.links.self);
    if (replayed) reply.header('idempotent-replayed', 'true');
    return answer;
  }

  @Get()
  @NeedsScope('reconciliations:read')
  @ApiOperation({ summary: 'Runs over many accounts, newest first (scope reconciliations:read)' })
  @ApiOkResponse({ standardSchema: reconciliationPageSchema })
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: reconciliationListQuerySchema }) query: z.output<typeof reconciliationListQuerySchema>,
  ): Promise<Page<ReconciliationItem>> {
    return this.runs.list(caller, query);
  }

  @Get(':id')
  @NeedsScope('reconciliations:read')
  @ApiOperation({ summary: 'A run over many accounts, also while it is under way (scope reconciliations:read)' })
  @ApiOkResponse({ standardSchema: reconciliationAnswerSchema })
  read(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<ReconciliationAnswer> {
    return this.reader.read(caller, id);
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @NeedsScope('reconciliations:run')
  @ApiOperation({ summary: 'End a run after its open calls (scope reconciliations:run)' })
  @ApiAcceptedResponse({ standardSchema: noteAnswerSchema })
  cancel(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: commandSchema }) { reason }: z.output<typeof commandSchema>,
  ): Promise<{ commandId: string }> {
    return this.starter.cancel(caller, id, reason);
  }
}
