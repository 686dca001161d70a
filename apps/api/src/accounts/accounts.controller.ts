import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { accountListQuerySchema } from '#libs/schemas/http-request.schema.js';
import { accountPageSchema, accountSchema } from '#libs/schemas/http.schema.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { NeedsScope } from '../auth/access.js';
import type { Page } from '../lists/cursor.js';
import { AccountList, type AccountItem } from './account-list.js';
import { AccountReader, type AccountAnswer } from './account-reader.js';

@ApiTags('accounts')
@ApiBearerAuth()
@Controller('v1/accounts')
export class AccountsController {
  constructor(
    @Inject(AccountReader) private readonly reader: AccountReader,
    @Inject(AccountList) private readonly accounts: AccountList,
  ) {}

  @Get()
  @NeedsScope('accounts:read')
  @ApiOperation({ summary: 'The accounts that are there (scope accounts:read)' })
  @ApiOkResponse({ standardSchema: accountPageSchema })
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: accountListQuerySchema }) query: z.output<typeof accountListQuerySchema>,
  ): Promise<Page<AccountItem>> {
    return this.accounts.list(caller, query);
  }

  @Get(':id')
  @NeedsScope('accounts:read')
  @ApiOperation({ summary: 'One account: its spec, its objects, its last operation (scope accounts:read)' })
  @ApiOkResponse({ standardSchema: accountSchema })
  async read(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AccountAnswer> {
    const answer = await this.reader.read(caller, id);
    if (answer.specHash !== null) reply.header('etag', `"${answer.specHash}"`);
    return answer;
  }
}
