import type { INestApplication, Type } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import type { JsonObject } from '#libs/contracts/index.js';
import { onboardingSpecSchema } from '#libs/schemas/spec.schema.js';
import { startSchema } from '#libs/schemas/http-request.schema.js';
import { problemSchema } from '#libs/schemas/http.schema.js';
import { reconciliationSchema, scheduleSchema } from '#libs/schemas/reconciliation.schema.js';
import { eventSchemas, webhooks } from './event-stream.js';
import { SPEC_EXAMPLES } from './examples.js';
import { convertSchema, enumerationSchemas } from './json-schema.js';
import { problemAnswers, problemComponents } from './problem-answers.js';

const DESCRIPTION = [
  'Takes business accounts on board messaging platforms: one call starts a durable job.',
  'Answers may get new fields and enumerations new values; what is not known should be passed over.',
  'Every refusal is application/problem+json (RFC 9457): decide by its type. docs/problems.md says what each means and what to do;',
  'the HTTP server itself may refuse any call with 408, 414, 417 or 431.',
].join(' ');

const TAGS: Readonly<Record<string, string>> = {
  plans: 'What an onboarding would do',
  onboardings: 'Jobs: starting, following and commanding them',
  accounts: 'What is on board',
  reconciliations: 'Runs over many accounts, and their schedules',
  codec: "Temporal's remote codec protocol, for its UI and CLI",
  notifications: 'What is told to receivers that a spec names',
};

/** The OpenAPI 3.1 description of the API, from the controllers and the schemas that validate. */
export function createDocument(app: INestApplication, controllers: readonly Type[]): OpenAPIObject {
  for (const controller of controllers) nameParameters(controller);
  const document = SwaggerModule.createDocument(app, configuration(), {
    standardSchemaConverter: (schema, { schemaType }) =>
      schema instanceof z.ZodType ? convertSchema(schema, schemaType) : undefined,
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  const named: [z.ZodType, 'input' | 'output'][] = [
    [onboardingSpecSchema, 'input'],
    [startSchema, 'input'],
    [reconciliationSchema, 'input'],
    [scheduleSchema, 'input'],
    [problemSchema, 'output'],
  ];
  const schemas = Object.assign(
    { ...document.components?.schemas },
    ...named.map(([schema, io]) => convertSchema(schema, io).components),
    eventSchemas(),
    enumerationSchemas(),
  ) as JsonObject;
  document.components = {
    ...document.components,
    schemas: sorted(schemas) as never,
    responses: sorted(problemComponents()) as never,
  };
  for (const operation of operationsOf(document)) describe(operation);
  return Object.assign(document, { webhooks: webhooks() });
}

function configuration(): ReturnType<DocumentBuilder['build']> {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Gangway')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addServer('/', 'The API that serves this description')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key, or a token of the configured issuer' });
  for (const [name, description] of Object.entries(TAGS)) builder.addTag(name, description);
  return builder.build();
}

/**
 * `@nestjs/swagger` sees only parameters whose types the compiler has written down, which ours does not. All that stand in an
 * address or a header are texts; bodies and queries name their schema.
 */
function nameParameters({ prototype }: Type): void {
  const methods = Object.entries(Object.getOwnPropertyDescriptors(prototype as object));
  for (const [name, { value }] of methods) {
    if (typeof value !== 'function' || name === 'constructor') continue;
    const types = Array.from({ length: (value as (...args: unknown[]) => unknown).length }, () => String);
    Reflect.defineMetadata('design:paramtypes', types, prototype as object, name);
  }
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

function operationsOf({ paths }: OpenAPIObject): Operation[] {
  const methods = ['get', 'post', 'put', 'delete'] as const;
  return Object.values(paths).flatMap((path) => methods.flatMap((method) => path[method] ?? []));
}

/** Adds to an operation what its controller does not say: refusals, what an id is, and specs to try it with. */
function describe(operation: Operation): void {
  Object.assign(operation.responses, problemAnswers(operation.operationId ?? ''));
  for (const parameter of operation.parameters ?? []) {
    if ('in' in parameter && parameter.in === 'path') {
      Object.assign(parameter, pathParameter(operation.operationId ?? ''));
    }
  }
  const body = operation.requestBody && 'content' in operation.requestBody ? operation.requestBody : undefined;
  const content = body?.content['application/json'];
  const schema = content?.schema && '$ref' in content.schema ? content.schema.$ref : '';
  if (!content || !/\/(?:OnboardingSpec|StartOnboarding)$/.test(schema)) return;
  const examples = SPEC_EXAMPLES.map(({ file, summary, value }) => [file.replace(/\.yaml$/, ''), { summary, value }]);
  content.examples = Object.fromEntries(examples) as NonNullable<typeof content.examples>;
}

/** What stands at the place of an id or a name in the address of an operation. */
function pathParameter(operationId: string): { description: string; example: string } {
  if (operationId.startsWith('Reconciliations_')) {
    return { description: 'Id of a run: adhoc.{uuid} or {schedule}-{time}', example: 'nightly-2026-11-21T03:30:00Z' };
  }
  if (operationId.startsWith('Schedules_')) return { description: 'Name of a schedule', example: 'nightly' };
  if (operationId === 'Plans_read') {
    return { description: 'The id that POST /v1/plans has answered', example: 'b0f4d1c2-6d3b-4c1e-9a57-2f8e0c7d9b14' };
  }
  return { description: '{tenant}.{account}', example: 'acme.support' };
}

function sorted(schemas: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}
