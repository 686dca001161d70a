import type { NativeConnection, Worker } from '@temporalio/worker';
import type { WorkerSettings } from '#libs/config/worker-settings.js';
import { createDataConverter } from '#libs/temporal/data-converter.js';

/** Longer than a call's deadline by so much, a step under way ends well when the worker drains. */
export const DRAIN_MARGIN_MS = 5_000;
/** With heartbeats of 5 s timeout, at least two reach the server before it is over. */
export const HEARTBEAT_THROTTLE_MS = 2_000;

/** A task queue with the worker that serves it. */
export interface ServedQueue {
  taskQueue: string;
  worker: Worker;
  close(): Promise<void>;
}

/** What every worker of the process is made with. */
export function common(
  connection: NativeConnection,
  { temporal: { namespace }, keyRing }: WorkerSettings,
): { connection: NativeConnection; namespace: string; dataConverter: ReturnType<typeof createDataConverter> } {
  return { connection, namespace, dataConverter: createDataConverter(keyRing, namespace) };
}
