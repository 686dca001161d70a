import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { startPart, type Part } from '#apps/cli/src/parts/part.js';
import { freePorts } from '#apps/cli/src/parts/ports.js';
import { projectFile } from '#apps/cli/src/parts/project.js';
import type { Connection } from '#libs/config/connections.js';
import { KEPT_KEY_RING } from '#libs/config/key-ring-file.js';
import { readTemporalServerConfig } from '#libs/config/temporal-server.js';
import { readWorkerSettings, type WorkerSettings } from '#libs/config/worker-settings.js';
import { accountId, type OnboardingSpec, type Plan } from '#libs/contracts/index.js';
import { planWithSecrets } from '#libs/onboarding/index.js';
import { type PlanningContext } from '#libs/planning/index.js';
import { createSealer } from '#libs/secrets/index.js';
import { connectClient } from '#libs/temporal/client.js';
import { startDevServer } from '#apps/temporal/src/dev-server.js';
import { ensureTemporalCli } from '#apps/temporal/src/ensure-cli.js';
import { installationName } from '#libs/temporal/installation.js';
import { connectionsFile, tempFolder } from '#test/support/sandbox.js';
import { startOnPostgres, type Store } from '#test/support/temporal-under-test.js';
import { controlVendors, type VendorsControl } from './vendors-control.js';

const READY_TIMEOUT_MS = 90_000;
const GRACE_MS = 30_000;
const AGENT_APPLICATION = 'a6e47a99-0000-4000-8000-000000000001';

/** Deadline of one vendor call in the benchmarks, in milliseconds. */
export const DEADLINE_MS = 5_000;
/** Pauses before an unclear outcome is believed, in milliseconds. */
export const SETTLE_MS = [200, 500, 1_000];
/** Steps and calls at a time on one connection; as many starts per second that pacing plays no part. */
const LIMITS = { concurrency: 16, requestsPerSecond: 2_000 };

/** A process whose memory is told. */
export interface BenchProcess {
  name: string;
  pid: number;
  /** True: what it starts and ends is a part of it, as the backends of a database are. */
  family?: true;
}

/** The whole engine, every part of it in a process of its own, and the vendors beside it. */
export interface BenchSystem {
  client: Client;
  namespace: string;
  settings: WorkerSettings;
  connections: readonly Connection[];
  vendors: VendorsControl;
  apiUrl: string;
  /** File of the key ring that all parts share. */
  encryptionKeys: string;
  /** The parts that run now. A Temporal server of somebody else's (`TEMPORAL_ADDRESS`) is not among them. */
  processes(): BenchProcess[];
  planning: PlanningContext;
  /** The plan of a spec as the API makes it. */
  plan(spec: OnboardingSpec): Plan;
  /** Starts one more worker; it serves all queues. */
  startWorker(): Promise<Part>;
  /** The workers that run, the oldest first. */
  workers(): readonly Part[];
  stop(): Promise<void>;
}

