import type { VendorReply } from '../vendor.js';

/** A refusal of LivePerson's. Clients may not rely on its body: no page shows one (docs/vendors/liveperson.md §10, §11). */
export class LivePersonFault extends Error {
  readonly status: number;
  readonly messages: readonly string[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, messages: string | readonly string[], headers: Record<string, string> = {}) {
    const all = [messages].flat();
    super(all.join('; '));
    this.name = 'LivePersonFault';
    this.status = status;
    this.messages = all;
    this.headers = headers;
  }
}

export function faultReply({ status, messages, headers }: LivePersonFault): VendorReply {
  const internalCode = status * 100;
  const error = { statusCode: status, internalCode, messages: [...messages] };
  return { status, body: JSON.stringify({ error }), headers: { ...headers }, code: String(internalCode) };
}

/** A refusal of Sentinel's in the words of RFC 6749. */
export function oauthRefusal(status: number, error: string, description: string): VendorReply {
  return { status, body: JSON.stringify({ error, error_description: description }), code: error };
}
