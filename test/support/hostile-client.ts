import { connect, type Socket } from 'node:net';
import { isJsonObject } from '#libs/contracts/index.js';

/** A hostile caller by its key. */
export interface HostileClient {
  url: string;
  key: string;
}

/** What an answer was: status, slug of a problem, and its length in bytes. */
export interface ToldAnswer {
  status: number;
  slug: string;
  bytes: number;
}

/** Sends a body and reads the whole answer. */
export async function sendBody({ url, key }: HostileClient, path: string, body: string): Promise<ToldAnswer> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body });
  return told(response.status, await response.text());
}

/** What a slow writer sends of its body before it drips. Bytes. */
const SENT_AT_ONCE = 500_000;

/** How a connection keeps a server waiting. */
export type StallKind = 'headers' | 'body' | 'answer';

/** A connection that is held for as long as the server lets it. */
export interface StalledConnection {
  kind: StallKind;
  /** What the server has sent by the time at which it closed the connection. */
  closed: Promise<ToldAnswer>;
  leave(): void;
}

/** Opens a connection that sends a part of its headers, or of its body, and then drips; or one that asks and never reads. */
export function stall({ url, key }: HostileClient, kind: StallKind): StalledConnection {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  const closed = new Promise<ToldAnswer>((resolve) => {
    socket.once('close', () => resolve(readTold(Buffer.concat(chunks).toString())));
  });
  socket.on('error', () => undefined); // a reset is an end as any other
  const auth = `host: ${hostname}\r\nauthorization: Bearer ${key}\r\n`;
  if (kind === 'answer') {
    socket.pause();
    socket.write(`GET /openapi.json HTTP/1.1\r\n${auth}\r\n`.repeat(20));
    return { kind, closed, leave: () => socket.destroy() };
  }
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const json = `content-type: application/json\r\ncontent-length: 2000000\r\n\r\n${' '.repeat(SENT_AT_ONCE)}`;
  socket.write(`POST /v1/plans HTTP/1.1\r\n${auth}${kind === 'body' ? json : ''}`);
  const drip = setInterval(() => drop(socket, kind), 500);
  socket.once('close', () => clearInterval(drip));
  return { kind, closed, leave: () => socket.destroy() };
}

function drop(socket: Socket, kind: StallKind): void {
  if (socket.writable) socket.write(kind === 'headers' ? 'x-drip: 1\r\n' : ' ');
}

/** More connections at once than the backlog of a listening server takes would wait for its retries. */
const ASKED_AT_ONCE = 200;

/** Streams that were asked for. */
export interface HeldStreams {
  opened: number;
  refused: ToldAnswer[];
  leave(): void;
}

/** Asks for so many streams, many of them at once; those that are opened are held, and never read. */
export async function openStreams({ url, key }: HostileClient, path: string, count: number): Promise<HeldStreams> {
  const stop = new AbortController();
  const refused: ToldAnswer[] = [];
  const open = async (): Promise<void> => {
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(`${url}${path}`, { headers, signal: stop.signal });
    if (!response.ok) refused.push(told(response.status, await response.text()));
  };
  for (let asked = 0; asked < count; asked += ASKED_AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(ASKED_AT_ONCE, count - asked) }, open));
  }
  return { opened: count - refused.length, refused, leave: () => stop.abort() };
}

/** The first line of an answer and its body, as they came over a bare connection. */
function readTold(text: string): ToldAnswer {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return told(Number(head.split(' ')[1] ?? 0), body);
}

function told(status: number, text: string): ToldAnswer {
  return { status, slug: slugOf(text), bytes: Buffer.byteLength(text) };
}

function slugOf(text: string): string {
  if (!text.startsWith('{')) return '';
  const body: unknown = JSON.parse(text);
  const type = isJsonObject(body) && typeof body['type'] === 'string' ? body['type'] : '';
  return type.slice(type.lastIndexOf('/') + 1);
}
