import { isJsonObject, type JsonValue } from '#libs/contracts/index.js';
import { characters, utf8Bytes } from '#libs/text/characters.js';
import { closestOf } from '#libs/text/closest.js';
import { isBlank, textFault, type TextKind } from '#libs/text/text-faults.js';
import { below, type Review } from './review.js';

/** Looks at one value and reports what is wrong with it. */
export interface Check {
  (value: JsonValue, pointer: string, review: Review): void;
  /** Of an object: the check of a field, undefined for one that it does not have. */
  field?: (name: string) => Check | undefined;
  /** Of an object: its fields that have fixed names. */
  fields?: readonly string[];
  /** Of a list: the check of its items. */
  item?: Check;
}

/** A further rule for a text, called once the value is known to be one. */
export type TextRule = (value: string, pointer: string, review: Review) => void;

export interface TextLimits {
  /** Who reads it. Default: `lines`. */
  kind?: TextKind;
  /** Whether something must be seen in it. Default: false. */
  notBlank?: boolean;
  /** Most characters. */
  max?: number;
  /** More characters than this are a warning, with this sentence. */
  warnAbove?: { characters: number; message: string };
}

export interface ListLimits {
  min?: number;
  max?: number;
  unique?: boolean;
}

export interface ObjectFields {
  fields: Readonly<Record<string, Check>>;
  required?: readonly string[];
  /** Messages for keys that are refused for a reason of their own. */
  refused?: Readonly<Record<string, string>>;
  /** A check for a key that `fields` does not name; undefined when the key is unknown. */
  pattern?: (key: string) => Check | undefined;
}

export const flag: Check = (value, pointer, review) => {
  if (typeof value !== 'boolean') review.error(pointer, 'must be true or false, without quotes');
};

/** A text within its limits. Limits count characters (code points); a text that fits but has more bytes in UTF-8 is a warning. */
export function text(limits: TextLimits = {}, ...rules: readonly TextRule[]): Check {
  const { kind = 'lines', notBlank = false, max, warnAbove } = limits;
  return (value, pointer, review) => {
    if (typeof value !== 'string') {
      review.error(pointer, notTextMessage(value));
      return;
    }
    const unfit = notBlank && isBlank(value) ? 'must not be blank' : textFault(value, kind);
    if (unfit !== undefined) {
      review.error(pointer, unfit);
      return;
    }
    if (max !== undefined && value.length * 3 > max) checkLength(value, max, pointer, review);
    if (warnAbove !== undefined && value.length > warnAbove.characters && characters(value) > warnAbove.characters) {
      review.warn(pointer, warnAbove.message);
    }
    for (const rule of rules) rule(value, pointer, review);
  };
}

/** What is said of a value that is no text; in YAML a number is easily written in place of one. */
export function notTextMessage(value: JsonValue): string {
  return typeof value === 'number' ? 'must be a text: put the number in quotes' : 'must be a text';
}

/** A whole number from `min` to `max`; `hint` is added to the message. */
export function whole(min: number, max: number = Infinity, hint = ''): Check {
  const range = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
  return (value, pointer, review) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return;
    review.error(
      pointer,
      `must be a whole number ${range}${typeof value === 'string' ? ', without quotes' : ''}${hint}`,
    );
  };
}

/** One of a few texts. */
export function oneOf(values: readonly string[]): Check {
  const known = new Set<JsonValue>(values);
  const message = `must be one of ${values.join(', ')}`;
  const closest = closestOf(values);
  return (value, pointer, review) => {
    if (known.has(value)) return;
    const near = typeof value === 'string' ? review.hints.next(() => closest(value)) : undefined;
    review.error(pointer, near === undefined ? message : `${message}; did you mean ${near}?`);
  };
}

/** A list; a single value in place of one is never taken for a list. */
export function list(item: Check, { min = 0, max = Infinity, unique = false }: ListLimits = {}): Check {
  const check: Check = (value, pointer, review) => {
    if (!Array.isArray(value)) {
      const single = typeof value === 'string' || typeof value === 'number';
      review.error(pointer, single ? 'must be a list: put the value into square brackets' : 'must be a list');
      return;
    }
    if (value.length < min) review.error(pointer, `must have at least ${min} item${min === 1 ? '' : 's'}`);
    if (value.length > max) review.error(pointer, `must have at most ${max} items`);
    const seen = new Set<JsonValue>();
    for (const [index, member] of value.entries()) {
      const place = below(pointer, index);
      item(member, place, review);
      if (unique && seen.has(member)) review.error(place, 'is there twice: each value may be given once');
      seen.add(member);
    }
  };
  return Object.assign(check, { item });
}

/** An object with known fields; any other key is refused, with the nearest known name. */
export function object({ fields, required = [], refused = {}, pattern }: ObjectFields): Check {
  const checks = new Map(Object.entries(fields));
  const refusals = new Map(Object.entries(refused));
  const unknown = unknownField([...checks.keys()]);
  const field = (name: string): Check | undefined => checks.get(name) ?? pattern?.(name);
  const check: Check = (value, pointer, review) => {
    if (!isJsonObject(value)) {
      review.error(pointer, 'must be an object: { ... }');
      return;
    }
    for (const [key, member] of Object.entries(value)) {
      const place = below(pointer, key);
      const known = field(key);
      if (known) known(member, place, review);
      else review.error(place, refusals.get(key) ?? unknown(key, review));
    }
    for (const name of required) {
      if (!Object.hasOwn(value, name)) review.error(below(pointer, name), 'is missing');
    }
  };
  return Object.assign(check, { field, fields: [...checks.keys()] });
}

/** Passes a field on although no page of the vendor's describes it. */
export function undocumented(check: Check): Check {
  return around(check, (value, pointer, review) => {
    review.warn(pointer, 'is not in the vendor’s documents: it is passed on as it is');
    check(value, pointer, review);
  });
}

/** A check that calls another one, with that one's fields and items. */
export function around({ field, fields, item }: Check, check: Check): Check {
  return Object.assign(check, field && { field }, fields && { fields }, item && { item });
}

function unknownField(names: readonly string[]): (key: string, review: Review) => string {
  const closest = closestOf(names);
  const known = `is not a known field here; known are ${names.join(', ')}`;
  return (key, { hints }) =>
    hints.next(() => {
      const near = closest(key);
      return near === undefined ? known : `is not a known field; did you mean ${near}?`;
    }) ?? 'is not a known field: leave it out';
}

function checkLength(value: string, max: number, pointer: string, review: Review): void {
  const length = characters(value);
  if (length > max) review.error(pointer, `must have at most ${max} characters; it has ${length}`);
  else if (utf8Bytes(value) > max) {
    review.warn(pointer, `has more than ${max} bytes in UTF-8: LivePerson may refuse it if it counts bytes`);
  }
}
