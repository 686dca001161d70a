import { Controller, Get, Inject, Param, Redirect, Res } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { OpenOnLoopback } from '../auth/access.js';
import { notFound } from '../problems/problem.js';
import { PAGE_POLICY } from '../server/security-headers.js';
import { docsFile } from './docs-page.js';

/** Holds the API description once it has been made. */
export class ApiDescription {
  document: OpenAPIObject | undefined;
}

/** The description of the API and a page to read it. Both work without the internet. */
@ApiExcludeController()
@Controller()
export class DocsController {
  constructor(@Inject(ApiDescription) private readonly description: ApiDescription) {}

  @Get()
  @OpenOnLoopback()
  @Redirect('/docs', 302)
  root(): void {
    return;
  }

  @Get('openapi.json')
  @OpenOnLoopback()
  openapi(): OpenAPIObject | undefined {
    return this.description.document;
  }

  @Get('docs')
  @OpenOnLoopback()
  page(@Res() reply: FastifyReply): Promise<void> {
    return send('', reply);
  }

  @Get('docs/:file')
  @OpenOnLoopback()
  file(@Param('file') name: string, @Res() reply: FastifyReply): Promise<void> {
    return send(name, reply);
  }
}

async function send(name: string, reply: FastifyReply): Promise<void> {
  const file = await docsFile(name);
  if (!file) throw notFound(`file ${name}`);
  await reply.header('content-type', file.type).header('content-security-policy', PAGE_POLICY).send(file.content);
}
