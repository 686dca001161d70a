import type { JsonObject } from '#libs/contracts/index.js';
import { rewriteObject, soleField } from './json-walk.js';

/** Strings longer than this (UTF-16 units) are kept once per plan. */
export const LONG_TEXT = 256;

/** Takes long texts out of JSON objects, each distinct one once, and puts `{"$text": index}` in their place. */
export function createTextStore(): { texts: string[]; intern(value: JsonObject): JsonObject } {
  const texts: string[] = [];
  const indexes = new Map<string, number>();
  const indexOf = (text: string): number => {
    const known = indexes.get(text);
    if (known !== undefined) return known;
    indexes.set(text, texts.length);
    return texts.push(text) - 1;
  };
  return {
    texts,
    intern: (value) =>
      rewriteObject(value, (item) =>
        typeof item === 'string' && item.length > LONG_TEXT ? { $text: indexOf(item) } : undefined,
      ),
  };
}

/** Puts the texts of a plan back into a body or spec of it. Throws when an index is not among `texts`: the plan is damaged. */
export function expandTexts(value: JsonObject, texts: readonly string[]): JsonObject {
  return rewriteObject(value, (item) => {
    const index = soleField(item, '$text');
    if (typeof index !== 'number') return undefined;
    const text = texts[index];
    if (text === undefined) throw new RangeError(`The plan holds no text with the index ${index}.`);
    return text;
  });
}

/** Some bodies with the texts that they refer to, each once: what of a plan's texts has to travel with them. */
export function internedBy(
  bodies: readonly JsonObject[],
  texts: readonly string[],
): { bodies: JsonObject[]; texts: string[] } {
  const used: string[] = [];
  const indexes = new Map<number, number>();
  const renumbered = bodies.map((body) =>
    rewriteObject(body, (item) => {
      const index = soleField(item, '$text');
      if (typeof index !== 'number') return undefined;
      const known = indexes.get(index);
      if (known !== undefined) return { $text: known };
      indexes.set(index, used.length);
      used.push(texts[index] ?? '');
      return { $text: used.length - 1 };
    }),
  );
  return { bodies: renumbered, texts: used };
}
