import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeRun, runState } from '#libs/history/describe.js';
import type { Engine } from '#libs/history/engine.js';
import { eventNumber } from '#libs/history/event.js';
import type { LocatedJob } from '#libs/history/locate.js';
import type { Caller } from '../auth/caller.js';
import type { Jobs } from '../onboardings/jobs.js';
import { EventStream } from './event-stream.js';
import { readResumePoint } from './event-id.js';
import { Followers } from './followers.js';
import { StreamPlaces } from './places.js';

/** How long readers may take what has been sent when the API stops. */
const LAST_WORDS_MS = 2_000;
/** How often it is looked whether readers may still read. */
const LOOK_MS = 1_000;

export interface StreamRequest {
  id: string;
  runId: string | undefined;
  after: string | undefined;
}

/** Opens streams of a job's events, and ends them: all when the API stops, one when its reader's key or token ends. */
export class Streams {
  private readonly followers: Followers;
  private readonly places = new StreamPlaces();
  private readonly open = new Map<EventStream, Caller>();
  private looking: NodeJS.Timeout | undefined;
  private closing = false;

  constructor(
    private readonly engine: Engine,
    private readonly jobs: Jobs,
  ) {
    this.followers = new Followers(engine);
  }

  /** How many streams are open. */
  get count(): number {
    return this.open.size;
  }

  /**
   * Opens a stream, or answers 204 to whoever has read to the end: a browser comes back for as long as it is answered 200.
   * @throws {Problem} before the stream has begun.
   */
  async start(caller: Caller, wanted: StreamRequest, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const header = request.headers['last-event-id'];
    const resume =
      readResumePoint(typeof header === 'string' ? header : undefined, 'Last-Event-ID') ??
      readResumePoint(wanted.after, 'after');
    const giveBack = this.places.take(caller.id);
    try {
      // A reader that comes back goes on with the run that it began with.
      const located = await this.jobs.locate(caller, wanted.id, wanted.runId ?? resume?.runId ?? undefined);
      const after = resume && (resume.runId === null || resume.runId === located.runId) ? resume.seq : 0;
      if (after > 0 && (await this.endsWith(located, after))) {
        giveBack();
        await reply.code(204).send();
      } else if (request.method === 'HEAD') {
        giveBack();
        await reply.header('content-type', 'text/event-stream; charset=utf-8').send();
      } else if (reply.raw.destroyed) {
        giveBack(); // the reader left while its job was looked up, and would not be noticed to leave again
      } else {
        this.openStream(caller, located, after, giveBack, request, reply);
      }
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** Ends every stream; readers come back to another replica. Resolves when all are gone, also those that nobody reads. */
  async close(): Promise<void> {
    this.closing = true;
    this.followers.stop();
    const streams = [...this.open.keys()];
    for (const stream of streams) stream.end();
    await Promise.all(streams.map((stream) => stream.gone(LAST_WORDS_MS)));
  }

  private openStream(
    caller: Caller,
    located: LocatedJob,
    after: number,
    giveBack: () => void,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    let leave = (): void => undefined;
    const stream = new EventStream(reply, located.runId, () => {
      this.open.delete(stream);
      giveBack();
      if (this.open.size === 0) clearInterval(this.looking);
      leave();
    });
    if (this.open.size === 0) this.looking = setInterval(() => this.endInvalid(), LOOK_MS).unref();
    this.open.set(stream, caller);
    // It was asked for, or its job was looked up, while the others were being ended.
    if (this.closing) {
      stream.end();
      return;
    }
    leave = this.followers.join(
      located,
      after,
      (event) => stream.send(event),
      (error) => {
        if (error !== undefined) request.log.error({ err: error }, 'an event stream broke off');
        stream.end();
      },
    );
  }

  /** A stream is one long request: it must not outlive the right to make it. */
  private endInvalid(): void {
    for (const [stream, caller] of this.open) if (!caller.isValid()) stream.end();
  }

  /** Whether a job's history has closed with this event: nothing follows it. */
  private async endsWith({ operation }: LocatedJob, seq: number): Promise<boolean> {
    const info = operation && (await describeRun(this.engine, operation))?.workflowExecutionInfo;
    return info != null && runState(info.status) !== 'running' && seq >= eventNumber(info.historyLength);
  }
}
