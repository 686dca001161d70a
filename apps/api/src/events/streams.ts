import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller.js';
import type { Engine } from '../engine/engine.js';
import type { Jobs } from '../onboardings/jobs.js';
import { EventStream } from './event-stream.js';
import { readResumePoint } from './event-id.js';
import { Followers } from './followers.js';

/** How long readers may take what has been sent when the API stops. */
const LAST_WORDS_MS = 2_000;

export interface StreamRequest {
  id: string;
  runId: string | undefined;
  after: string | undefined;
}

/** Opens streams of a job's events, and ends them all when the API stops. */
export class Streams {
  private readonly followers: Followers;
  private readonly open = new Set<EventStream>();
  private closing = false;

  constructor(
    engine: Engine,
    private readonly jobs: Jobs,
  ) {
    this.followers = new Followers(engine);
  }

  /** How many streams are open. */
  get count(): number {
    return this.open.size;
  }

  /** @throws {Problem} before the stream has begun. */
  async start(caller: Caller, wanted: StreamRequest, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const header = request.headers['last-event-id'];
    const resume =
      readResumePoint(typeof header === 'string' ? header : undefined, 'Last-Event-ID') ??
      readResumePoint(wanted.after, 'after');
    // A reader that comes back goes on with the run that it began with.
    const located = await this.jobs.locate(caller, wanted.id, wanted.runId ?? resume?.runId ?? undefined);
    const sameRun = resume && (resume.runId === null || resume.runId === located.runId);
    let leave = (): void => undefined;
    const stream = new EventStream(reply, located.runId, () => {
      this.open.delete(stream);
      leave();
    });
    this.open.add(stream);
    // It was asked for, or its job was looked up, while the others were being ended.
    if (this.closing) {
      stream.end();
      return;
    }
    leave = this.followers.join(
      located,
      sameRun ? resume.seq : 0,
      (event) => stream.send(event),
      (error) => {
        if (error !== undefined) request.log.error({ err: error }, 'an event stream broke off');
        stream.end();
      },
    );
  }

  /** Ends every stream; readers come back to another replica. Resolves when all are gone, also those that nobody reads. */
  async close(): Promise<void> {
    this.closing = true;
    this.followers.stop();
    const streams = [...this.open];
    for (const stream of streams) stream.end();
    await Promise.all(streams.map((stream) => stream.gone(LAST_WORDS_MS)));
  }
}
