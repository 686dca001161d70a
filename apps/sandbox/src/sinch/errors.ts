import type { Finding } from '../fields.js';
import type { VendorReply } from '../vendor.js';

const STATUS_NAMES = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'UNAUTHORIZED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
} as const;

export type SinchStatus = keyof typeof STATUS_NAMES;

/** A refusal in Sinch's words; it becomes the error body of docs/vendors/sinch.md §5. */
export class SinchFault extends Error {
  readonly status: SinchStatus;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: SinchStatus, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = 'SinchFault';
    this.status = status;
    this.headers = headers;
  }
}

export function invalid(message: string): SinchFault {
  return new SinchFault(400, message);
}

/** Refuses a body that has findings, with all of them in the message. */
export function refuseFindings(findings: Finding[]): void {
  if (findings.length > 0) throw invalid(findings.map(({ message }) => message).join('; '));
}

export function faultReply({ status, message, headers }: SinchFault): VendorReply {
  const error = { code: status, status: STATUS_NAMES[status], message, details: [] };
  return { status, body: JSON.stringify({ error }), headers: { ...headers }, code: error.status };
}
