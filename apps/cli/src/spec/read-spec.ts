import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type YAMLError,
} from 'yaml';

import { isJsonObject, type JsonObject } from '#libs/contracts/json.js';

import { ApiProblem, type Place } from '../api/problem.js';
import { CliError } from '../errors.js';
import { nameOf, readText, type TextSource } from './read-bytes.js';
import { toJson, YamlFault } from './to-json.js';

/** What the API takes as a body. */
const MAX_JSON_BYTES = 2_000_000;
/** YAML of that much JSON may be longer: indentation, comments. */
const MAX_FILE_BYTES = 2 * MAX_JSON_BYTES;

/** A spec as it was read. */
export interface SpecDocument {
  readonly value: JsonObject;
  /** Returns where the value stands that a JSON pointer names, and what helps who wrote it; undefined where the file has none. */
  locate(pointer: string): Place | undefined;
}

/**
 * Reads a spec, YAML or JSON, from a file or, for `-`, from `stdin`. Whether it is a good one is for the API to say.
 * @throws {CliError} naming the file, and the line where there is one, when it cannot be read, is not YAML, or holds no object.
 */
export async function readSpec(file: string, stdin: NodeJS.ReadableStream): Promise<SpecDocument> {
  const source: TextSource = { what: 'the spec', file, stdin, maxBytes: MAX_FILE_BYTES };
  const text = await readText(source);
  const lines = new LineCounter();
  try {
    // Keys that are there twice are found by `toJson`: the parser's own check takes a time that grows with their square.
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false });
    const [fault] = [...document.errors, ...document.warnings];
    if (fault !== undefined) throw new YamlFault(sentenceOf(fault), { cause: fault });
    const value = toJson(document, { lines, maxBytes: MAX_JSON_BYTES });
    if (!isJsonObject(value)) {
      throw new CliError(
        `${nameOf(source)} must hold an object with tenant, account, chain and the sections of its vendors`,
      );
    }
    return { value, locate: (pointer) => locate(document, lines, pointer) };
  } catch (error) {
    if (error instanceof YamlFault) throw new CliError(`${nameOf(source)}, ${error.message}`, { cause: error });
    // So does what turns the parsed document into JSON.
    if (error instanceof RangeError) throw new CliError(`${nameOf(source)}: nested too deeply`, { cause: error });
    throw error;
  }
}

/**
 * Waits for a call that sent a spec; what the API finds wrong in it is told with the place in the file.
 * @throws what the call throws.
 */
export async function withPlaces<Answer>(spec: SpecDocument | undefined, call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    if (spec === undefined || !(error instanceof ApiProblem)) throw error;
    // The pointers of a corrected spec begin with the field that it was sent in.
    const locate = (pointer: string): Place | undefined =>
      spec.locate(pointer) ?? (pointer.startsWith('/spec/') ? spec.locate(pointer.slice(5)) : undefined);
    throw new ApiProblem(error.status, error.problem, locate);
  }
}

/** What the parser found, without the piece of the file that it repeats and without names of its functions. */
function sentenceOf({ code, message, linePos }: YAMLError): string {
  const place = linePos === undefined ? '' : `line ${linePos[0].line}: `;
  const [first = ''] = message.split('\n');
  // It calls itself for each level.
  if (/call stack/.test(first)) return `${place}nested too deeply`;
  const said = first.replace(/ at line \d+, column \d+:?$/, '');
  switch (code) {
    case 'MULTIPLE_DOCS':
      return `${place}another document begins here, and a spec is one: give each a file of its own`;
    case 'TAG_RESOLVE_FAILED':
      return `${place}tags are not known here: ${said}`;
    default:
      return `${place}not valid YAML or JSON: ${said}`;
  }
}

function locate(document: Document.Parsed, lines: LineCounter, pointer: string): Place | undefined {
  let node: Node | null | undefined = document.contents;
  let line = lineOf(lines, node);
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (isAlias(node)) node = node.resolve(document);
    if (isMap<Node, Node | null>(node)) {
      const pair: Pair<Node, Node | null> | undefined = node.items.find(
        ({ key }) => isScalar(key) && String(key.source ?? key.value) === name,
      );
      if (pair === undefined) return undefined;
      line = lineOf(lines, pair.key);
      node = pair.value;
    } else if (isSeq<Node | null>(node)) {
      node = node.items[Number(name)];
      if (node === undefined) return undefined;
      line = lineOf(lines, node) ?? line;
    } else return undefined;
  }
  if (line === undefined) return undefined;
  const readAs = isScalar(node) ? readAsOf(node.value) : undefined;
  const source = isScalar(node) ? node.source : undefined;
  return { line, ...(readAs === undefined || source === undefined ? {} : { plain: { source, readAs } }) };
}

function readAsOf(value: unknown): string | undefined {
  if (typeof value === 'number') return 'a number';
  return typeof value === 'boolean' ? 'true or false' : undefined;
}

function lineOf(lines: LineCounter, node: Node | null | undefined): number | undefined {
  return node?.range ? lines.linePos(node.range[0]).line : undefined;
}
