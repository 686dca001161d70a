import { setImmediate } from 'node:timers/promises';

/** Items weighed at a time: the process has heartbeats to send meanwhile. */
const SLICE = 500;
/** What V8 needs for an object or array, for a property, and for a number or other small value; bytes, roughly. */
const OBJECT_BYTES = 56;
const PROPERTY_BYTES = 16;
/** A string's header; its text has one byte a character, mostly. */
const STRING_BYTES = 24;

/** What is kept besides the items, bytes. */
const ENTRY_BYTES = 1_000;

/** About how many bytes of memory some items take that are kept together. */
export async function weigh(items: readonly unknown[]): Promise<number> {
  let bytes = ENTRY_BYTES;
  for (const [index, item] of items.entries()) {
    if (index % SLICE === SLICE - 1) await setImmediate();
    bytes += bytesOf(item);
  }
  return bytes;
}

function bytesOf(value: unknown): number {
  if (typeof value === 'string') return STRING_BYTES + value.length;
  if (typeof value !== 'object' || value === null) return 0; // counted with the property that holds it
  const held: unknown[] = Object.values(value);
  return held.reduce<number>((sum, each) => sum + PROPERTY_BYTES + bytesOf(each), OBJECT_BYTES);
}
