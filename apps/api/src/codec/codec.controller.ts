import { Body, Controller, Headers, HttpCode, Inject, Options, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiExcludeEndpoint, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { codecSchema } from '#libs/schemas/http.schema.js';
import { CodecPreflight, ForTemporalUi } from '../auth/access.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Codec, type JsonPayload } from './codec.js';

const NamespaceHeader = (): MethodDecorator =>
  ApiHeader({ name: 'X-Namespace', required: false, description: 'The Temporal namespace that is looked at' });

type CodecBody = z.output<typeof codecSchema>;

/** Temporal's remote codec protocol. Who may come, and from which pages, `auth/request-hook.ts` decides. */
@ApiTags('codec')
@ApiBearerAuth()
@Controller('v1/codec')
export class CodecController {
  constructor(@Inject(Codec) private readonly codec: Codec) {}

  @Post('decode')
  @HttpCode(200)
  @ForTemporalUi('codec', { keyless: true })
  @ApiOperation({ summary: 'Decrypt payloads for the Temporal UI and CLI (scope codec)' })
  @NamespaceHeader()
  @ApiOkResponse({ standardSchema: codecSchema })
  async decode(
    @CurrentCaller() caller: Caller,
    @Body({ schema: codecSchema }) body: CodecBody,
    @Headers('X-Namespace') namespace: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<{ payloads: JsonPayload[] }> {
    const { payloads, foreign } = await this.codec.decode(caller, body.payloads, namespace);
    request.audit = { reason: `${payloads.length} payloads, ${foreign} of other tenants` };
    return { payloads };
  }

  @Post('encode')
  @HttpCode(200)
  @ForTemporalUi('codec:encode', { keyless: false })
  @ApiOperation({ summary: 'Encrypt payloads; 403 unless switched on (scope codec:encode)' })
  @NamespaceHeader()
  @ApiOkResponse({ standardSchema: codecSchema })
  async encode(
    @Body({ schema: codecSchema }) body: CodecBody,
    @Headers('X-Namespace') namespace: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<{ payloads: JsonPayload[] }> {
    const payloads = await this.codec.encode(body.payloads, namespace);
    request.audit = { reason: `${payloads.length} payloads` };
    return { payloads };
  }

  /** What a browser asks before the first call of a page. */
  @Options('decode')
  @CodecPreflight()
  @ApiExcludeEndpoint()
  async preflight(@Res() reply: FastifyReply): Promise<void> {
    await reply
      .code(204)
      .header('access-control-allow-methods', 'POST')
      .header('access-control-allow-headers', 'content-type,x-namespace,authorization')
      .header('access-control-max-age', '600')
      .send();
  }
}
