import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { startEngine, type Engine } from '#test/support/engine.js';
import { tempFolder, type ConnectionTimes } from '#test/support/sandbox.js';
import type { TestTemporal } from '../../global-setup.js';
import { startWorkerProcess, type WorkerProcess } from './worker-process.js';

/** Ends of the names of the connections that jobs use. */
const USED = ['egain-main', 'sinch-eu', 'liveperson-main'];
/** Settle pauses of every lane, in milliseconds. */
export const SETTLE_MS = [20, 50, 100];

interface ConnectionsFile {
  connections: Record<string, unknown>;
  retry: unknown;
}

/**
 * Several sandboxes, each with connections of its own, and worker processes that serve all of them: one crash of a worker then hits
 * as many jobs as there are lanes, each at a point of its own.
 */
export interface Lanes {
  readonly engines: Engine[];
  /** What a worker or an API process needs to serve every lane. */
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  startWorker(): Promise<WorkerProcess>;
  /** Ends all worker processes, the frozen ones too, so that no call of theirs is under way any more. */
  stopWorkers(): Promise<void>;
  close(): Promise<void>;
}

/** One lane for each entry of `times`. Worker processes are started by the caller. */
export async function openLanes(temporal: TestTemporal, times: readonly ConnectionTimes[]): Promise<Lanes> {
  const { folder, remove } = tempFolder();
  const engines: Engine[] = [];
  // One after the other: each has to connect within a time, which many at once may miss on a small machine.
  for (const each of times) {
    const environment = { GANGWAY_DATA_DIR: folder };
    const options = { ...each, settleMs: SETTLE_MS, liveperson: true, worker: false, environment };
    engines.push(await startEngine(temporal, options));
  }
  const environment: NodeJS.ProcessEnv = {
    ...engines[0]?.environment,
    GANGWAY_CONNECTIONS: mergedConnections(engines, folder),
    GANGWAY_LOG_LEVEL: 'info',
  };
  const workers = new Set<WorkerProcess>();
  const stopWorkers = async (): Promise<void> => {
    await Promise.all([...workers].map((worker) => worker.stop()));
    workers.clear();
  };
  return {
    engines,
    environment,
    folder,
    startWorker: async () => {
      const worker = await startWorkerProcess(environment, folder);
      workers.add(worker);
      return worker;
    },
    stopWorkers,
    close: async () => {
      await stopWorkers();
      await Promise.all(engines.map((engine) => engine.stop()));
      remove();
    },
  };
}

/** The connections of all lanes in one file. Their names differ by each engine's prefix. */
function mergedConnections(engines: readonly Engine[], folder: string): string {
  const files = engines.map(
    ({ environment }) => parse(readFileSync(environment['GANGWAY_CONNECTIONS'] ?? '', 'utf8')) as ConnectionsFile,
  );
  const file = path.join(folder, 'all-connections.yaml');
  const all = Object.assign({}, ...files.map((each) => each.connections)) as ConnectionsFile['connections'];
  // A worker process serves every connection of the file: those that no job uses would only cost time.
  const connections = Object.fromEntries(
    Object.entries(all).filter(([name]) => USED.some((end) => name.endsWith(end))),
  );
  writeFileSync(file, stringify({ connections, retry: files[0]?.retry }));
  return file;
}
