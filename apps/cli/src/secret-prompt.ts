import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

import { CliError } from './errors.js';
import type { WatchStream } from './follow/watch-screen.js';

/** Asks at the terminal; what is secret is not shown while it is typed. */
export interface Prompt {
  ask(question: string, options?: { secret?: boolean }): Promise<string>;
  close(): void;
}

/** A prompt on `stdin`, which must be a terminal. @throws {CliError} when it is not one */
export function createPrompt(stdin: NodeJS.ReadableStream, out: WatchStream): Prompt {
  if (!('isTTY' in stdin) || stdin.isTTY !== true) {
    throw new CliError(
      'standard input is not a terminal, so the answer cannot be asked for: give it by --answer <file>, - for standard input',
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
  const closed = new Promise<never>((_resolve, reject) => {
    // Ctrl-C and Ctrl-D.
    lines.once('close', () => reject(new CliError('given up: nothing was sent')));
  });
  closed.catch(() => undefined); // told to whoever asks
  return {
    ask: async (question, { secret = false } = {}) => {
      // It draws its line anew, so the question must be its own; of a secret it may draw nothing.
      if (secret) out.write(question);
      muted = secret;
      try {
        return await Promise.race([lines.question(secret ? '' : question), closed]);
      } catch (error) {
        if (error instanceof Error && error.name === 'AbortError') return await closed;
        throw error;
      } finally {
        muted = false;
        if (secret) out.write('\n');
      }
    },
    close: () => lines.close(),
  };
}
