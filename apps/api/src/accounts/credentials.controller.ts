import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { credentialsSchema } from '#libs/schemas/handoff.schema.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { NeedsScope } from '../auth/access.js';
import { Credentials, type CredentialsAnswer } from './credentials.js';

/** What vendors issued for an account: the one place where a secret leaves the system. */
@ApiTags('accounts')
@ApiBearerAuth()
@Controller('v1/accounts/:id/credentials')
export class CredentialsController {
  constructor(@Inject(Credentials) private readonly credentials: Credentials) {}

  @Get()
  @NeedsScope('credentials:read', { recorded: true })
  @ApiOperation({
    summary: 'What vendors issued for the account, in clear; each read is put on record (scope credentials:read)',
  })
  @ApiOkResponse({ standardSchema: credentialsSchema })
  async read(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: FastifyRequest,
  ): Promise<CredentialsAnswer> {
    const answer = await this.credentials.read(caller, id);
    request.audit = { reason: answer.items.map(({ key }) => key).join(' ') || 'none' };
    return answer;
  }
}
