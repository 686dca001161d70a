import { setTimeout as pause } from 'node:timers/promises';

import { createParser } from 'eventsource-parser';

import type { ApiClient } from './client.js';
import { ApiProblem, ApiUnreachable } from './problem.js';

/** The API sends a comment every 15 s: a stream that is silent for longer than three of them is dead. */
const SILENCE_LIMIT_MS = 45_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const GIVE_UP_AFTER_MS = 120_000;

/** One event of a run (`docs/http.md`). */
export interface RunEvent {
  /** `<runId>:<seq>`; absent for what is told without being in the history, such as retries. */
  id?: string;
  event: 'started' | 'step' | 'status' | 'command' | 'closed';
  data: { seq?: number; at?: string; message?: string; [field: string]: unknown };
}

export interface EventStreamOptions {
  signal: AbortSignal;
  /** Told each time the connection is lost and will be opened again. */
  onLost?: (reason: string) => void;
  /** For tests: how long a stream may be silent, and how long reconnecting is tried. Milliseconds. */
  silenceLimitMs?: number;
  giveUpAfterMs?: number;
}

/**
 * The events of one run, from its first to `closed`. A lost connection is opened again with the last event's id, so no
 * event is missed or told twice. Ends early, without an error, when `signal` is aborted.
 * @throws {ApiProblem} when the API refuses the stream for good (4xx but 429).
 * @throws {ApiUnreachable} when it could not be opened again for two minutes.
 */
export async function* runEvents(
  client: ApiClient,
  id: string,
  runId: string,
  options: EventStreamOptions,
): AsyncGenerator<RunEvent, void, undefined> {
  const { signal, onLost, giveUpAfterMs = GIVE_UP_AFTER_MS } = options;
  let lastId: string | undefined;
  let lostSince: number | undefined;
  let wait = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      for await (const event of oneConnection(client, id, runId, lastId, options)) {
        lostSince = undefined;
        wait = FIRST_PAUSE_MS;
        lastId = event.id ?? lastId;
        yield event;
        if (event.event === 'closed') return;
      }
      throw new ApiUnreachable(client.url, 'the event stream ended before its time');
    } catch (error) {
      if (isAborted(signal)) return;
      if (!isTransient(error)) throw error;
      lostSince ??= Date.now();
      if (Date.now() - lostSince > giveUpAfterMs) throw error;
      onLost?.(error.message.split('\n')[0] ?? '');
      await pause(wait, undefined, { signal }).catch(() => undefined); // aborted: the loop's condition ends it
      wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
    }
  }
}

/** True for faults that pass: no answer, or one that says to come back later. */
export function isTransient(error: unknown): error is ApiProblem | ApiUnreachable {
  if (error instanceof ApiUnreachable) return true;
  return error instanceof ApiProblem && (error.status === 429 || error.status >= 500);
}

async function* oneConnection(
  client: ApiClient,
  id: string,
  runId: string,
  lastId: string | undefined,
  { signal, silenceLimitMs = SILENCE_LIMIT_MS }: EventStreamOptions,
): AsyncGenerator<RunEvent, void, undefined> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), silenceLimitMs);
  try {
    const body = await client.stream(`/onboardings/${encodeURIComponent(id)}/events`, {
      query: { runId },
      headers: lastId === undefined ? {} : { 'last-event-id': lastId },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    const arrived: RunEvent[] = [];
    const parser = createParser({
      onEvent: (message) => {
        const data: unknown = JSON.parse(message.data);
        arrived.push({
          ...(message.id === undefined || message.id === '' ? {} : { id: message.id }),
          event: message.event as RunEvent['event'],
          data: data as RunEvent['data'],
        });
      },
    });
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      timer.refresh();
      parser.feed(decoder.decode(chunk, { stream: true }));
      yield* arrived.splice(0);
    }
  } catch (error) {
    if (error instanceof ApiProblem || error instanceof ApiUnreachable) throw error;
    const reason = silence.signal.aborted ? 'the event stream fell silent' : 'the event stream broke off';
    throw new ApiUnreachable(client.url, reason, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** Asked anew after each wait, since the compiler believes the loop's condition to hold still. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
