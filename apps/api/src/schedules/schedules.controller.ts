import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { scheduleAnswerSchema, schedulePageSchema } from '#libs/schemas/reconciliation-answers.schema.js';
import { scheduleListQuerySchema } from '#libs/schemas/reconciliation.schema.js';
import { NeedsScope } from '../auth/access.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import type { Page } from '../lists/cursor.js';
import { ApiJudgedBody } from '../openapi/spec-body.js';
import type { ScheduleAnswer, ScheduleItem } from './schedule-answer.js';
import { Schedules } from './schedules.js';

/** When runs over the fleet begin by themselves. */
@ApiTags('reconciliations')
@ApiBearerAuth()
@Controller('v1/reconciliation-schedules')
export class SchedulesController {
  constructor(@Inject(Schedules) private readonly schedules: Schedules) {}

  @Get()
  @NeedsScope('reconciliations:run')
  @ApiOperation({ summary: 'Schedules of runs (scope reconciliations:run)' })
  @ApiOkResponse({ standardSchema: schedulePageSchema })
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: scheduleListQuerySchema }) query: z.output<typeof scheduleListQuerySchema>,
  ): Promise<Page<ScheduleItem>> {
    return this.schedules.list(caller, query);
  }

  @Get(':name')
  @NeedsScope('reconciliations:run')
  @ApiOperation({ summary: 'A schedule with its next and its last runs (scope reconciliations:run)' })
  @ApiOkResponse({ standardSchema: scheduleAnswerSchema })
  read(@CurrentCaller() caller: Caller, @Param('name') name: string): Promise<ScheduleAnswer> {
    return this.schedules.read(caller, name);
  }

  @Put(':name')
  @NeedsScope('reconciliations:run')
  @ApiOperation({ summary: 'Make a schedule, or set all of it anew (scope reconciliations:run)' })
  @ApiJudgedBody('SetReconciliationSchedule')
  @ApiOkResponse({ description: 'It was there, and is as the body says now', standardSchema: scheduleAnswerSchema })
  @ApiCreatedResponse({ description: 'It was made', standardSchema: scheduleAnswerSchema })
  async set(
    @CurrentCaller() caller: Caller,
    @Param('name') name: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScheduleAnswer> {
    const { answer, created } = await this.schedules.set(caller, name, body);
    if (created) reply.status(201).header('location', `/v1/reconciliation-schedules/${name}`);
    return answer;
  }

  @Delete(':name')
  @HttpCode(204)
  @NeedsScope('reconciliations:run')
  @ApiOperation({ summary: 'Take a schedule away; a run under way goes on (scope reconciliations:run)' })
  @ApiNoContentResponse({ description: 'It is gone' })
  remove(@CurrentCaller() caller: Caller, @Param('name') name: string): Promise<void> {
    return this.schedules.remove(caller, name);
  }
}
