import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Runtime, Worker, type NativeConnection } from '@temporalio/worker';
import { createFleetActivities } from '#activities/fleet/index.js';
import { createConnectionActivities, WorkSlots } from '#activities/index.js';
import { createNotifyActivities } from '#activities/notify.js';
import type { Connection } from '#libs/config/connections.js';
import { MANY_SERVED_CONNECTIONS, type WorkerSettings } from '#libs/config/worker-settings.js';
import { connectionTaskQueue, parseAccountId, WORKFLOW_TASK_QUEUE } from '#libs/contracts/index.js';
import { createLogger, type Logger } from '#libs/logging/index.js';
import { Courier } from '#libs/notifications/index.js';
import { NOTIFY_SECRET, secretField } from '#libs/planning/index.js';
import { createSealer, openSecrets, openSecretText, type Sealer, type SecretPlaces } from '#libs/secrets/index.js';
import { installationName } from '#libs/temporal/installation.js';
import { ensureSearchAttributes } from '#libs/temporal/search-attributes.js';
import { keepQueueLimits } from '#libs/temporal/task-queues.js';
import { vendorModule } from '#libs/vendors/registry.js';
import { connectNative } from './connect.js';
import { watchRights } from './rights.js';
import { fleetDeps, scanQueue, type Serving } from './scan-queue.js';
import { common, DRAIN_MARGIN_MS, HEARTBEAT_THROTTLE_MS, type ServedQueue } from './served-queue.js';
import { installRuntime } from './temporal-runtime.js';
import { countingFleet, vendorMeter } from './vendor-meter.js';

/** The compiled workflows, two folders above `apps` in the output. */
const WORKFLOW_BUNDLE = fileURLToPath(new URL('../../../workflow-bundle.js', import.meta.url));

const MAX_CACHED_WORKFLOWS = 300;
const LEAST_MAXIMUM_POLLERS = 5;
/**
 * Steps that are taken beyond those that work at a time (a connection's `concurrency`): who waits for a list that others read holds
 * nobody up. How many calls run at a time, and which goes first, the connection's pacer decides alone.
 */
const WAITING_SLOTS = 32;
/** Deliveries of notifications side by side: receivers that hang shall not take up the process. */
const DELIVERY_SLOTS = 20;

export interface StartOptions {
  logger?: Logger;
  /** How long an unreachable Temporal is waited for, in milliseconds. Default 30 s. */
  connectWithinMs?: number;
  /** Ends the waiting. */
  signal?: AbortSignal;
  /** File of the compiled workflows; default that of the build. */
  workflowBundle?: string;
}

export interface RunningWorker {
  /** Task queues that are served. */
  taskQueues: string[];
  /** Resolves when all workers have drained; rejects with the reason when one fails, and the others have been stopped. */
  done: Promise<void>;
  /** Drains: takes no more work, lets what runs end, closes all connections. A second call waits for the first. Rejects as `done` does. */
  stop(): Promise<void>;
}

/**
 * Starts one Temporal worker for the workflows and one for each served connection, over one connection to Temporal. Resolves when
 * all of them run.
 * @throws {ConfigError} for a wrong namespace or search attribute. @throws {EngineUnavailable} when Temporal stays away.
 */
export async function startWorker(settings: WorkerSettings, options: StartOptions = {}): Promise<RunningWorker> {
  const logger = options.logger ?? createLogger({ level: settings.logLevel, service: 'worker' });
  const { connectWithinMs = 30_000, signal = new AbortController().signal } = options;
  installRuntime(logger, settings.metrics);
  const native = await connectNative(settings.temporal, { logger, withinMs: connectWithinMs, signal });
  const parts: ServedQueue[] = [];
  try {
    await ensureSearchAttributes(native, settings.temporal.namespace);
    const { workflows, connections } = settings.serves;
    if (connections.length > MANY_SERVED_CONNECTIONS) {
      logger.warn(
        `this process serves ${connections.length} connections: spread them over several by GANGWAY_TASK_QUEUES`,
      );
    }
    const sealer = createSealer(settings.keyRing);
    const codePath = options.workflowBundle ?? WORKFLOW_BUNDLE;
    const installation = await installationName(native, settings.temporal.namespace, settings.installation);
    if (workflows) parts.push(await workflowQueue(native, settings, codePath, sealer));
    for (const connection of connections) {
      parts.push(...(await connectionQueues(native, settings, connection, sealer, installation)));
    }
  } catch (error) {
    await closeAll(parts, native);
    throw error;
  }
  return run(parts, native, settings, logger);
}

