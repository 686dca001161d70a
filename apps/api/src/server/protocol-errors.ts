import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PROBLEM_TYPE, problemText } from '../problems/problem-text.js';
import { Problem } from '../problems/problem.js';
import { newTraceId } from './trace-id.js';

/**
 * What the HTTP server refuses before there is a request: a text that is no HTTP, headers that are too long, a request that takes too
 * long. Undefined for a connection that has broken, which nobody can be told.
 */
export function protocolProblem(code: string | undefined): Problem | undefined {
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return undefined;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem(
        'request-timeout',
        'The request did not come in time: its headers within 10 s, all within 30 s.',
      );
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('headers-too-large', 'The headers, the address among them, exceed 16 KiB.');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Problem('body-too-large', 'The chunk extensions of the body exceed 16 KiB.');
    default:
      return new Problem('invalid-request', 'The request cannot be read as HTTP/1.1.');
  }
}

/** Answers such a refusal where nothing has been answered yet, and ends the connection. Returns the status; undefined for no answer. */
export function refuseConnection(
  error: Error & { code?: string },
  socket: Socket,
  headers: Readonly<Record<string, string>>,
): number | undefined {
  const problem = protocolProblem(error.code);
  const { _httpMessage: begun } = socket as Socket & { _httpMessage?: { _headerSent: boolean } | null };
  const answers = problem !== undefined && socket.writable && begun?._headerSent !== true;
  if (answers) socket.write(answerText(problem, headers));
  socket.destroySoon();
  return answers ? problem.status : undefined;
}

function answerText(problem: Problem, headers: Readonly<Record<string, string>>): string {
  const body = problemText(problem, '', newTraceId());
  const all = {
    ...headers,
    'content-type': PROBLEM_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n${lines.join('')}\r\n${body}`;
}
