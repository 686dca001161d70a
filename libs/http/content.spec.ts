import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ContentError, ContentTooLarge, decodeContent } from './content.js';

const TEXT = '{"name":"Größe"}';
const PLAIN = Buffer.from(TEXT);
const LIMIT = 1_000;

describe('a body', () => {
  const cases: { bytes: Buffer; header: string | undefined; reason: string }[] = [
    { bytes: PLAIN, header: undefined, reason: 'as it is' },
    { bytes: PLAIN, header: 'identity', reason: 'as it is, said so' },
    { bytes: gzipSync(PLAIN), header: 'gzip', reason: 'gzip' },
    { bytes: gzipSync(PLAIN), header: ' X-GZIP ', reason: 'gzip by its old name' },
    { bytes: brotliCompressSync(PLAIN), header: 'br', reason: 'brotli' },
    { bytes: deflateSync(PLAIN), header: 'deflate', reason: 'deflate' },
    { bytes: deflateRawSync(PLAIN), header: 'deflate', reason: 'bare deflate, as some servers have it' },
    { bytes: brotliCompressSync(gzipSync(PLAIN)), header: 'gzip, br', reason: 'two codings, the last one outside' },
  ];
  it.each(cases)('is read: $reason', async ({ bytes, header }) => {
    expect((await decodeContent(bytes, header, LIMIT)).toString()).toBe(TEXT);
  });

  it('that is empty is empty in every coding: a 204 may name one', async () => {
    expect(await decodeContent(Buffer.alloc(0), 'gzip', LIMIT)).toHaveLength(0);
  });

  const broken: { bytes: Buffer; header: string; reason: string }[] = [
    { bytes: PLAIN, header: 'gzip', reason: 'in another coding than is said' },
    { bytes: gzipSync(PLAIN).subarray(0, -6), header: 'gzip', reason: 'without its end' },
    { bytes: PLAIN, header: 'zstd', reason: 'in one that was not asked for' },
    { bytes: PLAIN, header: 'constructor', reason: 'in one that only looks known' },
    { bytes: gzipSync(PLAIN), header: 'gzip, gzip, gzip, gzip', reason: 'coded time and again' },
  ];
  it.each(broken)('is not guessed: $reason', async ({ bytes, header }) => {
    await expect(decodeContent(bytes, header, LIMIT)).rejects.toBeInstanceOf(ContentError);
  });

  it('that is small and holds more than is taken is not unpacked', async () => {
    const bomb = Buffer.alloc(10_000_000);
    for (const [header, bytes] of [
      ['gzip', gzipSync(bomb)],
      ['br', brotliCompressSync(bomb)],
      ['deflate', deflateSync(bomb)],
      ['gzip, gzip', gzipSync(gzipSync(bomb))],
    ] as const) {
      await expect(decodeContent(bytes, header, LIMIT), header).rejects.toBeInstanceOf(ContentTooLarge);
    }
  });
});