async function workflowQueue(
  native: NativeConnection,
  settings: WorkerSettings,
  codePath: string,
  sealer: Sealer,
): Promise<ServedQueue> {
  if (!fs.existsSync(codePath)) throw new Error(`${codePath} is missing: run npm run build`);
  const { allowPrivateUrls, notifications } = settings;
  const { timeoutMs, withinMs, ports } = notifications;
  const worker = await Worker.create({
    ...common(native, settings),
    taskQueue: WORKFLOW_TASK_QUEUE,
    workflowBundle: { codePath },
    activities: {
      ...createNotifyActivities({
        courier: new Courier({ timeoutMs, allowPrivateUrls, ports }),
        open: (secret, accountId) =>
          openSecretText(secret, NOTIFY_SECRET, { ...secretPlaces(settings, accountId), sealer, accountId }),
        withinMs,
      }),
      ...createFleetActivities(fleetDeps(native, settings)),
    },
    maxConcurrentActivityTaskExecutions: DELIVERY_SLOTS,
    activityTaskPollerBehavior: { type: 'autoscaling', minimum: 1, initial: 1, maximum: LEAST_MAXIMUM_POLLERS },
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
    // After a kill, runs cached there are taken up by others this soon (`docs/temporal.md` §4).
    stickyQueueScheduleToStartTimeout: '1s',
    shutdownGraceTime: timeoutMs + DRAIN_MARGIN_MS,
  });
  return { taskQueue: WORKFLOW_TASK_QUEUE, worker, close: () => Promise.resolve() };
}

/** The queue of a connection's steps, and that of its scans: one at a time, so that none takes a slot of a job. */
async function connectionQueues(
  native: NativeConnection,
  settings: WorkerSettings,
  connection: Connection,
  sealer: Sealer,
  installation: string,
): Promise<ServedQueue[]> {
  const module = vendorModule(connection.vendor);
  const { meter, fleetCalls } = countingFleet(vendorMeter(Runtime.instance().metricMeter, connection));
  const link = module.connect(connection, meter);
  const serving: Serving = { native, settings, connection, module, client: link.client };
  const queues: ServedQueue[] = [];
  try {
    queues.push({ ...(await connectionQueue(serving, sealer)), close: () => link.close() });
    queues.push(await scanQueue(serving, installation, fleetCalls));
    return queues;
  } catch (error) {
    await link.close();
    throw error;
  }
}

async function connectionQueue(
  { native, settings, connection, module, client }: Serving,
  sealer: Sealer,
): Promise<Omit<ServedQueue, 'close'>> {
  const { vendor, name, limits, timing } = connection;
  const taskQueue = connectionTaskQueue(vendor, name);
  const worker = await Worker.create({
    ...common(native, settings),
    taskQueue,
    activities: createConnectionActivities({
      vendor,
      resources: module.resources,
      client,
      place: module.place(connection),
      timing,
      open: (body, paths, { accountId, nodeKey }) =>
        openSecrets(body, paths, (field) => secretField(nodeKey, field), {
          ...secretPlaces(settings, accountId),
          sealer,
          accountId,
        }),
      seal: (text, field, { accountId, nodeKey }) =>
        sealer.seal(text, { accountId, field: secretField(nodeKey, field) }),
      rights: {
        mayUse: (tenant) => settings.rights.mayUse(name, tenant),
        mayAdopt: () => settings.rights.mayAdopt(name),
      },
      slots: new WorkSlots(limits.concurrency),
    }),
    maxConcurrentActivityTaskExecutions: limits.concurrency + WAITING_SLOTS,
    maxTaskQueueActivitiesPerSecond: limits.requestsPerSecond,
    activityTaskPollerBehavior: {
      type: 'autoscaling',
      minimum: 1,
      initial: 1,
      maximum: Math.max(LEAST_MAXIMUM_POLLERS, limits.concurrency),
    },
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    // No force time: a write is never cut off, and each has its deadline.
    shutdownGraceTime: limits.timeoutMs + DRAIN_MARGIN_MS,
  });
  return { taskQueue, worker };
}

/** Where the references of an account's specs lead: to what its tenant may use, and nowhere for no account. */
function secretPlaces({ secretVariables, secretsDir, rights }: WorkerSettings, accountId: string): SecretPlaces {
  const tenant = parseAccountId(accountId)?.tenant ?? '';
  return { env: secretVariables, mayName: (variable) => rights.mayName(variable, tenant), secretsDir, tenant };
}

function run(parts: ServedQueue[], native: NativeConnection, settings: WorkerSettings, logger: Logger): RunningWorker {
  const background = new AbortController();
  const unwatch = watchRights(settings, logger);
  const shutdown = (): void => {
    background.abort();
    // Once each: shutting down a worker that does not run is an error.
    for (const { worker } of parts) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = parts.map(async ({ taskQueue, worker }) => {
    try {
      await worker.run();
    } catch (error) {
      logger.error({ err: error, taskQueue }, 'a worker failed; the others are drained');
      shutdown();
      throw error;
    }
  });
  const limits = keepQueueLimits(native, settings.temporal.namespace, settings.serves.connections, {
    signal: background.signal,
    onFault: (taskQueue, err) =>
      logger.warn({ err, taskQueue }, "the task queue's rate could not be set; the workers' own holds"),
  });
  const done = (async () => {
    const ends = await Promise.allSettled([...runs, limits]);
    unwatch();
    await closeAll(parts, native);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  })();
  done.catch(() => undefined); // whoever awaits `done` or `stop` gets it; nobody has to
  return {
    taskQueues: parts.map(({ taskQueue }) => taskQueue),
    done,
    stop: () => {
      shutdown();
      return done;
    },
  };
}

async function closeAll(parts: readonly ServedQueue[], native: NativeConnection): Promise<void> {
  await Promise.all(parts.map((part) => part.close()));
  await native.close();
}
