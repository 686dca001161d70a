import { z } from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { DEEPEST_LEVEL, MOST_VALUES, pointerOf } from '#libs/planning/index.js';
import type { Finding } from './findings.js';

/** How many items and fields a value may have, as its JSON Schema says. */
export interface Limits {
  items?: number;
  fields?: number;
  /** Whether only known fields may be there. */
  strict: boolean;
  /** Of what a list holds. */
  item?: Limits;
  /** Of known fields, by name. */
  field: ReadonlyMap<string, Limits>;
  /** Of fields that are named freely. */
  anyField?: Limits;
}

/** A document cut down to its limits. */
export interface LimitedDocument {
  /** The document with nothing in place of what is too long or too deep; undefined when there is too much of it as a whole. */
  document: JsonValue | undefined;
  /** What was cut out, and why. */
  findings: Finding[];
}

/** How many fields that are not known, and places that exceed a limit, get a finding of their own; those beyond are counted. */
const MOST_UNKNOWN = 100;
const MOST_CUTS = 100;

/** Cuts a document down before anything is judged, so that no rule and no hint meets more than a person would have written. */
export function withinLimits(document: JsonValue, limits: Limits): LimitedDocument {
  const cutter = new Cutter();
  const cut = cutter.value(document, limits);
  if (cutter.unknown > MOST_UNKNOWN) {
    const message = `has further fields that are not known (${cutter.unknown - MOST_UNKNOWN}): leave them out`;
    cutter.findings.push({ pointer: '', message });
  }
  if (cutter.cuts > MOST_CUTS) {
    const message = `exceeds its limits in further places (${cutter.cuts - MOST_CUTS}): make it flatter and its lists shorter`;
    cutter.findings.push({ pointer: '', message });
  }
  if (cutter.left >= 0) return { document: cut, findings: cutter.findings };
  const message = `holds more than ${MOST_VALUES} values, which no job could carry: shorten its longest lists`;
  return { document: undefined, findings: [...cutter.findings, { pointer: '', message }] };
}

/** The limits that a schema gives to what is sent. */
export function limitsOf(schema: z.ZodType): Limits {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return read(root, root.$defs ?? {});
}

class Cutter {
  readonly findings: Finding[] = [];
  /** How many values the document may still have; below zero nothing more is looked at. */
  left = MOST_VALUES;
  /** How many fields were met that are not known. */
  unknown = 0;
  /** How many values were cut out. */
  cuts = 0;
  /** Where the cutter is. */
  readonly #path: (string | number)[] = [];

  value(value: JsonValue, limits: Limits | undefined): JsonValue {
    this.left--;
    if (typeof value !== 'object' || value === null || this.left < 0) return value;
    if (this.#path.length >= DEEPEST_LEVEL) {
      return this.#cut(`is nested deeper than ${DEEPEST_LEVEL} levels: make it flatter`, null);
    }
    return Array.isArray(value) ? this.#list(value, limits) : this.#object(value, limits);
  }

  #list(value: readonly JsonValue[], limits: Limits | undefined): JsonValue {
    const most = limits?.items;
    if (most !== undefined && value.length > most) {
      return this.#cut(`must have at most ${most} items; it has ${value.length}`, []);
    }
    const items: JsonValue[] = [];
    for (const [index, item] of value.entries()) {
      if (this.left < 0) break;
      items.push(this.#below(index, item, limits?.item));
    }
    return items;
  }

  #object(value: JsonObject, limits: Limits | undefined): JsonValue {
    const names = Object.keys(value);
    const most = limits?.fields;
    if (most !== undefined && names.length > most) {
      return this.#cut(`must have at most ${most} entries; it has ${names.length}`, {});
    }
    const fields: [string, JsonValue][] = [];
    for (const name of names) {
      if (this.left < 0) break;
      const known = limits?.field.get(name) ?? limits?.anyField;
      if (limits?.strict === true && !known && ++this.unknown > MOST_UNKNOWN) continue;
      fields.push([name, this.#below(name, value[name] ?? null, known)]);
    }
    return Object.fromEntries(fields); // not by assignment: a field may be called __proto__
  }

  #below(token: string | number, value: JsonValue, limits: Limits | undefined): JsonValue {
    this.#path.push(token);
    const cut = this.value(value, limits);
    this.#path.pop();
    return cut;
  }

  #cut(message: string, rest: JsonValue): JsonValue {
    if (++this.cuts <= MOST_CUTS) this.findings.push({ pointer: pointerOf(this.#path), message });
    return rest;
  }
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

function read(schema: JsonSchema, named: Readonly<Record<string, JsonSchema>>): Limits {
  const forms = [schema, ...(schema.anyOf ?? [])].flatMap((form) => resolved(form, named));
  const field = new Map<string, Limits>();
  const limits: Limits = { field, strict: forms.some((form) => form.additionalProperties === false) };
  for (const form of forms) {
    if (typeof form.maxItems === 'number') limits.items = form.maxItems;
    if (typeof form.maxProperties === 'number') limits.fields = form.maxProperties;
    if (isSchema(form.items)) limits.item = read(form.items, named);
    if (isSchema(form.additionalProperties)) limits.anyField = read(form.additionalProperties, named);
    for (const [name, value] of Object.entries(form.properties ?? {})) {
      if (isSchema(value)) field.set(name, read(value, named));
    }
  }
  return limits;
}

function resolved(schema: JsonSchema, named: Readonly<Record<string, JsonSchema>>): JsonSchema[] {
  const name = schema.$ref?.replace('#/$defs/', '');
  const target = name === undefined ? undefined : named[name];
  return target === undefined ? [schema] : [schema, target];
}

function isSchema(value: unknown): value is JsonSchema {
  return isJsonObject(value);
}
