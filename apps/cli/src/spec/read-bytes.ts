import { open } from 'node:fs/promises';

import { CliError, fileFault } from '../errors.js';

/** A file that a command reads, or standard input. */
export interface TextSource {
  /** `the spec`, `the answer`: what it holds, as messages name it. */
  readonly what: string;
  /** Its path; `-` for standard input. */
  readonly file: string;
  readonly stdin: NodeJS.ReadableStream;
  readonly maxBytes: number;
}

/**
 * Reads a text. Nothing is read beyond `maxBytes`, and what is not UTF-8 is refused: a letter that is replaced would go on to a vendor.
 * @throws {CliError} naming the file and the cure.
 */
export async function readText(source: TextSource): Promise<string> {
  const bytes = await readBytes(source);
  try {
    // A byte order mark is dropped by it.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new CliError(`${nameOf(source)} is not UTF-8${guessOf(bytes)}: save it as UTF-8`, { cause: error });
  }
}

/** Returns what messages call it: `the spec a.yaml`, `the spec on standard input`. */
export function nameOf({ what, file }: Pick<TextSource, 'what' | 'file'>): string {
  return file === '-' ? `${what} on standard input` : `${what} ${file}`;
}

async function readBytes(source: TextSource): Promise<Buffer> {
  const { file, stdin, maxBytes } = source;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const stream: AsyncIterable<Buffer | string> = file === '-' ? stdin : (await open(file)).createReadStream();
    for await (const chunk of stream) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      size += bytes.length;
      if (size > maxBytes) break;
      chunks.push(bytes);
    }
  } catch (error) {
    throw new CliError(`${nameOf(source)} cannot be read: ${fileFault(error)}`, { cause: error });
  }
  if (size > maxBytes) throw new CliError(`${nameOf(source)} has more than ${maxBytes / 1_000_000} MB`);
  return Buffer.concat(chunks);
}

/** In which of the usual encodings it may have been saved instead, and where the first byte stands that does not fit. */
function guessOf(bytes: Buffer): string {
  const [first, second] = bytes;
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (marked || bytes.subarray(0, 1_000).includes(0)) return ' (it looks like UTF-16)';
  const line = bytes.subarray(0, validLength(bytes)).reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 1);
  return ` (first in line ${line}; it may be Windows-1252 or Latin-1)`;
}

/** Number of bytes before the first that is no part of UTF-8. */
function validLength(bytes: Buffer): number {
  let [low, high] = [0, bytes.length];
  const fits = (length: number): boolean => {
    try {
      // As a stream: a character that is cut off at the end is no fault.
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
