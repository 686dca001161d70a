import type { z } from 'zod';
import { isObject, type Json } from './json.js';
import { ControlError } from './vendor.js';
import { type Knobs, sandboxKnobs } from './vendors.js';

type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

/** Some knobs of some vendors. */
export type KnobChanges = DeepPartial<Knobs>;

/** The knobs in force. A change is merged into them; a wrong one is refused as a whole. */
export class KnobBoard {
  readonly #initial: Knobs;
  #current: Knobs;

  constructor(changes: unknown = {}) {
    this.#initial = merged(sandboxKnobs.parse({}), changes);
    this.#current = this.#initial;
  }

  get current(): Knobs {
    return this.#current;
  }

  merge(changes: unknown): Knobs {
    this.#current = merged(this.#current, changes);
    return this.#current;
  }

  /** Back to what the sandbox was made with. */
  reset(): void {
    this.#current = this.#initial;
  }
}

/** `null` is a value of some knobs, so it is set and not removed. */
function merged(knobs: Knobs, changes: unknown): Knobs {
  return parseOrRefuse(sandboxKnobs, overlay(knobs as unknown as Json, changes as Json));
}

function overlay(target: Json | undefined, changes: Json): Json {
  if (!isObject(changes) || !isObject(target)) return changes;
  const result = { ...target };
  for (const [key, value] of Object.entries(changes)) {
    result[key] = overlay(target[key], value);
  }
  return result;
}

/** The parsed value, or a 400 that names each field and its fault. */
export function parseOrRefuse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new ControlError(400, faults.join('; '));
}
