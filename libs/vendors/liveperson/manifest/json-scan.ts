import { below } from './review.js';

/** Deeper than any manifest; beyond it reading stops. */
export const DEEPEST = 64;

/** What a text is as JSON (RFC 8259): sound, with the pointers of keys that are there twice, or broken at a place. */
export type Scan =
  { sound: true; duplicates: string[] } | { sound: false; problem: string; line: number; column: number };

const BLANKS = /[ \t\r\n]*/y;
// eslint-disable-next-line no-control-regex -- a JSON text may not hold bare control characters
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/**
 * Looks through a JSON text for what `JSON.parse` does not tell: where it is broken, with line and column (both from 1, columns
 * in UTF-16 units as editors count them), and which keys are there twice.
 */
export function scanJson(text: string): Scan {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return { sound: true, duplicates: scanner.duplicates };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { sound: false, problem: error.message, ...placeOf(text, error.at) };
  }
}

class Broken extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

class Scanner {
  readonly duplicates: string[] = [];
  readonly #text: string;
  /** Keys and indexes that lead to where the scanner is. */
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value();
    if (this.#next() !== '') this.#fail('nothing may follow the end of the JSON');
  }

  #value(): void {
    const first = this.#next();
    if (this.#path.length > DEEPEST) this.#fail(`is nested deeper than ${DEEPEST} levels`);
    if (first === '{') this.#object();
    else if (first === '[') this.#array();
    else if (first === '"') this.#string();
    else if (!this.#match(SCALAR)) this.#fail(expected('a value', first));
  }

  #object(): void {
    const keys = new Set<string>();
    this.#at += 1;
    if (this.#skip('}')) return;
    do {
      const first = this.#next();
      if (first !== '"') this.#fail(first === '}' ? TRAILING_COMMA : expected('a key in double quotes', first));
      const from = this.#at;
      this.#string();
      const key = unquoted(this.#text.slice(from, this.#at));
      this.#path.push(key);
      if (keys.has(key)) this.duplicates.push(this.#path.reduce<string>(below, ''));
      keys.add(key);
      if (!this.#skip(':')) this.#fail(expected('a colon', this.#next()));
      this.#value();
      this.#path.pop();
    } while (this.#skip(','));
    if (!this.#skip('}')) this.#fail(expected('a comma or }', this.#next()));
  }

  #array(): void {
    this.#at += 1;
    if (this.#skip(']')) return;
    let index = 0;
    do {
      if (this.#next() === ']') this.#fail(TRAILING_COMMA);
      this.#path.push(index);
      this.#value();
      this.#path.pop();
      index += 1;
    } while (this.#skip(','));
    if (!this.#skip(']')) this.#fail(expected('a comma or ]', this.#next()));
  }

  #string(): void {
    if (!this.#match(STRING)) {
      this.#fail('this text is not closed, or holds a line break, a control character or an unknown escape');
    }
  }

  /** Goes over blanks and returns the character behind them; empty at the end. */
  #next(): string {
    this.#match(BLANKS);
    return this.#text.charAt(this.#at);
  }

  #skip(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#at += 1;
    return true;
  }

  /** Goes over what matches here. Copies nothing: a large text is mostly values that nobody asks for. */
  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const matches = pattern.test(this.#text);
    if (matches) this.#at = pattern.lastIndex;
    return matches;
  }

  #fail(message: string): never {
    throw new Broken(this.#at, message);
  }
}

const TRAILING_COMMA = 'a comma stands before the closing bracket: take it out';

function unquoted(string: string): string {
  return string.includes('\\') ? (JSON.parse(string) as string) : string.slice(1, -1);
}

function expected(what: string, found: string): string {
  if (found === '') return `the text ends where ${what} was expected`;
  return found === '/' ? 'JSON has no comments: take it out' : `${what} was expected here`;
}

function placeOf(text: string, at: number): { line: number; column: number } {
  const lines = text.slice(0, at).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
