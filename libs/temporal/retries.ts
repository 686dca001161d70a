import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor, type ConnectionOptions } from '@temporalio/client';
import { GRPC } from './grpc-errors.js';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

/** How often a call is tried: with its pauses, about a second. */
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 100;

/** Calls that the server limits by themselves: 10 a second by default, for all who list (`docs/temporal.md` §13). */
const VISIBILITY = /\/(?:List|Scan|Count)(?:Open|Closed|Archived)?WorkflowExecutions$/;

/**
 * Tries a call again while Temporal is away for a moment. The SDK's own pauses after "too many calls" are longer than anybody waits for
 * an answer; of a list, which is limited by the second, the refusal is handed on at once.
 */
export function callRetries(attempts = ATTEMPTS): Interceptor {
  const options = defaultGrpcRetryOptions({ maxAttempts: attempts, initialIntervalMs: () => FIRST_PAUSE_MS });
  const retrying = makeGrpcRetryInterceptor(options);
  const forLists = makeGrpcRetryInterceptor({
    ...options,
    retryableDecider: (attempt, status) =>
      (status.code as number) !== GRPC.resourceExhausted && options.retryableDecider(attempt, status),
  });
  return (call, next) => (VISIBILITY.test(call.method_definition.path) ? forLists : retrying)(call, next);
}
