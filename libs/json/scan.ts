/** Deeper than anything that is asked for; beyond it reading stops. */
export const DEEPEST = 64;

/** Keys and indexes from the top of a document to a place in it. */
export type JsonPath = readonly (string | number)[];

/** A text that is JSON (RFC 8259), with what `JSON.parse` lets pass. */
export interface SoundJson {
  sound: true;
  /** Where a key stands again in the same object: `JSON.parse` would take the last one. At most `REPORTED`. */
  duplicates: JsonPath[];
  /** Where a key would reach the prototype of an object that is copied carelessly. At most `REPORTED`. */
  poisoned: JsonPath[];
}

/** A text that is none: what is wrong, and where. */
export interface BrokenJson {
  sound: false;
  /** What was expected, or what stands there; without a word of the text itself. */
  problem: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units as editors count them. */
  column: number;
  /** True where the text is JSON as far as it was read, and goes deeper than `DEEPEST`: at `path`. */
  tooDeep: boolean;
  path: JsonPath;
}

/** More places of a kind are not remembered. */
const REPORTED = 200;

const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const HEX = /[0-9a-fA-F]{4}/y;

/**
 * Looks through a JSON text for what `JSON.parse` does not tell: where it is broken, how deep it goes, and which keys are there twice.
 * The time it takes grows with the length of the text and no faster.
 */
export function scanJson(text: string): SoundJson | BrokenJson {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return { sound: true, duplicates: scanner.duplicates, poisoned: scanner.poisoned };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const { at, message, tooDeep, path } = error;
    return { sound: false, problem: message, tooDeep, path, ...placeOf(text, at) };
  }
}

class Broken extends Error {
  constructor(
    readonly at: number,
    message: string,
    readonly path: JsonPath,
    readonly tooDeep = false,
  ) {
    super(message);
  }
}

class Scanner {
  readonly duplicates: JsonPath[] = [];
  readonly poisoned: JsonPath[] = [];
  /** Keys and indexes that lead to where the scanner is. */
  readonly #path: (string | number)[] = [];
  readonly #text: string;
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
    if (this.#path.length > DEEPEST) {
      throw new Broken(this.#at, `is nested deeper than ${DEEPEST} levels`, [...this.#path], true);
    }
    if (first === '{') this.#object();
    else if (first === '[') this.#array();
    else if (first === '"') this.#string();
    else if (!this.#match(SCALAR)) this.#fail(expected('a value', first));
  }

  #object(): void {
    const keys = new Set<string>();
    const path = this.#path;
    this.#at += 1;
    if (this.#skip('}')) return;
    do {
      const first = this.#next();
      if (first !== '"') this.#fail(first === '}' ? TRAILING_COMMA : expected('a key in double quotes', first));
      const key = this.#key();
      path.push(key);
      if (keys.has(key)) this.#note(this.duplicates);
      keys.add(key);
      if (isPoisonous(path)) this.#note(this.poisoned);
      if (!this.#skip(':')) this.#fail(expected('a colon', this.#next()));
      this.#value();
      path.pop();
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

  #key(): string {
    const from = this.#at;
    this.#string();
    const quoted = this.#text.slice(from, this.#at);
    return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  }

  #string(): void {
    const text = this.#text;
    const from = this.#at;
    for (let at = from + 1; ; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return;
      }
      if (code === BACKSLASH) at = this.#escaped(at + 1);
      else if (code >= BLANK) continue;
      else at = -1; // a control character, or the end (NaN)
      if (at < 0) {
        this.#at = from;
        this.#fail('this text is not closed, or holds a line break, a control character or an unknown escape');
      }
    }
  }

  /** Returns the place of an escape's last character; -1 for one that there is not. */
  #escaped(at: number): number {
    const letter = this.#text.charAt(at);
    if (letter !== 'u') return letter !== '' && '"\\/bfnrt'.includes(letter) ? at : -1;
    HEX.lastIndex = at + 1;
    return HEX.test(this.#text) ? at + 4 : -1;
  }

  /** Goes over blanks and returns the character behind them; empty at the end. */
  #next(): string {
    const text = this.#text;
    let at = this.#at;
    while (isBlank(text.charCodeAt(at))) at += 1;
    this.#at = at;
    return text.charAt(at);
  }

  #skip(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const matches = pattern.test(this.#text);
    if (matches) this.#at = pattern.lastIndex;
    return matches;
  }

  #note(places: JsonPath[]): void {
    if (places.length < REPORTED) places.push([...this.#path]);
  }

  #fail(message: string): never {
    throw new Broken(this.#at, message, [...this.#path]);
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BLANK = 0x20;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const TRAILING_COMMA = 'a comma stands before the closing bracket: take it out';

function isBlank(code: number): boolean {
  return code === BLANK || code === TAB || code === LINE_FEED || code === CARRIAGE_RETURN;
}

function isPoisonous(path: JsonPath): boolean {
  const key = path.at(-1);
  return key === '__proto__' || (key === 'prototype' && path.at(-2) === 'constructor');
}

function expected(what: string, found: string): string {
  if (found === '') return `the text ends where ${what} was expected`;
  return found === '/' ? 'JSON has no comments: take it out' : `${what} was expected here`;
}

function placeOf(text: string, at: number): { line: number; column: number } {
  let line = 1;
  let begin = 0;
  for (let index = 0; index < at; index += 1) {
    const code = text.charCodeAt(index);
    if (code === LINE_FEED || (code === CARRIAGE_RETURN && text.charCodeAt(index + 1) !== LINE_FEED)) {
      line += 1;
      begin = index + 1;
    }
  }
  return { line, column: at - begin + 1 };
}
