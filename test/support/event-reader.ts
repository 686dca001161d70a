import { createParser } from 'eventsource-parser';
import type { JsonObject } from '#libs/contracts/index.js';
import { KEY, type StreamedEvent } from './api.js';
import { until } from './until.js';

/** A reader of an event stream that keeps what it has got, also when the other side breaks off. */
export interface EventReader {
  readonly events: StreamedEvent[];
  readonly comments: string[];
  /** How the stream ended: by the API, or broken off. */
  readonly ended: Promise<'ended' | 'broken'>;
  /** Ids of the events that have one. */
  ids(): string[];
  /** The id to go on from; undefined while none has come. */
  lastId(): string | undefined;
  /** Waits for an event. */
  got(what: string, fits: (event: StreamedEvent) => boolean): Promise<StreamedEvent>;
  /** Closes it from this side. */
  leave(): void;
}

/** Opens a stream at `url`, after `lastEventId` if given. */
export async function readEvents(url: string, lastEventId?: string): Promise<EventReader> {
  const stop = new AbortController();
  const headers = {
    authorization: `Bearer ${KEY}`,
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  };
  const response = await fetch(url, { headers, signal: stop.signal });
  const { body } = response;
  if (!response.ok || !body) throw new Error(`stream ${url}: ${response.status}`);
  const events: StreamedEvent[] = [];
  const comments: string[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => {
      events.push({ id: id === '' ? undefined : id, event: event ?? '', data: JSON.parse(data) as JsonObject });
    },
    onComment: (comment) => comments.push(comment),
  });
  const read = async (): Promise<'ended' | 'broken'> => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) parser.feed(decoder.decode(chunk, { stream: true }));
      return 'ended';
    } catch {
      return 'broken';
    }
  };
  const ids = (): string[] => events.flatMap(({ id }) => id ?? []);
  return {
    events,
    comments,
    ended: read(),
    ids,
    lastId: () => ids().at(-1),
    got: (what, fits) => until(() => events.find(fits), `an event: ${what}`),
    leave: () => stop.abort(),
  };
}
