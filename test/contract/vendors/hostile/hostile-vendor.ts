import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Attack, RawAnswer } from './attacks.js';

/** A request as it came, before any server has read its path. */
export interface Got {
  method: string;
  path: string;
  host: string;
}

/** The sandbox behind a server that alters some of its answers. */
export interface HostileVendor {
  url: string;
  /** Where no request may ever arrive. */
  trap: string;
  got: Got[];
  /** Requests that arrived at the trap. */
  trapped: Got[];
  /** From call number `from` (0: the next), `times` answers are altered. */
  attackWith(attack: Attack | undefined, from?: number, times?: number): void;
  close(): Promise<void>;
}

/** Starts it in front of a sandbox at an address. */
export async function startHostileVendor(sandboxUrl: string): Promise<HostileVendor> {
  const got: Got[] = [];
  const trapped: Got[] = [];
  let armed: { attack: Attack; from: number; until: number } | undefined;
  let count = 0;
  const trap = await listening((incoming, outgoing) => {
    trapped.push(gotFrom(incoming));
    outgoing.end('{}');
  });
  const server = await listening((incoming, outgoing) => {
    const number = count++;
    got.push(gotFrom(incoming));
    void answerOf(sandboxUrl, incoming).then((good) => {
      const isHit = armed && number >= armed.from && number < armed.until;
      send(outgoing, isHit && armed ? armed.attack.apply(good) : good);
    });
  });
  return {
    url: addressOf(server),
    trap: addressOf(trap),
    got,
    trapped,
    attackWith: (attack, from = 0, times = 1) => {
      armed = attack && { attack, from: count + from, until: count + from + times };
      got.length = 0;
    },
    close: async () => {
      await Promise.all([closed(server), closed(trap)]);
    },
  };
}

function gotFrom({ method = '', url = '', headers }: IncomingMessage): Got {
  return { method, path: url, host: headers.host ?? '' };
}

/** The sandbox's answer. LivePerson's hosts are told as the one that was asked, so that all calls come here. */
async function answerOf(sandboxUrl: string, incoming: IncomingMessage): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return new Promise((resolve, reject) => {
    const { method, url = '', headers } = incoming;
    const outgoing = forward(`${sandboxUrl}${url}`, { method, headers, setHost: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const kept = Object.entries(response.headers).filter(
          ([name]) => !['content-length', 'transfer-encoding', 'connection', 'keep-alive'].includes(name),
        );
        const answer = { status: response.statusCode ?? 500, body: Buffer.concat(parts) };
        resolve({ ...answer, headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(Buffer.concat(chunks));
  });
}

function send(outgoing: ServerResponse, { status, headers, body, stops }: RawAnswer): void {
  const length = stops === undefined ? {} : { 'content-length': String(body.length + 100) };
  for (const [name, value] of Object.entries({ ...headers, ...length })) outgoing.setHeader(name, value);
  outgoing.statusCode = status;
  if (stops === undefined) outgoing.end(body);
  else outgoing.write(body, () => (stops === 'breaks' ? outgoing.destroy() : undefined));
}

async function listening(answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void): Promise<Server> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
