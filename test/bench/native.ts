import type { NativeConnection } from '@temporalio/worker';
import { connectNative } from '#apps/worker/src/connect.js';
import { installRuntime } from '#apps/worker/src/temporal-runtime.js';
import { createLogger } from '#libs/logging/index.js';
import type { BenchSystem } from './system.js';

const CONNECT_MS = 10_000;

/** A connection to Temporal for workers in this process, whose logs nobody reads. The caller closes it. */
export function connectHere({ settings }: BenchSystem): Promise<NativeConnection> {
  const logger = createLogger({ level: 'silent', service: 'bench' });
  installRuntime(logger, undefined);
  return connectNative(settings.temporal, {
    logger,
    withinMs: CONNECT_MS,
    signal: new AbortController().signal,
  });
}
