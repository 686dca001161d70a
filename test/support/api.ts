import { createHash } from 'node:crypto';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { createApi, type Api } from '#apps/api/src/api.js';
import { readApiSettings, type ApiSettings } from '#libs/config/api-settings.js';
import { isJsonObject, type JsonObject, type OnboardingSpec, type Progress } from '#libs/contracts/index.js';
import { specDocument } from '#libs/schemas/parse-spec.js';
import { requireDescribed, requireDescribedEvent } from './described.js';
import type { Engine } from './engine.js';
import { until } from './until.js';

export const KEY = 'gwk_test-key-of-the-contract-tests';

/** An answer of the API, read as JSON where it is. */
export interface Answer {
  status: number;
  headers: Headers;
  body: JsonObject;
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** Null: no key. */
  key?: string | null;
}

/** An event as a reader of a stream gets it. */
export interface StreamedEvent {
  id: string | undefined;
  event: string;
  data: JsonObject;
}

/** An API in this process, over an engine of the tests. */
export interface ApiUnderTest {
  url: string;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  start(spec: JsonObject, options?: CallOptions): Promise<Answer>;
  progress(id: string, runId?: string): Promise<Progress>;
  /** Waits until a job's progress shows one of these. */
  reached(id: string, ...statuses: Progress['status'][]): Promise<Progress>;
  /** Reads a stream to its end, or until `enough` returns true. */
  stream(
    path: string,
    options?: CallOptions & { enough?: (events: StreamedEvent[]) => boolean },
  ): Promise<StreamedEvent[]>;
  close(): Promise<void>;
}

/** Starts the API in this process on a free port. `change` may replace settings. */
export async function startApi(engine: Engine, change: Partial<ApiSettings> = {}): Promise<ApiUnderTest> {
  const settings: ApiSettings = {
    ...readApiSettings(engine.environment),
    ...openTo(KEY, 'tester'),
    rateLimit: { requests: 100_000, windowMs: 60_000 }, // tests ask again and again until something is so
    callTimeoutMs: 8_000, // a loaded machine is no fault of the code
    ...change,
  };
  const api: Api = await createApi({ ...settings, listen: { host: '127.0.0.1', port: 0 } });
  return { ...callsTo(api.url), close: () => api.close() };
}

/** What a test does with an API at this address, wherever it runs. */
export function callsTo(url: string): Omit<ApiUnderTest, 'close'> {
  async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const response = await fetch(`${url}${path}`, request(method, options));
    const text = await response.text();
    const contentType = response.headers.get('content-type') ?? '';
    const json: unknown = /json/.test(contentType) ? JSON.parse(text) : { text };
    requireDescribed(method, path, { status: response.status, contentType, body: json });
    return { status: response.status, headers: response.headers, body: isJsonObject(json) ? json : {} };
  }

  async function progress(id: string, runId?: string): Promise<Progress> {
    const { status, body } = await call('GET', `/v1/onboardings/${id}${runId === undefined ? '' : `?runId=${runId}`}`);
    if (status !== 200) throw new Error(`progress of ${id}: ${status} ${JSON.stringify(body)}`);
    return body as unknown as Progress;
  }

  return {
    url,
    call,
    progress,
    start: (spec, options = {}) => call('POST', '/v1/onboardings', { body: spec, ...options }),
    reached: (id, ...statuses) =>
      until(
        async () => {
          const now = await progress(id);
          return statuses.includes(now.status) ? now : undefined;
        },
        `${id} to be ${statuses.join(' or ')}`,
      ),
    stream: async (path, options = {}) => {
      const stop = new AbortController();
      const response = await fetch(`${url}${path}`, { ...request('GET', options), signal: stop.signal });
      if (response.status === 204) return []; // nothing follows
      if (!response.ok || !response.body) throw new Error(`stream ${path}: ${response.status}`);
      const events: StreamedEvent[] = [];
      const parser = createParser({ onEvent: (message) => events.push(streamed(message)) });
      const decoder = new TextDecoder();
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        parser.feed(decoder.decode(chunk, { stream: true }));
        if (options.enough?.(events) === true) break; // leaving the loop cancels the body
      }
      return events;
    },
  };
}

/** Settings in which one key may do everything, or what `limits` says. */
export function openTo(
  key: string,
  id: string,
  limits: { tenants?: string[]; scopes?: ApiSettings['apiKeys'][number]['scopes'] } = {},
): Pick<ApiSettings, 'apiKeys' | 'generatedApiKey'> {
  const { tenants = ['*'], scopes = EVERYTHING } = limits;
  const sha256 = createHash('sha256').update(key).digest('hex');
  return { apiKeys: [{ id, sha256, tenants, scopes }], generatedApiKey: undefined };
}

/** A spec as a caller sends it, with the connections of the engine. */
export function document(engine: Engine, spec: OnboardingSpec): JsonObject {
  const named = (wanted: string): ((connection: { name: string }) => boolean) => {
    return ({ name }) => name.slice(name.indexOf('-') + 1) === wanted; // behind the prefix of the test file
  };
  const connections = Object.fromEntries(
    Object.entries(spec.connections).map(([vendor, wanted]) => {
      const all = engine.settings.connections.filter((connection) => connection.vendor === vendor);
      return [vendor, (all.find(named(wanted)) ?? all[0])?.name ?? wanted];
    }),
  );
  return { ...specDocument(spec), connections };
}

const EVERYTHING: ApiSettings['apiKeys'][number]['scopes'] = [
  'onboardings:read',
  'onboardings:write',
  'onboardings:control',
  'onboardings:adopt',
  'accounts:read',
  'reconciliations:read',
  'reconciliations:run',
  'credentials:read',
  'codec',
];

function request(method: string, { body, headers = {}, key = KEY }: CallOptions): RequestInit {
  return {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
}

function streamed({ id, event, data }: EventSourceMessage): StreamedEvent {
  const told = { id: id === '' ? undefined : id, event: event ?? '', data: JSON.parse(data) as JsonObject };
  requireDescribedEvent(told.event, told.data);
  return told;
}
