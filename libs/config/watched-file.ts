import fs from 'node:fs';
import { ConfigError, type Fault } from './faults.js';

const LOOK_MS = 1_000;

/** What becomes of a settings file that changed while the process runs. */
export interface FileListener {
  /** It was read again, and counts from now on. */
  onChange?: () => void;
  /** It is wrong: what was read before stays in force. Told once for each version of the file. */
  onFault?: (faults: readonly Fault[]) => void;
}

/**
 * A settings file that is read again when it has changed, without a restart. Whether it has is seen whenever `current` is asked, by
 * the file's id, size and times, which also change when Kubernetes turns a mounted secret over. A faulty file leaves in force what
 * was read before.
 */
export class WatchedFile<T> {
  private version: string;
  private value: T;
  private readonly listeners: FileListener[] = [];

  /** Reads the file. @throws what `read` throws: a process does not start on a faulty file. */
  constructor(
    readonly file: string,
    private readonly read: (file: string) => T,
  ) {
    this.version = versionOf(file);
    this.value = read(file);
  }

  /** What the file holds; what it held before it became faulty. Never throws for a fault of the file. */
  current(): T {
    const version = versionOf(this.file);
    if (version !== this.version) this.readAgain(version);
    return this.value;
  }

  /** Reads the file again though it looks unchanged. Returns whether it could be read. */
  reload(): boolean {
    return this.readAgain(versionOf(this.file));
  }

  /** Has a listener told of every later change and fault. */
  listen(listener: FileListener): void {
    this.listeners.push(listener);
  }

  /** Looks at the file every second, so that a change is told though nobody asks. Returns what ends that. Keeps no process alive. */
  poll(): () => void {
    const timer = setInterval(() => this.current(), LOOK_MS).unref();
    return () => clearInterval(timer);
  }

  private readAgain(version: string): boolean {
    this.version = version; // a change while it is read gives yet another one, and is read next
    try {
      this.value = this.read(this.file);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const { onFault } of this.listeners) onFault?.(error.faults);
      return false;
    }
    for (const { onChange } of this.listeners) onChange?.();
    return true;
  }
}

/**
 * On SIGHUP, reads files again though they look unchanged. In a terminal the signal still ends the process: there it says that the
 * terminal is gone.
 */
export function reloadOnHangup(...files: (WatchedFile<unknown> | undefined)[]): void {
  if (process.stdin.isTTY) return;
  process.on('SIGHUP', () => {
    for (const file of files) file?.reload();
  });
}

/** Equal as long as the file behind the name, also through links, is the same and untouched. */
function versionOf(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = fs.statSync(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return 'cannot be looked at'; // reading it says why
  }
}
