import { createHash } from 'node:crypto';
import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import type { ApiKey } from '#libs/config/api-keys.js';
import type { ApiSettings } from '#libs/config/api-settings.js';
import { createLogger } from '#libs/logging/index.js';
import type { TemporalClient } from '#libs/temporal/client.js';
import { callRetries } from '#libs/temporal/retries.js';
import { createApp, type AppOptions } from '../api.js';
import { nothingSet } from '../openapi/render.js';
import { createServices, type Services } from '../services.js';

/** A route as the router has it. */
export interface TestedRoute {
  method: string;
  /** As it is declared: `/v1/onboardings/:id`. */
  url: string;
}

export interface RawAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** The body as it came: a chunked one with its chunk sizes. */
  text: string;
}

export interface RawRequest {
  method?: string;
  /** Sent as it is: nothing is encoded, resolved or taken out. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Null: no key. */
  key?: string | null;
}

/** The API in this process, unless told otherwise over a Temporal that is away: whoever reaches a handler that needs it is answered 503. */
export interface TestedApp {
  routes: readonly TestedRoute[];
  services: Services;
  server: Server;
  port: number;
  send(request: RawRequest): Promise<RawAnswer>;
  close(): Promise<void>;
}

export interface StartAppOptions extends AppOptions {
  /** Default: one that refuses the connection at once. */
  temporal?: TemporalClient;
}

/** Starts the application on a free port of 127.0.0.1. `change` replaces settings. */
export async function startApp(
  change: Partial<ApiSettings> = {},
  { temporal = nobodyThere(), ...options }: StartAppOptions = {},
): Promise<TestedApp> {
  const settings = { ...nothingSet(), rateLimit: { requests: 1_000_000, windowMs: 1_000 }, ...change };
  const services = createServices(settings, temporal);
  const routes: TestedRoute[] = [];
  const logger = createLogger({ level: 'silent', service: 'api', pretty: false });
  const app = await createApp(settings, services, logger, {
    ...options,
    onRoute: ({ method, url }) => routes.push(...[method].flat().map((each) => ({ method: each, url }))),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const server = app.getHttpServer();
  const { port } = server.address() as AddressInfo;
  return {
    routes,
    services,
    server,
    port,
    send: (wanted) => send(port, wanted),
    close: async () => {
      await services.streams.close();
      await app.close();
      await temporal.close();
    },
  };
}

/** A Temporal that refuses the connection at once. */
function nobodyThere(): TemporalClient {
  return temporalAt('127.0.0.1:1', 1);
}

/** A client as `lazyClient` makes it, but for encryption, which needs the compiled output. */
export function temporalAt(address: string, attempts?: number): TemporalClient {
  const connection = Connection.lazy({ address, interceptors: [callRetries(attempts)] });
  return { connection, client: new Client({ connection }), close: () => connection.close() };
}

/** An API key of the settings, by its text. */
export function apiKey(text: string, change: Partial<ApiKey> & Pick<ApiKey, 'id'>): ApiKey {
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { sha256, tenants: ['*'], scopes: [], ...change };
}

/** Over a bare socket: Node's client refuses some addresses, and what the HTTP server itself answers to a HEAD. */
async function send(
  port: number,
  { method = 'GET', path, headers = {}, body, key = null }: RawRequest,
): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  const head = {
    host: `127.0.0.1:${port}`,
    connection: 'close',
    ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    ...headers,
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  if (body !== undefined) socket.write(body);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return readAnswer(Buffer.concat(chunks).toString('utf8'));
}

/** Reads the text of an answer. */
export function readAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(first.split(' ')[1]), headers, text: text.slice(end + 4) };
}