/** Starts Temporal, vendors, one worker and the API. What had been started is stopped when one does not come up. */
export async function startBenchSystem(log: (line: string) => void, store: Store): Promise<BenchSystem> {
  const closers: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await assemble(log, store, closers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(
  log: (line: string) => void,
  store: Store,
  closers: (() => Promise<void> | void)[],
  stop: () => Promise<void>,
): Promise<BenchSystem> {
  const { folder } = tempFolder();
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  closers.push(remove);
  const temporal = await temporalServer(folder, store, log, closers);
  const ports = await freePorts();
  const url = `http://127.0.0.1:${ports.sandbox}`;
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    GANGWAY_CONNECTIONS: connectionsFile(folder, url, {
      ...LIMITS,
      timeoutMs: DEADLINE_MS,
      settleMs: SETTLE_MS,
      giveUpAfterMs: 60_000,
      initialIntervalMs: 200,
    }),
    GANGWAY_DATA_DIR: folder,
    GANGWAY_ALLOW_PRIVATE_URLS: 'true',
    GANGWAY_PORT: String(ports.api),
    GANGWAY_SANDBOX_PORT: String(ports.sandbox),
    GANGWAY_LOG_LEVEL: 'info',
  };
  const parts: Part[] = [];
  let stopping = false;
  const launch = async (name: string, program: string): Promise<Part> => {
    const part = await startPart({
      name,
      program: projectFile('dist', program),
      environment,
      logFile: path.join(folder, 'logs', `${name} ${parts.length}.log`),
      readyTimeoutMs: READY_TIMEOUT_MS,
      graceMs: GRACE_MS,
    });
    parts.push(part);
    closers.push(() => part.stop());
    void part.exited.then((how) => {
      parts.splice(parts.indexOf(part), 1);
      if (!stopping) log(`${name} has ended: ${how}`);
    });
    return part;
  };
  const startWorker = (): Promise<Part> => launch('worker', 'apps/worker/src/main.js');

  log('starting vendors, worker and API');
  await launch('vendors (sandbox)', 'apps/sandbox/src/main.js');
  const vendors = await controlVendors(url);
  await vendors.setKnobs({
    egain: { token: { lifetimeSeconds: 3_600 } },
    sinch: { channels: { activationMs: { min: 0, max: 0 } }, requestsPerSecond: null },
  });
  const settings = readWorkerSettings(environment); // makes the key ring that all parts share
  await startWorker();
  await launch('API', 'apps/api/src/main.js');

  const connected = await connectClient(settings.temporal, settings.keyRing);
  closers.push(() => connected.close());
  const planning: PlanningContext = {
    installation: await installationName(connected.connection, temporal.namespace),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    facts: { egain: { agentClientApplicationId: AGENT_APPLICATION } },
  };
  const sealer = createSealer(settings.keyRing);
  return {
    client: connected.client,
    namespace: temporal.namespace,
    settings,
    connections: settings.connections,
    vendors,
    apiUrl: `http://127.0.0.1:${ports.api}`,
    encryptionKeys: path.join(folder, KEPT_KEY_RING),
    processes: () => [...temporal.processes(), ...parts.map(({ name, pid }) => ({ name, pid }))],
    planning,
    plan: (spec) => {
      const ref = accountId(spec);
      return planWithSecrets(spec, planning, {
        seal: (secret, field) => sealer.seal(secret, { accountId: ref, field }),
        hmac: (secret) => sealer.hmac(secret),
      });
    },
    startWorker,
    workers: () => parts.filter(({ name }) => name === 'worker'),
    stop: () => {
      stopping = true;
      return stop();
    },
  };
}

interface BenchTemporal {
  address: string;
  namespace: string;
  /** Those that this run has started. */
  processes(): BenchProcess[];
}

/** The server of `TEMPORAL_ADDRESS`, or one on free ports with nothing in it: the embedded one, or one over a PostgreSQL. */
async function temporalServer(
  folder: string,
  store: Store,
  log: (line: string) => void,
  closers: (() => Promise<void> | void)[],
): Promise<BenchTemporal> {
  const config = readTemporalServerConfig();
  const { address, namespace } = config;
  if (address !== undefined) return { address, namespace, processes: () => [] };
  log(`starting a Temporal server on ${store}`);
  if (store === 'postgres') {
    const server = await startOnPostgres({}, log);
    closers.push(() => server.stop());
    const { cluster, temporal } = server;
    const processes = (): BenchProcess[] => [
      ...[...cluster.servers.values()].map(({ pid }) => ({ name: 'Temporal server', pid })),
      { name: 'PostgreSQL', pid: cluster.database.part.pid, family: true },
    ];
    return { address: temporal.address, namespace: temporal.namespace, processes };
  }
  const binary = await ensureTemporalCli(config, { log });
  const server = await startDevServer({ binary, dataDir: path.join(folder, 'temporal'), ports: 'free', log });
  closers.push(() => server.stop());
  const processes = (): BenchProcess[] => [{ name: 'Temporal server', pid: server.pid }];
  return { address: server.address, namespace: server.namespace, processes };
}
