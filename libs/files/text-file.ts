import fs from 'node:fs';

/** A file that cannot be read as text. The message completes "the file NAME ..." and never holds what stands in it. */
export class TextFileError extends Error {
  /** `ENOENT` and the like; undefined where the file could be read and is no text. */
  readonly code: string | undefined;

  constructor(message: string, options: { code?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'TextFileError';
    this.code = options.code;
  }
}

/**
 * The text of a file that a person or a program has written, as UTF-8. Returns it without the byte order mark that editors and shells
 * on Windows put first.
 * @throws {TextFileError} when it cannot be read, or is not UTF-8
 */
export function readTextFile(file: string): string {
  return decodeText(readBytes(file));
}

/**
 * The text of bytes in UTF-8, without a byte order mark.
 * @throws {TextFileError} for bytes that are not UTF-8: read on, they would be another secret or key than was meant
 */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new TextFileError('is saved as UTF-16: save it as UTF-8');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes); // drops the mark, unless told to keep it
  } catch (error) {
    throw new TextFileError('is not saved as UTF-8: save it so', { cause: error });
  }
}

/** A text without the one line end at its end, which editors and `echo` add. */
export function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}

/** `ENOENT` and the like, without the text of the error. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}

function readBytes(file: string): Uint8Array {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    const code = errorCode(error);
    throw new TextFileError(`cannot be read (${code})`, { code, cause: error });
  }
}
