import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { z } from 'zod';
import { ENUMERATIONS } from './enumerations.js';

/** A schema for a place in the description, and the named ones that it refers to. */
export interface ConvertedSchema {
  schema: JsonObject;
  components: JsonObject;
}

/**
 * A zod schema as the description writes it: named schemas and enumerations stand once, as components. Answers are not closed, so that
 * a new field breaks no client; no default makes a client think that a field must be there; dates have a format and no pattern.
 */
export function convertSchema(schema: z.ZodType, io: 'input' | 'output'): ConvertedSchema {
  const {
    $schema: _,
    $defs = {},
    ...own
  } = z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any', override: simplify(io) });
  const components = Object.fromEntries(Object.entries($defs).map(([name, each]) => [name, ready(each)]));
  const { id } = schema.meta() ?? {};
  if (id === undefined) return { schema: ready(own), components };
  return { schema: refTo(id), components: { [id]: ready(own), ...components } };
}

/** The named enumerations as components. */
export function enumerationSchemas(): JsonObject {
  return Object.fromEntries(
    Object.entries(ENUMERATIONS).map(([name, { description, values }]) => [
      name,
      { type: 'string', enum: Object.keys(values), description: `${description}:\n\n${listOf(values)}` },
    ]),
  );
}

/** A reference to a named schema. */
export function refTo(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

function simplify(io: 'input' | 'output'): (context: { jsonSchema: z.core.JSONSchema.BaseSchema }) => void {
  return ({ jsonSchema: schema }) => {
    if (io === 'output' && schema.additionalProperties === false) delete schema.additionalProperties;
    if (schema.format === 'date-time') delete schema.pattern;
    // The whole numbers that JavaScript counts exactly are no limit of the API's.
    if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
    if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  };
}

/** References lead to components, known enumerations are referred to, and what zod keeps for itself is left out. */
function ready(schema: unknown): JsonObject {
  return finished(JSON.parse(JSON.stringify(schema)) as JsonValue) as JsonObject;
}

function finished(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(finished);
  if (!isJsonObject(value)) return value;
  const { id, describedAs, enum: values } = value; // fields of those names hold schemas, so their types tell them apart
  const component = typeof describedAs === 'string' ? describedAs : enumerationOf(values);
  if (component !== undefined) return { ...refTo(component), ...described(value) };
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'id' || typeof id !== 'string') // a component is named by its place
      .map(([name, item]) => [name, name === '$ref' ? referenceTo(item) : finished(item)]),
  );
}

function referenceTo(target: JsonValue): JsonValue {
  return typeof target === 'string' ? target.replace('#/$defs/', '#/components/schemas/') : finished(target);
}

function described({ description }: JsonObject): JsonObject {
  return description === undefined ? {} : { description };
}

const ENUMERATION_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(ENUMERATIONS).map(([name, { values }]) => [Object.keys(values).sort().join(), name]),
);

function enumerationOf(values: JsonValue | undefined): string | undefined {
  return Array.isArray(values) ? ENUMERATION_OF.get(values.map(String).sort().join()) : undefined;
}

function listOf(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([value, meaning]) => `- \`${value}\`: ${meaning}`)
    .join('\n');
}
