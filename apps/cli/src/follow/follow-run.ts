import { setTimeout as pause } from 'node:timers/promises';

import type { Progress } from '#libs/contracts/progress.js';

import type { ApiClient } from '../api/client.js';
import { isTransient, runEvents, type RunEvent } from '../api/event-stream.js';
import { isSettled } from '../exit-codes.js';

/** Progress is read again at most this often, however many events come. */
const SHORTEST_PAUSE_MS = 150;
/** And at least this often, for what no event tells. */
const LONGEST_PAUSE_MS = 5_000;
const GIVE_UP_AFTER_MS = 120_000;

export interface FollowOptions {
  /** The run to follow; the latest onboarding when left out. */
  runId?: string;
  /** Progress as it was before a command: older events are left out, and the job counts as settled only after a newer one. */
  before?: Progress;
  /** Follow until the run is closed, also while it waits for a person. */
  untilClosed?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  onEvent?: (event: RunEvent) => void;
  onLost?: (reason: string) => void;
}

/** Reads the progress of a run; of the latest onboarding without `runId`. */
export async function readProgress(client: ApiClient, id: string, runId?: string): Promise<Progress> {
  const call = { query: { runId } };
  return (await client.call<Progress>('GET', `/onboardings/${encodeURIComponent(id)}`, call)).body;
}

/**
 * Follows a run by its events, reading its progress again after each, and returns the last progress: that of a run that
 * has ended or waits for a person (`isSettled`). Outlives lost connections of up to two minutes.
 * @throws {ApiProblem | ApiUnreachable} as `runEvents` does.
 */
export async function followRun(client: ApiClient, id: string, options: FollowOptions = {}): Promise<Progress> {
  const { before, onProgress, onEvent } = options;
  let progress = await readProgress(client, id, options.runId);
  const { runId } = progress;
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);

  let moved = before === undefined;
  let wake = new AbortController();
  let failure: { error: unknown } | undefined;
  const listen = async (): Promise<void> => {
    const lost = options.onLost === undefined ? {} : { onLost: options.onLost };
    for await (const event of runEvents(client, id, runId, { signal, ...lost })) {
      if (before !== undefined && !isNewer(event, before)) continue;
      // What becomes of a notification comes as a status too, and moves nothing.
      const isMove = event.event === 'status' && event.data['notifications'] === undefined;
      moved ||= isMove || event.event === 'closed' || event.data['ignored'] === true;
      onEvent?.(event);
      wake.abort();
    }
  };
  const listening = listen()
    .catch((error: unknown) => (failure = { error }))
    .finally(() => wake.abort());

  try {
    let lostSince: number | undefined;
    for (;;) {
      onProgress?.(progress);
      const settled = options.untilClosed === true ? progress.closedAt !== null : isSettled(progress);
      if ((settled && moved) || signal.aborted) break;
      await pause(SHORTEST_PAUSE_MS);
      await pause(LONGEST_PAUSE_MS, undefined, { signal: AbortSignal.any([wake.signal, signal]) }).catch(
        () => undefined,
      );
      wake = new AbortController();
      if (failure !== undefined) throw failure.error;
      try {
        progress = await readProgress(client, id, runId);
        lostSince = undefined;
      } catch (error) {
        if (!isTransient(error)) throw error;
        lostSince ??= Date.now();
        if (Date.now() - lostSince > GIVE_UP_AFTER_MS) throw error;
      }
    }
    return progress;
  } finally {
    await drained(listening, stop, progress);
  }
}

/** The last events of a run that has closed are on their way still: they are waited for a moment, then the stream is shut. */
async function drained(listening: Promise<unknown>, stop: AbortController, progress: Progress): Promise<void> {
  if (progress.closedAt !== null) await Promise.race([listening, pause(1_000, undefined, { ref: false })]);
  stop.abort();
  await listening;
}

function isNewer(event: RunEvent, before: Progress): boolean {
  return event.data.at !== undefined && Date.parse(event.data.at) > Date.parse(before.updatedAt);
}
