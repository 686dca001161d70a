import { setTimeout as pause } from 'node:timers/promises';

import type { FleetReport } from '#libs/contracts/fleet.js';

import type { ReconciliationAnswer } from '../api/answers.js';
import type { ApiClient } from '../api/client.js';
import { ApiProblem, ApiUnreachable } from '../api/problem.js';
import { note, paintOf, printJson, printLines, widthOf, type CliContext } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { progressLine, reconciliationReport } from '../render/reconciliation-report.js';

/** Between two looks at a run. Milliseconds. */
const PAUSE_MS = 1_000;
/** So long an API that does not answer is waited for. */
const GIVE_UP_AFTER_MS = 60_000;

/** Path of a run by its id. Its colons stay as they are. */
export function reconciliationPath(id: string): string {
  return `/reconciliations/${encodeURIComponent(id).replaceAll('%3A', ':')}`;
}

/** The exit code that tells how a run stands: 2 for drift that is left, or a stop; 1 where a connection could not be read. */
export function exitCodeOfRun({ status, counts, orphans, stopped }: FleetReport): ExitCode {
  if (stopped !== null || status === 'stopped') return EXIT.differs;
  if (status === 'failed') return EXIT.error;
  const left = counts.drifted - counts.repaired;
  return left > 0 || orphans.some(({ removed }) => !removed) || counts.orphans > orphans.length
    ? EXIT.differs
    : EXIT.done;
}

/** Shows how far a run is until it is over, then its report. */
export async function followReconciliation(
  context: CliContext,
  id: string,
  { json }: { json: boolean },
): Promise<ExitCode> {
  let told = '';
  const report = await untilOver(context, id, (now) => {
    const line = progressLine(now);
    if (json || line === told) return;
    told = line;
    note(context, line);
  });
  if (report.status === 'running') {
    note(context, `stopped watching ${id}; the run goes on`);
    return EXIT.done;
  }
  if (json) printJson(context, report);
  else printLines(context, reconciliationReport(report, { paint: paintOf(context), width: widthOf(context) }));
  return exitCodeOfRun(report);
}

async function untilOver(
  context: CliContext,
  id: string,
  onProgress: (report: ReconciliationAnswer) => void,
): Promise<ReconciliationAnswer> {
  const { signal } = context;
  for (;;) {
    const report = await readPatiently(context.client(), id);
    onProgress(report);
    if (report.status !== 'running') return report;
    const stopped = await pause(PAUSE_MS, false, { signal }).catch(() => true);
    if (stopped) return report;
  }
}

/** An API that is away for a moment does not end the wait. */
async function readPatiently(client: ApiClient, id: string): Promise<ReconciliationAnswer> {
  const since = Date.now();
  for (;;) {
    try {
      return (await client.call<ReconciliationAnswer>('GET', reconciliationPath(id))).body;
    } catch (error) {
      const passes = error instanceof ApiUnreachable || (error instanceof ApiProblem && error.status >= 502);
      if (!passes || Date.now() - since > GIVE_UP_AFTER_MS) throw error;
      await pause(PAUSE_MS);
    }
  }
}
