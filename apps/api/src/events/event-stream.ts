import { once } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { StreamEvent } from '#libs/progress/index.js';
import { eventId } from './event-id.js';

const COMMENT_EVERY_MS = 15_000;
/** A reader that lets so many bytes pile up is cut off; it comes back with the last id that it got. */
const PILE_LIMIT_BYTES = 1 << 20;

/** One reader's stream of server-sent events. */
export class EventStream {
  private readonly timer: NodeJS.Timeout;
  private left = false;

  /** Takes the reply over. `onLeave` is called once, when the stream has ended for whatever reason. */
  constructor(
    private readonly reply: FastifyReply,
    private readonly runId: string,
    private readonly onLeave: () => void,
  ) {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...(reply.getHeaders() as OutgoingHttpHeaders), // those of every answer
      'content-type': 'text/event-stream; charset=utf-8',
      connection: 'close', // an API that stops waits for connections that may be used again
      'x-accel-buffering': 'no',
    });
    raw.write(': open\n\n');
    raw.on('close', () => this.leave());
    raw.on('error', () => this.leave());
    this.timer = setInterval(() => this.write(': \n\n'), COMMENT_EVERY_MS);
  }

  send({ event, seq, data }: StreamEvent): void {
    const id = seq === null ? '' : `id: ${eventId(this.runId, seq)}\n`;
    this.write(`${id}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Ends the stream after what has been sent. */
  end(): void {
    if (!this.left) this.reply.raw.end();
    this.leave();
  }

  /** Resolves once the stream has ended and all of it has been sent; a reader that does not take it in time is cut off. */
  async gone(withinMs: number): Promise<void> {
    const { raw } = this.reply;
    if (raw.closed) return;
    const closed = once(raw, 'close');
    const late = setTimeout(() => raw.destroy(), withinMs);
    await closed.catch(() => undefined); // a broken connection is gone too
    clearTimeout(late);
  }

  private write(text: string): void {
    const { raw } = this.reply;
    if (this.left) return;
    raw.write(text);
    if (raw.writableLength > PILE_LIMIT_BYTES) raw.destroy();
  }

  private leave(): void {
    if (this.left) return;
    this.left = true;
    clearInterval(this.timer);
    this.onLeave();
  }
}
