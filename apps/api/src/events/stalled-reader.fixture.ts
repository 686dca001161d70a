import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

export interface StalledReader {
  /** What the reader asked for is to be answered by this. */
  reply: FastifyReply;
  response: ServerResponse;
  reader: Socket;
  close: () => void;
}

/** A reader who asks for a stream and takes nothing until it is told to resume. */
export async function stalledReader(): Promise<StalledReader> {
  const server = createServer();
  const asked = once(server, 'request') as Promise<[unknown, ServerResponse]>;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
  reader.pause();
  reader.on('error', () => undefined);
  reader.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
  const [, response] = await asked;
  const reply = { hijack: () => undefined, getHeaders: () => ({}), raw: response } as unknown as FastifyReply;
  const close = (): void => {
    reader.destroy();
    server.close();
  };
  return { reply, response, reader, close };
}
