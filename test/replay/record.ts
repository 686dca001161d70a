/**
 * `npm run record:histories`: plays every scenario on a fresh Temporal server, or those that are named behind `--`, and writes the
 * histories that later code must replay.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { readTemporalServerConfig } from '#libs/config/temporal-server.js';
import { startDevServer } from '#apps/temporal/src/dev-server.js';
import { ensureTemporalCli } from '#apps/temporal/src/ensure-cli.js';
import { startEngine } from '#test/support/engine.js';
import { historiesOf, SCENARIOS, scenarioSpec } from './scenarios.js';

const FOLDER = path.resolve('test/replay/histories');
const KEY_RING = path.resolve('test/replay/key-ring.json');

const named = process.argv.slice(2);
const wanted = SCENARIOS.filter(({ name }) => named.length === 0 || named.includes(name));
if (wanted.length < named.length) throw new Error(`known are ${SCENARIOS.map(({ name }) => name).join(', ')}`);

const log = (line: string): void => console.log(line);
const dataDir = mkdtempSync(path.join(tmpdir(), 'gangway-record-'));
const binary = await ensureTemporalCli(readTemporalServerConfig(), { log });
const server = await startDevServer({ binary, dataDir, ports: 'free', log });
try {
  const { address, namespace } = server;
  const temporal = { address, namespace, dataDir, encryptionKeys: KEY_RING, postgres: null };
  const engine = await startEngine(temporal, {
    giveUpAfterMs: 500,
    liveperson: true,
    environment: { GANGWAY_ALLOW_READABLE_KEYS: 'true' }, // the ring is in the repository
  });
  mkdirSync(FOLDER, { recursive: true });
  for (const scenario of wanted) {
    // One that is recorded anew may have other runs than before.
    for (const file of readdirSync(FOLDER)) if (file.startsWith(`${scenario.name}.`)) rmSync(path.join(FOLDER, file));
    engine.sandbox.reset();
    const effect = { kind: 'status', status: 403 } as const;
    const refused =
      scenario.unhindered === true ? [] : [{ match: { resource: 'account', operation: 'create' as const }, effect }];
    engine.sandbox.setFaults(refused);
    const job = await engine.start(scenarioSpec(scenario));
    await scenario.play(engine, job);
    for (const { workflow, workflowId, runId } of await historiesOf(engine, job, scenario)) {
      const history = await engine.client.workflow.getHandle(workflowId, runId).fetchHistory();
      const file = `${scenario.name}.${workflow}.json`;
      writeFileSync(path.join(FOLDER, file), `${JSON.stringify(JSON.parse(historyToJSON(history)))}\n`);
      log(`${file}: ${String(history.events?.length ?? 0)} events`);
    }
  }
  await engine.stop();
} finally {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
