import type { Listed } from './listing.js';

/** A reading that has ended, as it is kept. */
export interface KeptReading {
  items: readonly Listed[];
  begunAt: number;
  endedAt: number;
  /** About so many bytes of memory. */
  bytes: number;
}

/** What all kept readings of a process may take together, in bytes. */
const MOST_BYTES = 256 * 1024 * 1024;
/** How long a reading is kept after its end, in milliseconds. */
const KEPT_MS = 600_000;

/** Readings that have ended, for questions that were open before they began. When they take too much, the least recently used go first. */
export class KeptReadings {
  /** The least recently used first. */
  private readonly entries = new Map<string, { kept: KeptReading; timer: NodeJS.Timeout }>();
  private bytes = 0;

  constructor(private readonly mostBytes = MOST_BYTES) {}

  put(key: string, kept: KeptReading): void {
    this.drop(key);
    if (kept.bytes > this.mostBytes) return;
    const timer = setTimeout(() => this.drop(key), KEPT_MS).unref();
    this.entries.set(key, { kept, timer });
    this.bytes += kept.bytes;
    for (const oldest of this.entries.keys()) {
      if (this.bytes <= this.mostBytes) break;
      this.drop(oldest);
    }
  }

  /** Returns undefined where none is kept. */
  get(key: string): KeptReading | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.kept;
  }

  /** Takes an object out of all readings whose key begins so. */
  forget(keyBegin: string, id: string): void {
    for (const [key, { kept }] of this.entries) {
      if (key.startsWith(keyBegin)) kept.items = kept.items.filter((item) => item.id !== id);
    }
  }

  /** Drops all readings whose key begins so. */
  dropAll(keyBegin: string): void {
    for (const key of [...this.entries.keys()]) if (key.startsWith(keyBegin)) this.drop(key);
  }

  private drop(key: string): void {
    const entry = this.entries.get(key);
    if (!entry) return;
    clearTimeout(entry.timer);
    this.entries.delete(key);
    this.bytes -= entry.kept.bytes;
  }
}

/** Shared by all connections of the process. */
export const keptReadings = new KeptReadings();
