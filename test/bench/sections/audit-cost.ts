import path from 'node:path';
import { AuditLog } from '#apps/api/src/audit/audit-log.js';
import { AuditFile } from '#libs/audit/index.js';
import { tempFolder } from '#test/support/sandbox.js';
import type { Report } from '../figures.js';
import { spread } from '../measure.js';
import type { Bench } from '../section.js';

const LINES = 5_000;
const MOST_MS = 1;

/** What the record of a command costs: a line with the hash of the one before, in a file. */
export async function auditCost({ progress }: Bench): Promise<Report[]> {
  progress(`audit: ${LINES} lines`);
  const { folder, remove } = tempFolder();
  const file = new AuditFile(path.join(folder, 'audit.jsonl'));
  const log = new AuditLog({ log: () => undefined, file });
  const took: number[] = [];
  for (let line = 0; line < LINES; line++) {
    const began = performance.now();
    log.record({ route: 'POST /v1/onboardings', result: '202', caller: 'bench', id: 'bench.account', runId: 'run' });
    took.push(performance.now() - began);
  }
  log.close();
  remove();
  const { p50, p95, max } = spread(took);
  const note = `p50 ${p50.toFixed(3)} ms, at most ${max.toFixed(1)} ms`;
  const figure = { name: 'a line, p95', value: p95, unit: 'ms' as const, aim: { atMost: MOST_MS }, note };
  return Promise.resolve([
    { title: 'The record of a command', figures: [figure], notes: [`${LINES} lines into a file`] },
  ]);
}
