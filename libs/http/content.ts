import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, type BrotliOptions, type ZlibOptions } from 'node:zlib';

/** What a server may code its answers with: said with every request, so that none comes in a coding that we do not know. */
export const ACCEPT_ENCODING = 'gzip, br, deflate';

/** More codings on top of each other than this are an attack and no answer. */
const MOST_CODINGS = 3;

/** The whole body came and cannot be decoded. Its message says why, as the rest of a sentence about the answer. */
export class ContentError extends Error {
  override name = 'ContentError';
}

/** The decoded body is longer than the caller takes. */
export class ContentTooLarge extends Error {
  override name = 'ContentTooLarge';
}

type Decode = (bytes: Buffer, options: ZlibOptions & BrotliOptions) => Promise<Buffer>;

const GUNZIP: Decode = promisify<Buffer, ZlibOptions, Buffer>(gunzip);
const BROTLI: Decode = promisify<Buffer, BrotliOptions, Buffer>(brotliDecompress);
const INFLATE: Decode = promisify<Buffer, ZlibOptions, Buffer>(inflate);
const INFLATE_RAW: Decode = promisify<Buffer, ZlibOptions, Buffer>(inflateRaw);

/** `deflate` is the zlib format (RFC 9110 §8.4.1.2), and bare deflate where a server has it wrong: the first byte tells. */
const DEFLATE: Decode = (bytes, options) => (((bytes[0] ?? 0) & 0x0f) === 0x08 ? INFLATE : INFLATE_RAW)(bytes, options);

const CODINGS: Readonly<Record<string, Decode>> = {
  gzip: GUNZIP,
  'x-gzip': GUNZIP,
  br: BROTLI,
  deflate: DEFLATE,
};

/**
 * A body without the codings that its header `Content-Encoding` names; the body itself where it names none.
 * @param maxBytes the longest body that is taken, at each step: a small one may hold a huge one
 * @throws ContentError when a coding is not known, or the body is not in it
 * @throws ContentTooLarge when it is longer
 */
export async function decodeContent(bytes: Buffer, header: string | undefined, maxBytes: number): Promise<Buffer> {
  if (header === undefined || bytes.length === 0) return bytes;
  const codings = header
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > MOST_CODINGS) throw new ContentError('is coded too many times');
  let decoded = bytes;
  // They are named in the order in which they were applied.
  for (const coding of codings.reverse()) decoded = await decodeOne(decoded, coding, maxBytes);
  return decoded;
}

async function decodeOne(bytes: Buffer, coding: string, maxBytes: number): Promise<Buffer> {
  const decode = Object.hasOwn(CODINGS, coding) ? CODINGS[coding] : undefined;
  if (!decode) throw new ContentError('comes in a coding that was not asked for');
  try {
    return await decode(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw new ContentTooLarge('the decoded body is too long', { cause: error });
    throw new ContentError(`is not in the coding that its header names (${coding})`, { cause: error });
  }
}
