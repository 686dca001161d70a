import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { isJsonObject, type JsonObject } from '#libs/contracts/index.js';
import { projectFile } from '#apps/cli/src/parts/project.js';

const DOCUMENT = 'https://gangway.dev/openapi.json';
/** What is held against a schema; a stream is judged event by event. */
const JSON_TYPES = ['application/json', 'application/problem+json'];

/** An operation of the API description. */
export interface Described {
  /** In small letters. */
  method: string;
  /** As the description writes it: `/v1/onboardings/{id}`. */
  template: string;
  path: RegExp;
  /** JSON pointer of the operation in the description. */
  pointer: string;
  operation: JsonObject;
}

/** The API description as it is committed. */
export const description = JSON.parse(readFileSync(projectFile('apps/api/openapi.json'), 'utf8')) as JsonObject;
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: DOCUMENT, ...description });
const validators = new Map<string, ValidateFunction>();

/** Holds answers against what an API says of itself from now on: one that has more than what is committed, as with a vendor of a test. */
export function describedBy(own: JsonObject): void {
  ajv.removeSchema(DOCUMENT);
  ajv.addSchema({ ...own, $id: DOCUMENT });
  validators.clear();
}

/** What an answer of the API is judged by. */
export interface DescribedAnswer {
  status: number;
  contentType: string;
  body: unknown;
}

/**
 * Holds an answer against the API description: an operation answers what it is said to answer, and refuses for what it is said to
 * refuse. Addresses that the description does not have are passed over, and so is what the HTTP server itself refuses.
 * @throws when it does not fit: the code or the description is wrong
 */
export function requireDescribed(method: string, url: string, { status, contentType, body }: DescribedAnswer): void {
  const [path = ''] = url.split('?');
  const found = OPERATIONS.find((each) => each.method === method.toLowerCase() && each.path.test(path));
  if (!found) return;
  const type = contentType.split(';')[0]?.trim() ?? '';
  const call = `${method} ${path}`;
  const answer = resolved(objectIn(objectIn(found.operation, 'responses'), String(status)));
  if (answer === undefined) {
    if (SERVER_STATUSES.includes(status)) return;
    throw new Error(
      `${call} answered ${status} ${textOf(body)}, which the API description does not know: see problem-answers.ts`,
    );
  }
  const types = Object.keys(objectIn(answer.answer, 'content') ?? {});
  if (types.length === 0 && type === '') return;
  if (!types.includes(type))
    throw new Error(
      `${call} answered ${status} as ${type || 'nothing'}, the API description knows ${types.join(', ')}`,
    );
  if (!JSON_TYPES.includes(type)) return;
  const pointer = `${answer.pointer ?? `${found.pointer}/responses/${status}`}/content/${token(type)}/schema`;
  const faults = faultsOf(pointer, body);
  if (faults !== undefined)
    throw new Error(`${call} answered ${status} ${textOf(body)}, which the API description does not fit: ${faults}`);
}

/** Holds the data of an event against the API description. @throws when it does not fit */
export function requireDescribedEvent(event: string, data: JsonObject): void {
  const name = `${event.charAt(0).toUpperCase()}${event.slice(1)}Event`;
  const faults = faultsOf(`/components/schemas/${name}`, data);
  if (faults !== undefined)
    throw new Error(`the event ${event} ${JSON.stringify(data)} does not fit the API description: ${faults}`);
}

/** Request that came too late, addresses and headers that are too long, expectations. */
const SERVER_STATUSES = [405, 408, 414, 417, 431];

/** Every operation of the description. */
export const OPERATIONS: readonly Described[] = Object.entries(objectIn(description, 'paths') ?? {}).flatMap(
  ([path, methods]) =>
    Object.entries(isJsonObject(methods) ? methods : {}).map(([method, operation]) => ({
      method,
      template: path,
      path: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}/?$`),
      pointer: `/paths/${token(path)}/${method}`,
      operation: operation as JsonObject,
    })),
);

function faultsOf(pointer: string, value: unknown): string | undefined {
  const validate = validators.get(pointer) ?? ajv.compile({ $ref: `${DOCUMENT}#${encodeURI(pointer)}` });
  validators.set(pointer, validate);
  return validate(value) ? undefined : ajv.errorsText(validate.errors);
}

/** An answer, or the component that it refers to with its pointer. */
function resolved(answer: JsonObject | undefined): { answer: JsonObject; pointer?: string } | undefined {
  const $ref = answer?.['$ref'];
  if (answer === undefined || typeof $ref !== 'string') return answer && { answer };
  const components = objectIn(objectIn(description, 'components'), 'responses');
  const component = objectIn(components, $ref.slice($ref.lastIndexOf('/') + 1));
  return component && { answer: component, pointer: $ref.slice(1) };
}

function objectIn(value: JsonObject | undefined, name: string): JsonObject | undefined {
  const found = value?.[name];
  return isJsonObject(found) ? found : undefined;
}

function token(text: string): string {
  return text.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** A problem by its type; all else may be long. */
function textOf(body: unknown): string {
  return isJsonObject(body) && typeof body['type'] === 'string' ? body['type'] : '';
}
