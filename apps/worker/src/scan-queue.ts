import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { Worker, type NativeConnection } from '@temporalio/worker';
import { createScanActivities, createSweepActivities, type FleetDeps } from '#activities/fleet/index.js';
import { tenantMayUse, type Connection } from '#libs/config/connections.js';
import type { WorkerSettings } from '#libs/config/worker-settings.js';
import { scanTaskQueue } from '#libs/contracts/index.js';
import type { ScanPace } from '#libs/fleet/index.js';
import type { RegistryAccess } from '#libs/registry/index.js';
import { createDataConverter, loadedDataConverter } from '#libs/temporal/data-converter.js';
import { createDecoder } from '#libs/temporal/decode.js';
import type { VendorModule } from '#libs/vendors/module.js';
import { vendorModule } from '#libs/vendors/registry.js';
import { common, DRAIN_MARGIN_MS, HEARTBEAT_THROTTLE_MS, type ServedQueue } from './served-queue.js';

/** A connection with the client that all its queues share. */
export interface Serving {
  native: NativeConnection;
  settings: WorkerSettings;
  connection: Connection;
  module: VendorModule;
  client: unknown;
}

/** The queue of a connection's scans and sweeps: one at a time, so that none takes a slot of a job. */
export async function scanQueue(
  { native, settings, connection, module, client }: Serving,
  installation: string,
  fleetCalls: () => number,
): Promise<ServedQueue> {
  const { vendor, limits, timing } = connection;
  const taskQueue = scanTaskQueue(connection);
  const paceOf = (signal: AbortSignal): ScanPace => ({
    ...{ signal, timing, now: () => Date.now() },
    sleep: async (ms) => delay(ms, undefined, { signal }),
  });
  const shared = { vendor, resources: module.resources, client, installation, timing };
  const worker = await Worker.create({
    ...common(native, settings),
    taskQueue,
    activities: {
      ...createScanActivities({
        ...shared,
        place: module.place(connection),
        access: registryAccess(native, settings),
        fleetCalls,
      }),
      ...createSweepActivities({ ...shared, paceOf }),
    },
    maxConcurrentActivityTaskExecutions: 1,
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    shutdownGraceTime: limits.timeoutMs + DRAIN_MARGIN_MS,
  });
  return { taskQueue, worker, close: () => Promise.resolve() };
}

function registryAccess(
  native: NativeConnection,
  { temporal: { namespace }, keyRing }: WorkerSettings,
): RegistryAccess {
  const decoder = createDecoder(loadedDataConverter(keyRing, namespace), namespace);
  return { service: native.workflowService, decoder, namespace };
}

/** What the activities of runs over the fleet work with. */
export function fleetDeps(native: NativeConnection, settings: WorkerSettings): FleetDeps {
  const { connectionsFile, temporal, keyRing, connections, reconciliation } = settings;
  const { namespace } = temporal;
  return {
    access: registryAccess(native, settings),
    client: new Client({ connection: native, namespace, dataConverter: createDataConverter(keyRing, namespace) }),
    connections: () =>
      (connectionsFile?.current().connections ?? connections).map((connection) => ({
        ...{ vendor: connection.vendor, name: connection.name },
        byHand: vendorModule(connection.vendor).byHand?.(connection) ?? false,
        mayUse: (tenant: string) => tenantMayUse(connection, tenant),
      })),
    limits: () => connectionsFile?.current().reconciliation ?? reconciliation,
  };
}
