import { isObject, type Json, type JsonObject } from './json.js';

type Format = 'url' | 'base64' | 'date-time';

interface Common {
  required?: boolean;
  /** Not echoed where the vendor is set to mask or hide secrets. */
  secret?: boolean;
}
export interface StringField extends Common {
  type: 'string';
  min?: number;
  max?: number;
  enum?: readonly string[];
  format?: Format;
  default?: string;
  /** Kind of object whose id this field holds. */
  refersTo?: string;
}
export interface NumberField extends Common {
  type: 'number' | 'integer';
  min?: number;
  max?: number;
  default?: number;
}
export interface BooleanField extends Common {
  type: 'boolean';
  default?: boolean;
}
export interface ObjectField extends Common {
  type: 'object';
  fields: Fields;
  /** Filled in, with the defaults of its members, where it was not sent. */
  default?: true;
}
export interface ArrayField extends Common {
  type: 'array';
  items: Field;
  min?: number;
  max?: number;
  default?: true;
}
export type Field = StringField | NumberField | BooleanField | ObjectField | ArrayField;
export type Fields = Readonly<Record<string, Field>>;

/** One thing wrong with a body. `value` is left out for objects, arrays and secrets. */
export interface Finding {
  problem: 'missing' | 'invalid' | 'enum';
  path: string;
  message: string;
  value?: string;
}

export interface Reference {
  path: string;
  kind: string;
  id: string;
}

const URL_PATTERN = /^https?:\/\/[^\s/]+/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const LONGEST_VALUE = 255;

/** Everything that is wrong with `body` by its table; unknown members are not looked at. */
export function checkFields(fields: Fields, body: JsonObject, prefix = ''): Finding[] {
  return Object.entries(fields).flatMap(([name, field]): Finding[] => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const value = body[name];
    if (value !== undefined) return checkField(field, value, path);
    return field.required ? [{ problem: 'missing', path, message: `${path} is required` }] : [];
  });
}

/** The members that the table knows, with its defaults for the rest. Nothing of `body` is shared with the answer. */
export function takeFields(fields: Fields, body: JsonObject): JsonObject {
  const taken: JsonObject = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = takeField(field, body[name]);
    if (value !== undefined) taken[name] = value;
  }
  return taken;
}

/** The ids of other objects that `body` holds, by the table. */
export function referencesIn(fields: Fields, body: JsonObject, prefix = ''): Reference[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    referencesOf(field, body[name], prefix === '' ? name : `${prefix}.${name}`),
  );
}

/** Names of all members that the table marks as secret, at any depth. */
export function secretNames(fields: Fields): Set<string> {
  const names = new Set<string>();
  const visit = (name: string, field: Field): void => {
    if (field.secret) names.add(name);
    if (field.type === 'array') visit(name, field.items);
    if (field.type === 'object') for (const [inner, member] of Object.entries(field.fields)) visit(inner, member);
  };
  for (const [name, field] of Object.entries(fields)) visit(name, field);
  return names;
}

function checkField(field: Field, value: Json, path: string): Finding[] {
  switch (field.type) {
    case 'string':
      return typeof value === 'string' ? checkString(field, value, path) : wrongType(field, path);
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrongType(field, path);
    case 'number':
    case 'integer':
      return typeof value === 'number' ? checkNumber(field, value, path) : wrongType(field, path);
    case 'object':
      return isObject(value) ? checkFields(field.fields, value, path) : wrongType(field, path);
    case 'array':
      return Array.isArray(value) ? checkArray(field, value, path) : wrongType(field, path);
  }
}

function wrongType(field: Field, path: string): Finding[] {
  return [{ problem: 'invalid', path, message: `${path} must be of type ${field.type}` }];
}

function checkString(field: StringField, value: string, path: string): Finding[] {
  const shown = field.secret ? {} : { value: value.slice(0, LONGEST_VALUE) };
  const invalid = (message: string): Finding[] => [{ problem: 'invalid', path, message, ...shown }];
  if (field.enum && !field.enum.includes(value)) {
    return [{ problem: 'enum', path, message: `${path} must be one of ${field.enum.join(', ')}`, ...shown }];
  }
  if (value.length < (field.min ?? 0) || value.length > (field.max ?? Infinity)) {
    return invalid(`${path} must have ${field.min ?? 0} to ${field.max ?? 'any number of'} characters`);
  }
  return field.format && !hasFormat(field.format, value) ? invalid(`${path} must be a valid ${field.format}`) : [];
}

function hasFormat(format: Format, value: string): boolean {
  if (format === 'base64') return BASE64.test(value);
  if (format === 'date-time') return !Number.isNaN(Date.parse(value));
  return URL_PATTERN.test(value) && isUrl(value);
}

/** Whether the platform reads it as a URL. (`URL.canParse` of Node 20 is wrong about characters from U+0080 to U+00FF once it is hot.) */
export function isUrl(value: string): boolean {
  try {
    return new URL(value) instanceof URL;
  } catch {
    return false;
  }
}

function checkNumber(field: NumberField, value: number, path: string): Finding[] {
  if (field.type === 'integer' && !Number.isInteger(value)) return wrongType(field, path);
  if (value >= (field.min ?? -Infinity) && value <= (field.max ?? Infinity)) return [];
  const message = `${path} must be from ${field.min ?? 'any'} to ${field.max ?? 'any'}`;
  return [{ problem: 'invalid', path, message, value: String(value) }];
}

function checkArray(field: ArrayField, value: Json[], path: string): Finding[] {
  if (value.length < (field.min ?? 0) || value.length > (field.max ?? Infinity)) {
    const message = `${path} must have ${field.min ?? 0} to ${field.max ?? 'any number of'} items`;
    return [{ problem: 'invalid', path, message }];
  }
  return value.flatMap((item, index) => checkField(field.items, item, `${path}[${index}]`));
}

function takeField(field: Field, value: Json | undefined): Json | undefined {
  if (field.type === 'object') {
    if (isObject(value)) return takeFields(field.fields, value);
    return field.default ? takeFields(field.fields, {}) : undefined;
  }
  if (field.type === 'array') {
    if (!Array.isArray(value)) return field.default ? [] : undefined;
    return value.map((item) => takeField(field.items, item) ?? null);
  }
  return value ?? field.default;
}

function referencesOf(field: Field, value: Json | undefined, path: string): Reference[] {
  if (field.type === 'object' && isObject(value)) return referencesIn(field.fields, value, path);
  if (field.type === 'array' && Array.isArray(value)) {
    return value.flatMap((item, index) => referencesOf(field.items, item, `${path}[${index}]`));
  }
  if (field.type !== 'string' || field.refersTo === undefined || typeof value !== 'string') return [];
  return [{ path, kind: field.refersTo, id: value }];
}
