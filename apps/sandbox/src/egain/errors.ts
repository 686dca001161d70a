import type { Finding } from '../fields.js';
import type { VendorReply } from '../vendor.js';

export interface EgainDetail {
  key: string;
  value?: string;
}

/** A refusal in eGain's words; it becomes the error body of docs/vendors/egain.md §9.1. */
export class EgainFault extends Error {
  readonly code: string;
  readonly details: readonly EgainDetail[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: string, message: string, details: EgainDetail[] = [], headers: Record<string, string> = {}) {
    super(message);
    this.name = 'EgainFault';
    this.code = code;
    this.details = details;
    this.headers = headers;
  }

  /** The first part of the code is the HTTP status. */
  get status(): number {
    return Number(this.code.split('-')[0]);
  }
}

/** Invented on purpose, so that nobody takes them for eGain's own (docs/vendors/egain.md §9.2). */
export const DUPLICATE = '9901';
export const DANGLING = '9902';
export const REFERENCED = '9903';

const MOST_DETAILS = 30;
const LONGEST_DETAIL = 255;

/**
 * Refuses a body that has findings: missing attributes first, then values that are not allowed, then invalid ones,
 * since one answer carries one code.
 */
export function refuseFindings(findings: Finding[]): void {
  const classes = [
    ['missing', '400-143', 'A required attribute is missing in the request body'],
    ['enum', '400-196', 'The value of an attribute is not one of those allowed'],
    ['invalid', '400-152', 'The value of an attribute in the request body is invalid'],
  ] as const;
  for (const [problem, code, message] of classes) {
    const found = findings.filter((finding) => finding.problem === problem);
    if (found.length > 0) {
      const details = found.map(({ path, value }) => ({ key: path, ...(value === undefined ? {} : { value }) }));
      throw new EgainFault(code, `${message}: ${found.map((finding) => finding.message).join('; ')}`, details);
    }
  }
}

/** `userMessage` is sent only to a client that asks for it with X-egain-error-message: yes. */
export function faultReply(fault: EgainFault, withUserMessage: boolean): VendorReply {
  const body = {
    code: fault.code,
    developerMessage: fault.message.slice(0, 2048),
    ...(fault.details.length > 0 && {
      details: fault.details.slice(0, MOST_DETAILS).map(({ key, value }) => ({
        key: key.slice(0, LONGEST_DETAIL),
        ...(value !== undefined && { value: value.slice(0, LONGEST_DETAIL) }),
      })),
    }),
    ...(withUserMessage && { userMessage: fault.message.slice(0, 1024) }),
  };
  return { status: fault.status, body: JSON.stringify(body), headers: { ...fault.headers }, code: fault.code };
}
