import { afterEach, beforeEach } from 'vitest';
import { EGAIN_CREDENTIALS } from '../egain/credentials.js';
import { type Json, type JsonObject, textOf } from '../json.js';
import type { SandboxOptions } from '../sandbox.js';
import { createSandbox, type Sandbox } from '../server.js';
import { SINCH_KEY } from '../sinch/credentials.js';

export const EGAIN_API = '/egain/conversation/conversationmgr/v3';
export const EGAIN_TOKEN = '/egain/oauth2/v2.0/token';
export const SINCH_TOKEN = '/sinch/oauth2/token';
export const PROJECT = 'b0f4d1c2-6d3b-4c1e-9a57-2f8e0c7d9b14';
export const SINCH_EU = `/sinch/eu/v1/projects/${PROJECT}`;
export const MANAGE = 'app.conversation.conversationmgr.manage';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** The parsed body, an empty object where there is none. */
  body: JsonObject;
}

/** Sends a call; `token` is put into the Authorization header as a bearer. */
export type Call = (method: Method, path: string, body?: Json, headers?: Record<string, string>) => Promise<Answer>;

export interface Bench {
  readonly sandbox: Sandbox;
  /** Without any credentials. */
  readonly raw: Call;
  readonly egain: Call;
  readonly sinch: Call;
}

/** A fresh sandbox per test, called without a socket, with tokens fetched in advance. */
export function useSandbox(options: SandboxOptions = {}): Bench {
  const bench: { sandbox?: Sandbox; egain?: string; sinch?: string } = {};
  const sandbox = (): Sandbox => {
    if (!bench.sandbox) throw new Error('the sandbox is there within tests only');
    return bench.sandbox;
  };
  const withToken =
    (name: 'egain' | 'sinch'): Call =>
    (method, path, body, headers) =>
      inject(sandbox(), method, path, body, { authorization: `Bearer ${bench[name] ?? ''}`, ...headers });
  beforeEach(async () => {
    bench.sandbox = await createSandbox(options);
    bench.egain = await egainToken(bench.sandbox);
    bench.sinch = await sinchToken(bench.sandbox);
  });
  afterEach(async () => {
    await sandbox().close();
  });
  return {
    get sandbox() {
      return sandbox();
    },
    raw: (method, path, body, headers) => inject(sandbox(), method, path, body, headers ?? {}),
    egain: withToken('egain'),
    sinch: withToken('sinch'),
  };
}

export async function egainToken(sandbox: Sandbox, scope = MANAGE, index = 0): Promise<string> {
  const answer = await inject(sandbox, 'POST', EGAIN_TOKEN, egainForm(scope, index), FORM);
  return textOf(answer.body.access_token);
}

export async function sinchToken(sandbox: Sandbox): Promise<string> {
  const answer = await inject(sandbox, 'POST', SINCH_TOKEN, 'grant_type=client_credentials', {
    ...FORM,
    authorization: sinchBasic(),
  });
  return textOf(answer.body.access_token);
}

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

export function egainForm(scope = MANAGE, index = 0): string {
  const credential = EGAIN_CREDENTIALS[index];
  return new URLSearchParams({
    grant_type: 'client_credentials',
    scope,
    client_id: credential?.clientId ?? '',
    client_secret: credential?.clientSecret ?? '',
  }).toString();
}

export function sinchBasic(id = SINCH_KEY.id, secret = SINCH_KEY.secret): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

async function inject(
  sandbox: Sandbox,
  method: Method,
  path: string,
  body: Json | undefined,
  headers: Record<string, string>,
): Promise<Answer> {
  const answer = await sandbox.app.inject({
    method,
    url: path,
    headers: { host: 'localhost', 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const { body: text } = answer;
  return {
    status: answer.statusCode,
    headers: answer.headers as Record<string, string>,
    text,
    body: text.startsWith('{') ? (JSON.parse(text) as JsonObject) : {},
  };
}
