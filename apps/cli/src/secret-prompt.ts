import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

import { CliError } from './errors.js';
import type { WatchStream } from './follow/watch-screen.js';

/** Asks at the terminal; what is secret is not shown while it is typed. */
export interface Prompt {
  ask(question: string, options?: { secret?: boolean }): Promise<string>;
  close(): void;
}

/** A prompt on `stdin`, which must be a terminal. @throws {CliError} when it is none */
export function createPrompt(stdin: NodeJS.ReadableStream, out: WatchStream): Prompt {
  if (!('isTTY' in stdin) || stdin.isTTY !== true) {
    throw new CliError(
      'standard input is no terminal to ask at: give the answer by --answer <file>, - for standard input',
    );
  }
  let muted = false;
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!muted) out.write(chunk.toString('utf8'));
      done();
    },
  });
  const lines = createInterface({ input: stdin, output, terminal: true });
  return {
    ask: async (question, { secret = false } = {}) => {
      out.write(question);
      muted = secret;
      try {
        return await lines.question('');
      } finally {
        muted = false;
        if (secret) out.write('\n');
      }
    },
    close: () => lines.close(),
  };
}
