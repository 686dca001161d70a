import type { Engine } from './engine.js';
import type { HistoryEvent, RunRef } from './event.js';

/** A long poll that brought nothing comes back after 20 s (`docs/temporal.md` §3). */
const LONG_POLL_TIMEOUT_MS = 60_000;

/** All events that a run's history holds now. Throws gRPC "not found" for a run that is not there any more. */
export async function readHistory(engine: Engine, run: RunRef): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await engine.call(() =>
      engine.service.getWorkflowExecutionHistory({
        namespace: engine.namespace,
        execution: run,
        ...(nextPageToken ? { nextPageToken } : {}),
      }),
    );
    events.push(...(page.history?.events ?? []));
    nextPageToken = page.nextPageToken.length > 0 ? page.nextPageToken : undefined;
  } while (nextPageToken);
  return events;
}

/** The first event of a run: for an account its whole state (`docs/temporal.md` §2). */
export async function readFirstEvent(engine: Engine, run: RunRef): Promise<HistoryEvent | undefined> {
  const page = await engine.call(() =>
    engine.service.getWorkflowExecutionHistory({
      namespace: engine.namespace,
      execution: run,
      maximumPageSize: 1,
    }),
  );
  return page.history?.events?.[0];
}

/**
 * Follows a run's history from its first event on: batches as they come, empty ones about every 20 s. Ends after the run's last
 * event, or when `signal` is aborted (with an error of the SDK or none).
 */
export async function* followHistory(
  engine: Engine,
  run: RunRef,
  signal: AbortSignal,
): AsyncGenerator<HistoryEvent[], void, undefined> {
  let nextPageToken: Uint8Array | undefined;
  while (!signal.aborted) {
    const page = await longPoll(engine, run, nextPageToken, signal);
    yield page.history?.events ?? [];
    if (page.nextPageToken.length === 0) return;
    nextPageToken = page.nextPageToken;
  }
}

type Page = Awaited<ReturnType<Engine['service']['getWorkflowExecutionHistory']>>;

/** Each call gets an abort signal of its own: one that many calls share gathers listeners. */
async function longPoll(
  engine: Engine,
  run: RunRef,
  nextPageToken: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<Page> {
  const { connection, service, namespace } = engine;
  const own = new AbortController();
  const stop = (): void => own.abort();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await connection.withDeadline(Date.now() + LONG_POLL_TIMEOUT_MS, () =>
      connection.withAbortSignal(own.signal, () =>
        service.getWorkflowExecutionHistory({
          namespace,
          execution: run,
          waitNewEvent: true,
          ...(nextPageToken ? { nextPageToken } : {}),
        }),
      ),
    );
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
