import { isGrpcServiceError } from '@temporalio/client';

type ServiceError = Error & { code: number; details: string };

/** gRPC status codes that are acted on (https://grpc.io/docs/guides/status-codes/). */
export const GRPC = {
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** The gRPC code of an error or of the one that caused it; undefined where none is a gRPC error. */
export function grpcCode(error: unknown): number | undefined {
  return grpcError(error)?.code;
}

/**
 * True for a refusal that says that the server does not know one of our search attributes. That is so for some seconds after they were
 * added, node by node: each keeps the namespace in a cache (`docs/temporal.md` §13).
 */
export function isUnmappedAttribute(error: unknown): boolean {
  const found = grpcError(error);
  return found?.code === (GRPC.invalidArgument as number) && UNMAPPED.test(found.details);
}

/** A start or an upsert, and a query: "Namespace x has no mapping defined for search attribute Job", "invalid search attribute: Job". */
const UNMAPPED =
  /no mapping defined for search attribute|search attribute \S+ is not defined|(?:invalid|not a valid) search attribute/i;

function grpcError(error: unknown): ServiceError | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (isGrpcServiceError(current)) return current;
  }
  return undefined;
}
