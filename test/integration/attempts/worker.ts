import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { installRuntime } from '#apps/worker/src/temporal-runtime.js';
import { toTemporalFailure } from '#activities/failures.js';
import { TemporalStepContext } from '#activities/temporal-step-context.js';
import { VendorError, vendorFault } from '#libs/contracts/index.js';
import { createLogger } from '#libs/logging/index.js';
import type { Timing } from '#libs/resources/index.js';
import { ATTEMPT, type Outcome, type Scenario } from './scenario.js';

const TIMING: Timing = {
  deadlineMs: 10_000,
  settleMs: [2_000, 5_000, 15_000],
  initialIntervalMs: 200,
  maximumIntervalMs: 1_000,
  giveUpAfterMs: 600_000,
};
/** Longer than any scenario. */
const FOR_EVER_MS = 120_000;
const GRACE_MS = 500;

/** A worker of steps that do as a scenario says. */
export interface AttemptWorker {
  /** Stops it; what runs is told so after half a second. */
  stop(): Promise<void>;
}

/** Starts a worker on a queue of the server at `address`. */
export async function startAttemptWorker(
  address: string,
  namespace: string,
  taskQueue: string,
): Promise<AttemptWorker> {
  installRuntime(createLogger({ level: 'silent', service: 'attempts' }), undefined);
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    activities: { [ATTEMPT]: attempt },
    shutdownGraceTime: GRACE_MS,
  });
  const running = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

async function attempt({ confirms, failsAfterMs = FOR_EVER_MS }: Scenario): Promise<Outcome> {
  const ctx = new TemporalStepContext(
    TIMING,
    (body) => body,
    (text) => text,
    '',
  );
  try {
    if (ctx.attempt > 1) return { attempt: ctx.attempt, previous: ctx.previous ?? null };
    for (const { afterMs, change } of confirms) {
      await ctx.pause(ctx.startedAt + afterMs - ctx.now());
      await ctx.confirm(change);
    }
    await ctx.pause(ctx.startedAt + failsAfterMs - ctx.now());
    const message = 'HTTP 503';
    throw new VendorError(
      vendorFault({
        code: 'VENDOR_UNAVAILABLE',
        vendor: 'egain',
        resource: 'x',
        operation: 'create',
        message,
        retryable: true,
      }),
    );
  } catch (error) {
    throw await toTemporalFailure(error, ctx, undefined);
  } finally {
    await ctx.end();
  }
}

// As a process of its own, which a test may kill.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , address = '', namespace = '', taskQueue = ''] = process.argv;
  await startAttemptWorker(address, namespace, taskQueue);
  process.send?.('ready');
}
