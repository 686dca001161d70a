import { Body, Controller, Delete, Headers, HttpCode, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { capSchema, offboardQuerySchema, reconcileSchema } from '#libs/schemas/http-request.schema.js';
import { acceptedSchema, noteAnswerSchema } from '#libs/schemas/http.schema.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { NeedsScope } from '../auth/access.js';
import { ApiSpecBody } from '../openapi/spec-body.js';
import { AccountOperations, type OperationAnswer, type OperationOutcome } from './account-operations.js';

/** What a live account can go through. */
@ApiTags('accounts')
@ApiBearerAuth()
@Controller('v1/accounts/:id')
export class AccountOperationsController {
  constructor(@Inject(AccountOperations) private readonly operations: AccountOperations) {}

  @Put()
  @HttpCode(202)
  @NeedsScope('onboardings:write')
  @ApiOperation({ summary: 'Bring an account to another spec (scope onboardings:write)' })
  @ApiHeader({ name: 'If-Match', required: false, description: 'The ETag of the account as it was read' })
  @ApiSpecBody('StartOnboarding')
  @ApiOkResponse({ description: 'The account stands by the spec already', standardSchema: acceptedSchema })
  @ApiAcceptedResponse({ description: 'Accepted; it runs by itself, in its turn', standardSchema: acceptedSchema })
  async amend(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: unknown,
    @Headers('If-Match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationAnswer> {
    return answered(await this.operations.amend(caller, id, body, ifMatch), id, reply);
  }

  @Delete()
  @HttpCode(202)
  @NeedsScope('onboardings:control')
  @ApiOperation({ summary: 'Take an account off (scope onboardings:control)' })
  @ApiHeader({ name: 'If-Match', required: false, description: 'The ETag of the account as it was read' })
  @ApiAcceptedResponse({ standardSchema: acceptedSchema })
  async offboard(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query({ schema: offboardQuerySchema }) { reason }: z.output<typeof offboardQuerySchema>,
    @Headers('If-Match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationAnswer> {
    return answered(await this.operations.offboard(caller, id, reason, ifMatch), id, reply);
  }

  @Post('reconcile')
  @HttpCode(202)
  @NeedsScope('reconciliations:run')
  @ApiOperation({ summary: 'Compare an account with the vendors, and repair it (scope reconciliations:run)' })
  @ApiAcceptedResponse({ standardSchema: acceptedSchema })
  async reconcile(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: reconcileSchema }) body: z.output<typeof reconcileSchema>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationAnswer> {
    return answered(await this.operations.reconcile(caller, id, body), id, reply);
  }

  @Put('reconciliation')
  @HttpCode(202)
  @NeedsScope('reconciliations:run')
  @ApiOperation({ summary: 'Set the most that fleet runs may do to an account (scope reconciliations:run)' })
  @ApiAcceptedResponse({ standardSchema: noteAnswerSchema })
  cap(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: capSchema }) body: z.output<typeof capSchema>,
  ): Promise<{ commandId: string }> {
    return this.operations.cap(caller, id, body);
  }
}

function answered({ answer, replayed }: OperationOutcome, id: string, reply: FastifyReply): OperationAnswer {
  if (answer.operationId === null) reply.status(200);
  else reply.header('location', `/v1/onboardings/${id}?runId=${answer.operationId}`);
  if (replayed) reply.header('idempotent-replayed', 'true');
  return answer;
}
