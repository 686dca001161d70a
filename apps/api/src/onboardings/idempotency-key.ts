import { invalid } from '../problems/problem.js';

/** The header `Idempotency-Key`: 1 to 64 visible ASCII characters. @throws {Problem} for any other. */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined || /^[\x21-\x7e]{1,64}$/.test(header)) return header;
  const message = 'must be 1 to 64 ASCII characters without blanks';
  throw invalid('invalid-request', [{ pointer: '/Idempotency-Key', message }]);
}
