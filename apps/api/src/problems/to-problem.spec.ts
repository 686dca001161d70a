import { ServiceError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import type { KeyRing } from '#libs/secrets/key-ring.js';
import { createPayloadCodec } from '#libs/temporal/payload-codec.js';
import { toProblem } from './to-problem.js';

/** What a call to Temporal throws when the server answers with this status. */
function grpcError(code: number): Error {
  const metadata = {};
  const cause = Object.assign(new Error('from the server'), { code, details: 'from the server', metadata });
  return new ServiceError('a call failed', { cause });
}

describe('an error of Temporal', () => {
  it.each([
    ['UNAVAILABLE', 14],
    ['CANCELLED', 1],
    ['DEADLINE_EXCEEDED', 4],
    ['RESOURCE_EXHAUSTED', 8],
    ['ABORTED', 10],
    ['INTERNAL', 13],
    ['UNKNOWN', 2],
  ])('is 503 with Retry-After: %s', (_name, code) => {
    const problem = toProblem(grpcError(code));
    expect(problem).toMatchObject({ slug: 'engine-unavailable', status: 503, headers: { 'retry-after': '5' } });
    expect(problem.detail).not.toContain('from the server');
  });

  it.each([
    ['PERMISSION_DENIED', 7],
    ['UNAUTHENTICATED', 16],
  ])('names the credentials of the API: %s', (_name, code) => {
    const { slug, detail } = toProblem(grpcError(code));
    expect([slug, detail]).toEqual(['engine-unavailable', expect.stringContaining('TEMPORAL_API_KEY')]);
  });

  it.each([
    ['INVALID_ARGUMENT', 3],
    ['NOT_FOUND', 5],
    ['ALREADY_EXISTS', 6],
    ['FAILED_PRECONDITION', 9],
  ])('is a fault of ours where the code should have known better: %s', (_name, code) => {
    expect(toProblem(grpcError(code))).toMatchObject({ slug: 'internal-error', status: 500 });
  });
});

describe('what was encrypted with another key ring', () => {
  const ring = (id: string, byte: number): KeyRing => ({
    active: id,
    hash: id,
    keys: new Map([[id, new Uint8Array(32).fill(byte)]]),
  });
  const thrown = async (reader: KeyRing, namespace = 'default'): Promise<unknown> => {
    const [payload] = await createPayloadCodec(ring('k1', 1), 'default').encode([{ data: new Uint8Array([1]) }]);
    const decoding = createPayloadCodec(reader, namespace).decode(payload ? [payload] : []);
    return decoding.then(
      () => undefined,
      (error: unknown) => error,
    );
  };

  it.each([
    { reader: ring('k2', 2), reason: 'the ring has no key of that id' },
    { reader: ring('k1', 2), reason: 'the ring has another key of the same id' },
  ])('is told with the setting that cures it: $reason', async ({ reader }) => {
    const error = await thrown(reader);
    for (const one of [error, new Error('a wrapper', { cause: error })]) {
      const { slug, detail } = toProblem(one);
      expect([slug, detail]).toEqual(['other-key-ring', expect.stringContaining('GANGWAY_ENCRYPTION_KEYS')]);
    }
  });

  it('is not what another namespace means', async () => {
    expect(toProblem(await thrown(ring('k1', 1), 'other')).slug).toBe('internal-error');
  });
});
