import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTemporalServerConfig } from '#libs/config/temporal-server.js';
import { startDevServer, type DevServer } from '#apps/temporal/src/dev-server.js';
import { ensureTemporalCli } from '#apps/temporal/src/ensure-cli.js';
import { newKeyRingFile } from '../../global-setup.js';
import { openLanes, type Lanes } from './lanes.js';
import { cellsOf, POINTS, SHIFTS } from './points.js';
import { crashRound, standingOf, type Outcome } from './round.js';

const ALL = process.env['GANGWAY_FAULTS'] === 'all';
const ROUND_TIMEOUT_MS = 300_000;

const points = POINTS.filter((point) => !point.cancel); // a command needs the server
const dataDir = mkdtempSync(path.join(tmpdir(), 'gangway-server-'));
let server: DevServer;
let lanes: Lanes;
let binary: string;

beforeAll(async () => {
  binary = await ensureTemporalCli(readTemporalServerConfig(), { log: () => undefined });
  server = await startDevServer({ binary, dataDir, ports: 'free' });
  lanes = await openLanes(
    { address: server.address, namespace: server.namespace, dataDir, encryptionKeys: newKeyRingFile(dataDir) },
    points.map(({ hold }) => ({ timeoutMs: hold.timeoutMs, giveUpAfterMs: 60_000 })),
  );
});
afterAll(async () => {
  await lanes.close();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Kills the server and starts it again on the same database and ports: clients and workers find it by themselves. */
async function killServer(): Promise<void> {
  const ports = { port: portOf(`http://${server.address}`), uiPort: portOf(server.uiUrl) };
  process.kill(server.pid, 'SIGKILL');
  expect(await server.exited).toBe('was ended by SIGKILL');
  await server.stop();
  server = await startDevServer({ binary, dataDir, ports });
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

const CRASHES = [
  { name: 'the server and the worker killed together', withWorker: true },
  { name: 'the server killed', withWorker: false },
];

const rounds = ALL
  ? CRASHES.flatMap((crash) => SHIFTS.map((shift) => ({ ...crash, shift })))
  : CRASHES.slice(0, 1).map((crash) => ({ ...crash, shift: 0 }));

describe.each(rounds)('$name, and started again on its database (targets from $shift)', ({ withWorker, shift }) => {
  const cells = cellsOf(points, shift);
  let outcomes: Outcome[];

  beforeAll(async () => {
    const worker = await lanes.startWorker();
    const crash = async (): Promise<void> => {
      if (withWorker) worker.signal('SIGKILL');
      await killServer();
      if (withWorker) await lanes.startWorker();
    };
    outcomes = await crashRound(lanes, cells, crash);
  }, ROUND_TIMEOUT_MS);

  it.each(cells.map((cell, i) => ({ at: `${cell.point.name}: ${cell.target.name}`, cell, i })))(
    '$at',
    ({ cell, i }) => {
      expect(outcomes[i], outcomes[i]?.calls).toMatchObject({
        status: cell.point.ends,
        standing: standingOf(cell),
        othersUntouched: true,
        blind: [],
      });
    },
  );
});
