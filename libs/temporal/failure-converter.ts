import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  DefaultFailureConverter,
  TerminatedFailure,
  TimeoutFailure,
  type PayloadConverter,
  type ProtoFailure,
  type SerializationContext,
} from '@temporalio/common';
import {
  CLOSE_TYPES,
  DELIVERY_CODES,
  ERROR_CODES,
  VENDOR_PATTERN,
  type VendorOperation,
} from '#libs/contracts/index.js';

// Also part of the workflow bundle: nothing of Node may be imported here.

const OPERATIONS: readonly VendorOperation[] = ['token', 'list', 'get', 'create', 'update', 'delete', 'ready'];
const RESOURCE_NAME = /^[A-Za-z]{1,40}$/;
/** Activity types of ours: vendor, resource, verb; nothing that a customer chose. */
const ACTIVITY_TYPE = /^[A-Za-z]{1,40}(?:\.[A-Za-z]{1,40}){0,2}$/;

/**
 * Encodes message and stack of every failure, so that the payload codec encrypts them, and leaves a clear sentence in their place
 * that is built from our own enums only: `VENDOR_UNAVAILABLE: egain channel.create HTTP 503`. It reads well in Temporal's UI, and
 * no text of a vendor or a customer gets into it. Receivers get the real sentence back. Our own failures carry no stack.
 */
class ClearSentenceFailureConverter extends DefaultFailureConverter {
  override errorToFailure(error: unknown, payloads: PayloadConverter, context?: SerializationContext): ProtoFailure {
    // A copy: for an error that was received before, the inner conversion returns the very object that the error keeps.
    const failure = { ...this.errorToFailureInner(error, payloads, context) };
    const stack = isOurs(error) ? '' : (failure.stackTrace ?? '');
    failure.encodedAttributes = payloads.toPayload({ message: failure.message ?? '', stack_trace: stack }, context);
    failure.message = clearSentence(error);
    failure.stackTrace = '';
    return failure;
  }
}

/** Named as Temporal expects it of a `failureConverterPath`. */
export const failureConverter = new ClearSentenceFailureConverter();

/** What may stand in clear about an error. */
export function clearSentence(error: unknown): string {
  if (error instanceof ApplicationFailure) return applicationSentence(error);
  if (error instanceof ActivityFailure) {
    return ACTIVITY_TYPE.test(error.activityType) ? `Activity failed: ${error.activityType}` : 'Activity failed';
  }
  if (error instanceof ChildWorkflowFailure) return 'Child workflow failed';
  if (error instanceof TimeoutFailure) return 'Timeout';
  if (error instanceof CancelledFailure) return 'Cancelled';
  if (error instanceof TerminatedFailure) return 'Terminated';
  return 'Internal error';
}

function applicationSentence({ type, details }: ApplicationFailure): string {
  if (isOneOf(CLOSE_TYPES, type)) {
    const code = field(details, 'code');
    return isOneOf(ERROR_CODES, code) ? `${type}: ${code}` : type;
  }
  if (isOneOf(DELIVERY_CODES, type)) {
    const httpStatus = field(details, 'httpStatus');
    return isHttpStatus(httpStatus) ? `${type}: HTTP ${httpStatus}` : type;
  }
  if (!isOneOf(ERROR_CODES, type)) return 'Internal error';
  const facts = vendorFacts(details);
  return facts === '' ? type : `${type}: ${facts}`;
}

/** `egain channel.create HTTP 503`, as far as the details hold what they should. */
function vendorFacts(details: unknown): string {
  const vendor = field(details, 'vendor');
  const resource = field(details, 'resource');
  const operation = field(details, 'operation');
  const httpStatus = field(details, 'httpStatus');
  if (typeof vendor !== 'string' || !VENDOR_PATTERN.test(vendor)) return '';
  const call =
    typeof resource === 'string' && RESOURCE_NAME.test(resource) && isOneOf(OPERATIONS, operation)
      ? ` ${resource}.${operation}`
      : '';
  return `${vendor}${call}${isHttpStatus(httpStatus) ? ` HTTP ${httpStatus}` : ''}`;
}

function isHttpStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 99 && value < 1000;
}

function isOurs(error: unknown): boolean {
  if (!(error instanceof ApplicationFailure)) return false;
  return [ERROR_CODES, CLOSE_TYPES, DELIVERY_CODES].some((types) => isOneOf<string>(types, error.type));
}

function isOneOf<T extends string>(values: readonly T[], value: unknown): value is T {
  return values.some((known) => known === value);
}

/** A field of a failure's first detail. */
function field(details: unknown, name: string): unknown {
  const first: unknown = Array.isArray(details) ? details[0] : undefined;
  if (typeof first !== 'object' || first === null || !Object.hasOwn(first, name)) return undefined;
  return (first as Record<string, unknown>)[name];
}
