import type { INestApplication, Type } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { onboardingSpecSchema } from '#libs/schemas/spec.schema.js';
import { startSchema } from '#libs/schemas/http-request.schema.js';
import { problemSchema } from '#libs/schemas/http.schema.js';

const DESCRIPTION = [
  'Takes business accounts on board messaging platforms, and off again: one call starts a durable job.',
  'Every error is application/problem+json (RFC 9457).',
].join(' ');

type Schemas = Record<string, unknown>;

/** The OpenAPI 3.1 description of the API, from the controllers and the schemas that validate. */
export function createDocument(app: INestApplication, controllers: readonly Type[]): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Gangway')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key, or a token of the configured issuer' })
    .build();
  for (const controller of controllers) nameParameters(controller);
  const document = SwaggerModule.createDocument(app, config, {
    standardSchemaConverter: (schema, { schemaType }) =>
      schema instanceof z.ZodType ? convert(schema, schemaType) : undefined,
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  const named: [z.ZodType, 'input' | 'output'][] = [
    [onboardingSpecSchema, 'input'],
    [startSchema, 'input'],
    [problemSchema, 'output'],
  ];
  const schemas = Object.assign({}, ...named.map(([schema, io]) => convert(schema, io).components)) as Schemas;
  document.components = { ...document.components, schemas: { ...document.components?.schemas, ...schemas } as never };
  addProblems(document);
  return document;
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

/** zod's `$defs` become components, so that each named schema stands once. */
function convert(schema: z.ZodType, io: 'input' | 'output'): { schema: Schemas; components: Schemas } {
  const {
    $schema: _,
    $defs = {},
    ...own
  } = named(z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' })) as Schemas & {
    $defs?: Schemas;
  };
  const { id } = schema.meta() ?? {};
  const components = moveRefs($defs) as Schemas;
  if (id === undefined) return { schema: moveRefs(own) as Schemas, components: withoutIds(components) };
  const ref = { $ref: `#/components/schemas/${id}` };
  return { schema: ref, components: withoutIds({ [id]: moveRefs(own), ...components }) };
}

/** The one schema that refers to itself without a name of its own is that of any JSON value. */
function named(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('__schema0', 'JsonValue')) as object;
}

/** A component is named by its place; an `id` inside would be an unknown keyword. */
function withoutIds(components: Schemas): Schemas {
  return Object.fromEntries(
    Object.entries(components).map(([name, value]) => {
      const { id: _, ...schema } = value as Schemas;
      return [name, schema];
    }),
  );
}

function moveRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moveRefs);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) =>
      name === '$ref' && typeof item === 'string'
        ? [name, item.replace('#/$defs/', '#/components/schemas/')]
        : [name, moveRefs(item)],
    ),
  );
}

/** Every operation may be refused. */
function addProblems(document: OpenAPIObject): void {
  const schema = { $ref: '#/components/schemas/Problem' };
  const refusal = { description: 'Refused or failed', content: { 'application/problem+json': { schema } } };
  for (const path of Object.values(document.paths)) {
    for (const method of ['get', 'post', 'put', 'delete'] as const) {
      const operation = path[method];
      if (operation) operation.responses['default'] = refusal;
    }
  }
}
