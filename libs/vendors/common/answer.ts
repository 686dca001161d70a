import { isJsonObject, type JsonObject } from '#libs/contracts/index.js';
import { pageText } from './page-text.js';

/**
 * What the body of an answer is.
 * - `empty`: nothing
 * - `json`: the vendor's own words, as far as anybody can tell
 * - `page`: HTML or XML, which the APIs of our vendors never send: something on the way has answered (a gateway, proxy or firewall)
 * - `text`: any other text
 * - `unreadable`: in a coding or character set that it does not have, or nested too deeply
 */
export type BodyForm = 'empty' | 'json' | 'page' | 'text' | 'unreadable';

/** The body of an answer, read once. */
export interface AnswerBody {
  form: BodyForm;
  /** Parsed, where it is JSON; else undefined. */
  json: unknown;
  /** What it says to people; undefined where that is not told. Not scrubbed, and of any length. */
  says: string | undefined;
}

/** An answer of any status. */
export interface ApiAnswer extends AnswerBody {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** Who sent it, as host and port. */
  host: string;
  /** Why its body cannot be decoded. Absent: it can. */
  undecodable?: string;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;

/** How deep JSON may nest. Deeper is an attack: what walks an object goes as deep as the object does. */
const DEEPEST = 64;

/** Fields that say something to people, the plainest first (RFC 9457: `detail`, `title`; RFC 6749: `error_description`). */
const SAYING = [
  ...['userMessage', 'developerMessage', 'message', 'error_description', 'errorMessage', 'detail', 'details'],
  ...['description', 'messages', 'title', 'reason', 'error', 'errors', 'fault', 'body'],
];
/** How far what is said is looked for: `{ "error": { "errors": [{ "message": ... }] } }`. */
const SAYING_DEPTH = 4;

/** Reads a body. `garbled`: why it could not be decoded. */
export function readBody(bytes: Buffer, contentType: string | undefined, garbled?: string): AnswerBody {
  if (garbled !== undefined) return { form: 'unreadable', json: undefined, says: undefined };
  const text = textOfBytes(bytes, contentType);
  if (text === undefined) return { form: 'unreadable', json: undefined, says: undefined };
  const trimmed = text.trimStart();
  if (trimmed === '') return { form: 'empty', json: undefined, says: undefined };
  if (trimmed.startsWith('<')) return { form: 'page', json: undefined, says: pageText(trimmed) };
  const parsed = parse(text);
  if (parsed === 'too deep') return { form: 'unreadable', json: undefined, says: undefined };
  if (parsed === 'no JSON') return { form: 'text', json: undefined, says: trimmed };
  return { form: 'json', json: parsed.value, says: saidIn(parsed.value) };
}

/**
 * Whether JSON tells of an error although the status says success: an object without an id of its own that has one of the fields
 * that errors have.
 */
export function tellsOfError(json: unknown): boolean {
  if (!isJsonObject(json) || typeof json['id'] === 'string') return false;
  const { error, errors, success, status, code } = json;
  if (success === false || (Array.isArray(errors) && errors.length > 0)) return true;
  if (isJsonObject(error) || (typeof error === 'string' && error !== '') || error === true) return true;
  if (
    ['developerMessage', 'userMessage', 'errorMessage', 'error_description', 'errorCode'].some((name) => name in json)
  )
    return true;
  // `{ "code": "400-143" }`, `{ "type": "...", "status": 409 }`, `{ "code": 7, "message": "..." }`
  return [status, code].some(isErrorStatus) || (code !== undefined && typeof json['message'] === 'string');
}

/** Whether an answer says that an object is not there: by one of these statuses, and not by a page of something on the way. */
export function saysGone({ status, form }: ApiAnswer, statuses: readonly number[] = [404]): boolean {
  return statuses.includes(status) && form !== 'page';
}

/** Whether a status is a success. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The object that an answer is about: the first of a list, where errors come as one. */
export function firstObject(json: unknown): JsonObject | undefined {
  const first: unknown = Array.isArray(json) ? json[0] : json;
  return isJsonObject(first) ? first : undefined;
}

function isErrorStatus(value: unknown): boolean {
  const found =
    typeof value === 'number' || typeof value === 'string' ? /^([45]\d\d)(?:-\d+)?$/.exec(String(value)) : null;
  return found !== null;
}

/** By the mark at its beginning, else by the character set that its header names, else UTF-8. Undefined: it is not in it. */
function textOfBytes(bytes: Buffer, contentType: string | undefined): string | undefined {
  try {
    return new TextDecoder(charsetOf(bytes, contentType), { fatal: true }).decode(bytes);
  } catch {
    return undefined; // not in that character set, or in one that nobody knows
  }
}

function charsetOf(bytes: Buffer, contentType = ''): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  return /;\s*charset="?([\w-]{1,40})/i.exec(contentType)?.[1] ?? 'utf-8';
}

function parse(text: string): { value: unknown } | 'too deep' | 'no JSON' {
  // Asked first: to parse what nests a million times takes seconds, in which the process does nothing else.
  if (isTooDeep(text)) return 'too deep';
  try {
    // A field of that name would set the prototype of every copy that is made of the object.
    const value: unknown = /__proto__|\\u005f/i.test(text)
      ? JSON.parse(text, (name, each: unknown) => (name === '__proto__' ? undefined : each))
      : JSON.parse(text);
    return { value };
  } catch {
    return 'no JSON';
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (quoted) {
      if (character === BACKSLASH) i++;
      else if (character === QUOTE) quoted = false;
    } else if (character === QUOTE) quoted = true;
    else if (character === BRACKET || character === BRACE) {
      if (++depth > DEEPEST) return true;
    } else if (character === BRACKET_END || character === BRACE_END) depth--;
  }
  return false;
}

/** What JSON says to people; undefined when it says nothing that is known as such. */
function saidIn(json: unknown, depth = SAYING_DEPTH): string | undefined {
  if (typeof json === 'string') return json.trim() === '' ? undefined : json;
  if (depth === 0) return undefined;
  if (Array.isArray(json)) return first(json.slice(0, SAYING_DEPTH), depth);
  return isJsonObject(json)
    ? first(
        SAYING.map((name) => json[name]),
        depth,
      )
    : undefined;
}

function first(values: readonly unknown[], depth: number): string | undefined {
  for (const value of values) {
    const said = saidIn(value, depth - 1);
    if (said !== undefined) return said;
  }
  return undefined;
}
