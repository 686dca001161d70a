import { readBody, type ApiAnswer } from './answer.js';

/** An answer as it is read: a text as it is, all else as JSON, nothing as no body. */
export function answerWith(status: number, body?: unknown, headers: Record<string, string> = {}): ApiAnswer {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  return { status, headers, host: 'api.vendor.example', ...readBody(Buffer.from(text), headers['content-type']) };
}
