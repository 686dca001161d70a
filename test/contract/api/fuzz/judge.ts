import { isJsonObject } from '#libs/contracts/index.js';
import { requireDescribed, type Described } from '#test/support/described.js';
import { findSecrets, textPlace } from '#test/support/secret-search.js';
import type { FuzzRequest } from './requests.js';

/** An answer as it came. */
export interface FuzzAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/** No answer is longer, whatever is sent. */
const LONGEST_ANSWER = 256_000;
/** What may be refused while everything runs. */
const FAULTS = ['no-worker', 'vendor-fault'];
/** Where in a program something broke is nobody's business. */
const INSIDES = /node_modules|\bat \S+ \(|\.[jt]s:\d+|\/dist\/|ECONN|UNAVAILABLE:|grpc/i;
/** What is read there is the secret itself. */
const TELLS_SECRETS = ['Handoff_read', 'Credentials_read'];

/** All that is wrong with an answer. `secrets` by the name that a finding tells. */
export function faultsOf(
  { operation }: Described,
  { method, path, caller }: FuzzRequest,
  { status, headers, text }: FuzzAnswer,
  secrets: Readonly<Record<string, string>>,
): string[] {
  const contentType = headers.get('content-type') ?? '';
  const isProblem = contentType.startsWith('application/problem+json');
  const body: unknown = /json/.test(contentType) ? JSON.parse(text) : text;
  const type = isJsonObject(body) && typeof body['type'] === 'string' ? body['type'] : '';
  const slug = type.slice(type.lastIndexOf('/') + 1);
  const tells = status === 200 && TELLS_SECRETS.some((name) => name === operation['operationId']);
  const mayPass = caller === 'all' || caller === 'acme' || caller === 'reader';
  return [
    ...described(method, path, { status, contentType, body }),
    ...(status >= 500 && !FAULTS.includes(slug) ? [`answered ${status} ${slug}`] : []),
    ...(status >= 400 && !isProblem ? [`refused with ${status} as ${contentType}`] : []),
    ...(isProblem && isJsonObject(body) && body['status'] !== status ? [`says ${JSON.stringify(body['status'])}`] : []),
    ...(status < 400 && !mayPass ? [`served ${caller === 'none' ? 'nobody' : 'a wrong key'}`] : []),
    ...(isProblem && INSIDES.test(text) ? [`tells its insides: ${text.slice(0, 300)}`] : []),
    ...(Buffer.byteLength(text) > LONGEST_ANSWER ? [`answered ${Buffer.byteLength(text)} bytes`] : []),
    ...(headers.get('x-content-type-options') === 'nosniff' ? [] : ['has no nosniff']),
    ...(headers.get('cache-control') === 'no-store' ? [] : ['may be cached']),
    ...(status === 429 && headers.get('retry-after') === null ? ['says not when to try again'] : []),
    ...(tells ? [] : findSecrets([textPlace('the answer', text)], secrets)),
  ];
}

function described(...[method, path, answer]: Parameters<typeof requireDescribed>): string[] {
  try {
    requireDescribed(method, path, answer);
    return [];
  } catch (error) {
    return [String(error)];
  }
}
