import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Progress } from '#libs/contracts/index.js';
import { eventsQuerySchema, jobListQuerySchema, runQuerySchema } from '#libs/schemas/http-request.schema.js';
import { jobPageSchema, progressSchema, startedSchema } from '#libs/schemas/http.schema.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { NeedsScope } from '../auth/access.js';
import { Streams } from '../events/streams.js';
import type { Page } from '../lists/cursor.js';
import { ApiEventStream } from '../openapi/event-stream.js';
import { ApiSpecBody } from '../openapi/spec-body.js';
import { readIdempotencyKey } from './idempotency-key.js';
import { JobList, type JobItem } from './job-list.js';
import { Jobs } from './jobs.js';
import { Starter, type StartAnswer } from './starter.js';

type RunQuery = z.output<typeof runQuerySchema>;

const IDEMPOTENCY_KEY =
  '1 to 64 visible ASCII characters, for the account. The key of its latest run is answered again with that run, also after it was undone: a start after that takes another key, or none. With another spec it is 422 idempotency-key-reused.';

@ApiTags('onboardings')
@ApiBearerAuth()
@Controller('v1/onboardings')
export class OnboardingsController {
  constructor(
    @Inject(Starter) private readonly starter: Starter,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(JobList) private readonly jobList: JobList,
    @Inject(Streams) private readonly streams: Streams,
  ) {}

  @Post()
  @HttpCode(202)
  @NeedsScope('onboardings:write')
  @ApiOperation({ summary: 'Take an account on board (scope onboardings:write)' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: IDEMPOTENCY_KEY })
  @ApiSpecBody('StartOnboarding')
  @ApiAcceptedResponse({
    description: 'Accepted, or answered again; the job runs by itself',
    standardSchema: startedSchema,
    headers: {
      Location: { description: 'Where its progress is read', schema: { type: 'string' } },
      'Idempotent-Replayed': {
        description: 'true: nothing was started, see Idempotency-Key',
        schema: { type: 'string' },
      },
    },
  })
  async start(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Headers('Idempotency-Key') key: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StartAnswer> {
    const { answer, replayed } = await this.starter.start(caller, body, readIdempotencyKey(key));
    reply.header('location', `/v1/onboardings/${answer.id}`);
    if (replayed) reply.header('idempotent-replayed', 'true');
    return answer;
  }

  @Get()
  @NeedsScope('onboardings:read')
  @ApiOperation({ summary: 'Jobs, newest first (scope onboardings:read)' })
  @ApiOkResponse({ standardSchema: jobPageSchema })
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: jobListQuerySchema }) query: z.output<typeof jobListQuerySchema>,
  ): Promise<Page<JobItem>> {
    return this.jobList.list(caller, query);
  }

  @Get(':id')
  @NeedsScope('onboardings:read')
  @ApiOperation({ summary: 'Progress of a job; needs no worker (scope onboardings:read)' })
  @ApiOkResponse({ standardSchema: progressSchema })
  progress(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query({ schema: runQuerySchema }) { runId }: RunQuery,
  ): Promise<Progress> {
    return this.jobs.progress(caller, id, runId);
  }

  @Get(':id/events')
  @NeedsScope('onboardings:read')
  @ApiOperation({ summary: 'Events of a job as they happen, as server-sent events (scope onboardings:read)' })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description:
      'The id of the last event that was read, from any replica: what came after it is told, and nothing twice',
  })
  @ApiEventStream()
  events(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query({ schema: eventsQuerySchema }) { runId, after }: z.output<typeof eventsQuerySchema>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.streams.start(caller, { id, runId, after }, request, reply);
  }
}
