import type { ApiClient } from './api/client.js';
import type { WatchStream } from './follow/watch-screen.js';
import { painter, type Paint } from './render/text.js';

/** What commands work with, so that they run in tests as on a terminal. */
export interface CliContext {
  out: WatchStream;
  /** For what is not the answer: errors, notes. */
  err: WatchStream;
  stdin: NodeJS.ReadableStream;
  /** Made when a command first needs it, so that `--help` works with wrong settings. */
  client(): ApiClient;
  /** Aborted when the person stops watching. */
  signal: AbortSignal;
}

export function printLines(context: CliContext, lines: readonly string[]): void {
  context.out.write(lines.map((line) => `${line}\n`).join(''));
}

export function printJson(context: CliContext, value: unknown): void {
  context.out.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** A note that is not part of the answer. */
export function note(context: CliContext, line: string): void {
  context.err.write(`${line}\n`);
}

export function paintOf(context: CliContext): Paint {
  return painter(context.out);
}

/** Characters per line of the answer; without a terminal nothing is broken. */
export function widthOf(context: CliContext): number {
  return lineWidth(context.out);
}

/** Characters per line of a terminal; `otherwise` for what is none. */
export function lineWidth(stream: WatchStream, otherwise = Infinity): number {
  return stream.isTTY === true ? Math.max(20, (stream.columns ?? 80) - 1) : otherwise;
}
