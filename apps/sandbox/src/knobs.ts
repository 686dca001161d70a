import { isObject, type Json } from './json.js';
import { parseOrRefuse } from './parsing.js';
import { type Knobs, sandboxKnobs } from './vendors.js';

type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

/** Some knobs of some vendors. */
export type KnobChanges = DeepPartial<Knobs>;

/** The knobs in force. A change is merged into them; a wrong one is refused as a whole. */
export class KnobBoard {
  readonly #initial: Knobs;
  #current: Knobs;

  constructor(changes: unknown = {}) {
    this.#initial = merged(sandboxKnobs().parse({}), changes);
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
  return parseOrRefuse(sandboxKnobs(), overlay(knobs as unknown as Json, changes as Json));
}

function overlay(target: Json | undefined, changes: Json): Json {
  if (!isObject(changes) || !isObject(target)) return changes;
  const result = { ...target };
  for (const [key, value] of Object.entries(changes)) {
    result[key] = overlay(target[key], value);
  }
  return result;
}
