import { HttpException } from '@nestjs/common';
import { isEngineUnavailable, isRefused } from '#libs/temporal/client.js';
import { isOtherKeyRing } from '#libs/temporal/payload-codec.js';
import { ListsBusy } from '#libs/history/rows.js';
import { Problem } from './problem.js';

/** Seconds after which trying again makes sense. */
const ENGINE_RETRY_AFTER = '5';
const LISTS_RETRY_AFTER = '1';

/** Any error as the problem that the caller is answered. What is not known stays inside: only the log tells it. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return fromEngine(error) ?? fromFastify(error) ?? fromNest(error) ?? internal(error);
}

/** What Temporal cannot do now, and what cannot be read of what it keeps. */
function fromEngine(error: unknown): Problem | undefined {
  const later = { headers: { 'retry-after': ENGINE_RETRY_AFTER }, cause: error };
  if (error instanceof ListsBusy) {
    const detail = 'Temporal takes only so many lists a second, of all who list, and has had as many: try again.';
    return new Problem('lists-busy', detail, { headers: { 'retry-after': LISTS_RETRY_AFTER }, cause: error });
  }
  if (isEngineUnavailable(error)) {
    const detail =
      'Temporal does not answer at the moment; try again. A start that got through after all is not doubled.';
    return new Problem('engine-unavailable', detail, later);
  }
  if (isRefused(error)) {
    const detail = 'Temporal refuses the credentials of the API: check its TEMPORAL_API_KEY and TEMPORAL_TLS_*.';
    return new Problem('engine-unavailable', detail, later);
  }
  if (isOtherKeyRing(error)) {
    const detail =
      'What Temporal keeps of this was encrypted with another key ring than the one that the API has: add the keys that wrote it to the file of GANGWAY_ENCRYPTION_KEYS, and start API and workers again.';
    return new Problem('other-key-ring', detail, { cause: error });
  }
  return undefined;
}

/** What Fastify refuses before any of our code runs (https://fastify.dev/docs/latest/Reference/Errors/). */
function fromFastify(error: unknown): Problem | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  const extras = { cause: error };
  switch (error.statusCode) {
    case 413:
      return new Problem('body-too-large', 'The body exceeds the limit: 2 MB, and 4 MiB for the codec.', extras);
    case 414:
      return new Problem('address-too-long', 'A part of the address has more than 100 characters.', extras);
    case 415:
      return new Problem('unsupported-media-type', 'Send the body as application/json.', extras);
    default:
      return error.statusCode < 500 ? new Problem('invalid-request', 'The request cannot be read.', extras) : undefined;
  }
}

function fromNest(error: unknown): Problem | undefined {
  if (!(error instanceof HttpException)) return undefined;
  switch (error.getStatus()) {
    case 404:
      return new Problem('not-found', 'There is nothing at this address.', { cause: error });
    case 413:
      return new Problem('body-too-large', 'The body exceeds the limit: 2 MB, and 4 MiB for the codec.', {
        cause: error,
      });
    case 415:
      return new Problem('unsupported-media-type', 'Send the body as application/json.', { cause: error });
    case 400:
      return new Problem('invalid-request', 'The request cannot be read.', { cause: error });
    default:
      return undefined;
  }
}

function internal(error: unknown): Problem {
  const detail = 'The request failed for a reason that is not yours. Name the traceId to whoever runs Gangway.';
  return new Problem('internal-error', detail, { cause: error });
}
