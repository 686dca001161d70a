import type { Json, JsonObject } from '../json.js';
import type { Answer, Bench, Method } from './client.js';

export const ACCOUNT = '12345678';
export const HANDOFF_ACCOUNT = '87654321';
export const PERSON = '/_sandbox/liveperson/person';

const ADMIN = 'sandbox-lp-bearer';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** The smallest connector that LivePerson takes. */
export const connector = (changes: JsonObject = {}): JsonObject => ({
  client_name: 'Acme Connector',
  description: 'd',
  grant_types: ['client_credentials'],
  scope: 'msg.consumer',
  capabilities: {
    webhooks: { 'ms.MessagingEventNotification.ContentEvent': { endpoint: 'https://hooks.acme.example/lp' } },
  },
  ...changes,
});

export interface CallOptions {
  account?: string;
  bearer?: string;
  /** Version of the install API. */
  v?: string;
  query?: string;
  headers?: Record<string, string>;
}

export interface LivePersonClient {
  /** A call at the installations of an account, `path` behind the collection. */
  apps: (method: Method, path?: string, body?: Json, options?: CallOptions) => Promise<Answer>;
  create: (changes?: JsonObject, options?: CallOptions) => Promise<Answer>;
  list: (options?: CallOptions) => Promise<JsonObject[]>;
  /** PUT or DELETE with the revision of a read just before. */
  write: (method: Method, id: string, body?: Json, options?: CallOptions) => Promise<Answer>;
  token: (form: Record<string, string>, version?: 'v1' | 'v2', account?: string) => Promise<Answer>;
}

/** LivePerson as a client sees it, with an administrator's bearer unless another is given. */
export function livepersonClient(bench: Bench): LivePersonClient {
  const apps: LivePersonClient['apps'] = (method, path = '', body, options = {}) => {
    const { account = ACCOUNT, bearer = ADMIN, v = '1.0', query = '', headers } = options;
    const url = `/api/account/${account}/configuration/app-install/installations${path}?v=${v}${query}`;
    return bench.raw(method, url, body, { authorization: `Bearer ${bearer}`, ...headers });
  };
  return {
    apps,
    create: (changes, options) => apps('POST', '', connector(changes), options),
    list: async (options) => JSON.parse((await apps('GET', '', undefined, options)).text) as JsonObject[],
    write: async (method, id, body, options) => {
      const { headers } = await apps('GET', `/${id}`, undefined, options);
      const revision = headers['ac-revision'] ?? headers.etag ?? '';
      return apps(method, `/${id}`, body, { ...options, headers: { 'if-match': revision, ...options?.headers } });
    },
    token: (form, version = 'v2', account = ACCOUNT) => {
      const path = version === 'v2' ? `/sentinel/api/v2/account/${account}` : `/sentinel/api/account/${account}`;
      const body = new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString();
      return bench.raw('POST', `${path}/app/token${version === 'v1' ? '?v=1.0' : ''}`, body, FORM);
    },
  };
}

/** A member of an answer that has to be a text. */
export function textIn({ body, text }: Answer, name: string): string {
  const value = body[name];
  if (typeof value !== 'string') throw new Error(`no ${name} in ${text}`);
  return value;
}
