import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { openDataDir } from '#libs/config/data-dir.js';

/** Of another form, a file is not read. */
const VERSION = 1;
/** Changes within this time are written together. */
const PAUSE_MS = 200;
/** What takes long to write is written seldom: a pause is so many times as long, and at most so many milliseconds. */
const PAUSE_SHARE = 20;
const LONGEST_PAUSE_MS = 10_000;

export interface KeeperOptions<State> {
  file: string;
  /** What is to be kept, as a structured clone can carry it. */
  state: () => State;
  /** Told once, when the file cannot be written: from then on nothing is kept. */
  onFault: (error: unknown) => void;
}

/** Keeps what the vendors hold in one file, which only its owner may read: a sandbox is given secrets as a vendor is. */
export class Keeper<State> {
  readonly #options: KeeperOptions<State>;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = PAUSE_MS;
  #broken = false;

  constructor(options: KeeperOptions<State>) {
    this.#options = options;
  }

  /** What was kept; undefined where there is nothing. Throws for a file that cannot be read or is of another form. */
  read(): State | undefined {
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.#options.file);
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
    const kept: unknown = deserialize(bytes);
    if (typeof kept === 'object' && kept !== null && 'version' in kept && kept.version === VERSION && 'state' in kept) {
      return kept.state as State;
    }
    throw new Error('it was written by another version');
  }

  /** Something has changed: it is written in a moment. */
  changed(): void {
    this.#timer ??= setTimeout(() => this.flush(), this.#pauseMs);
  }

  /** Writes what has changed since the last time. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#broken) return;
    const began = performance.now();
    this.#write();
    const share = (performance.now() - began) * PAUSE_SHARE;
    this.#pauseMs = Math.min(Math.max(PAUSE_MS, share), LONGEST_PAUSE_MS);
  }

  #write(): void {
    const { file, state, onFault } = this.#options;
    const draft = `${file}.new`;
    try {
      openDataDir(path.dirname(file));
      writeFileSync(draft, serialize({ version: VERSION, state: state() }), { mode: 0o600 });
      chmodSync(draft, 0o600); // also one that was left behind with another mode
      renameSync(draft, file);
    } catch (error) {
      this.#broken = true;
      onFault(error);
    }
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
