import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { parse, stringify } from 'yaml';
import { startWorker } from '#apps/worker/src/worker.js';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import { readWorkerSettings } from '#libs/config/worker-settings.js';
import { accountId, type Issued, type OnboardingSpec, type Plan } from '#libs/contracts/index.js';
import { connectionFacts, issuedField, planWithSecrets } from '#libs/onboarding/index.js';
import { createSealer } from '#libs/secrets/index.js';
import { connectClient } from '#libs/temporal/client.js';
import { installationName } from '#libs/temporal/installation.js';
import { planningContext } from '#test/factories/index.js';
import type { TestTemporal } from '#test/global-setup.js';
import { handoffOf, startJob, type Job } from '#test/support/engine.js';
import { connectionsFile, startSandbox, tempFolder, type ConnectionTimes } from '#test/support/sandbox.js';

/** A sandbox with connections of its own: one cell at a time runs in it. */
export interface Lane {
  sandbox: Sandbox;
  client: Client;
  installation: string;
  times: Required<Pick<ConnectionTimes, 'timeoutMs' | 'settleMs'>>;
  plan(spec: OnboardingSpec): Plan;
  start(spec: OnboardingSpec): Promise<Job>;
  /** Hands a job what a person answers, in clear; it is sealed on the way, as by the API. */
  answer(job: Job, values: Readonly<Record<string, string>>): Promise<void>;
}

/** Lanes that one worker serves, side by side. */
export interface Lanes {
  /** Runs a task as soon as a lane is free, first come, first served. */
  run<T>(task: (lane: Lane) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export type LaneTimes = Lane['times'] & Required<Pick<ConnectionTimes, 'giveUpAfterMs' | 'initialIntervalMs'>>;

/** Starts a worker that serves `count` lanes, all with the same times. */
export async function startLanes(temporal: TestTemporal, count: number, times: LaneTimes): Promise<Lanes> {
  const { folder, remove } = tempFolder();
  const prefix = randomUUID().slice(0, 8);
  const sandboxes = await Promise.all(Array.from({ length: count }, () => startSandbox()));
  const file = writeConnections(
    folder,
    sandboxes.map(({ url }, i) => ({ url, prefix: prefixOf(prefix, i) })),
    times,
  );
  const settings = readWorkerSettings({
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    GANGWAY_ENCRYPTION_KEYS: temporal.encryptionKeys,
    GANGWAY_CONNECTIONS: file,
    GANGWAY_DATA_DIR: folder,
    GANGWAY_ALLOW_PRIVATE_URLS: 'true',
    GANGWAY_LOG_LEVEL: 'silent',
  });
  const connected = await connectClient(settings.temporal, settings.keyRing);
  const { client } = connected;
  const installation = await installationName(connected.connection, temporal.namespace);
  const sealer = createSealer(settings.keyRing);
  const worker = await startWorker(settings);
  const planOn = (lane: number, spec: OnboardingSpec): Plan => {
    const ref = accountId(spec);
    const connections = Object.fromEntries(
      Object.entries(spec.connections).map(([vendor, name]) => [vendor, `${prefixOf(prefix, lane)}${name}`]),
    );
    const context = planningContext({
      installation,
      sha256: (text) => createHash('sha256').update(text).digest('hex'),
      facts: connectionFacts({ connections }, settings.connections),
    });
    return planWithSecrets({ ...spec, connections }, context, {
      seal: (secret, field) => sealer.seal(secret, { accountId: ref, field }),
      hmac: (secret) => sealer.hmac(secret),
    });
  };
  const lanes = sandboxes.map(({ sandbox }, i): Lane => ({
    sandbox,
    client,
    installation,
    times,
    plan: (spec) => planOn(i, spec),
    start: (spec) => startJob(client, temporal.namespace, spec, planOn(i, spec)),
    answer: async (job, values) => {
      const handoff = await handoffOf(job);
      if (!handoff) throw new Error(`${job.id} asks nobody`);
      const sealed = Object.entries(values).map(([name, value]) => [
        name,
        sealer.seal(value, { accountId: job.id, field: issuedField(handoff.key, 'person', name) }),
      ]);
      await job.command('handoff', { answer: { handoff: handoff.id, values: Object.fromEntries(sealed) as Issued } });
    },
  }));
  return {
    run: pool(lanes),
    close: async () => {
      await worker.stop();
      await connected.close();
      await Promise.all(sandboxes.map(({ sandbox }) => sandbox.close()));
      remove();
    },
  };
}

function pool(lanes: readonly Lane[]): Lanes['run'] {
  const free = [...lanes];
  const waiting: ((lane: Lane) => void)[] = [];
  const take = (): Promise<Lane> => {
    const lane = free.shift();
    return lane ? Promise.resolve(lane) : new Promise((resolve) => waiting.push(resolve));
  };
  const give = (lane: Lane): void => {
    const next = waiting.shift();
    if (next) next(lane);
    else free.push(lane);
  };
  return async (task) => {
    const lane = await take();
    try {
      return await task(lane);
    } finally {
      give(lane);
    }
  };
}

function prefixOf(prefix: string, lane: number): string {
  return `${prefix}-${String(lane)}-`;
}

/** One file with the connections of all lanes. */
function writeConnections(folder: string, lanes: { url: string; prefix: string }[], times: LaneTimes): string {
  const files = lanes.map(({ url, prefix }) => {
    const own = path.join(folder, prefix);
    mkdirSync(own);
    return parse(readFileSync(connectionsFile(own, url, { ...times, liveperson: true }, prefix), 'utf8')) as {
      connections: object;
    };
  });
  const connections = Object.assign({}, ...files.map((each) => each.connections)) as object;
  const file = path.join(folder, 'connections.yaml');
  writeFileSync(file, stringify({ ...files[0], connections }));
  return file;
}
