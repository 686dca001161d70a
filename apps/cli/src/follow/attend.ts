import type { Progress } from '#libs/contracts/progress.js';

import { note, paintOf, printJson, widthOf, type CliContext } from '../context.js';
import { exitCodeOf, type ExitCode } from '../exit-codes.js';
import { jobReport } from '../render/job-report.js';
import { acceptanceOf } from './acceptance.js';
import { followRun } from './follow-run.js';
import { createJsonScreen, createWatchScreen, silentScreen, type WatchScreen } from './watch-screen.js';

/** How a command that starts or steers a job stays with it. */
export interface AttendOptions {
  /** Until the job has ended or waits for a person. */
  wait?: boolean;
  /** Until the job has ended. */
  watch?: boolean;
  json?: boolean;
}

/** Returns true when a command stays with the job that it has started or steered. */
export function follows({ wait, watch }: AttendOptions): boolean {
  return wait === true || watch === true;
}

/** Shows a job until it is over (or, without `watch`, needs a person) and returns the exit code that tells how it stands. */
export async function attend(
  context: CliContext,
  id: string,
  options: AttendOptions & { runId?: string; before?: Progress },
): Promise<ExitCode> {
  const screen = screenFor(context, options);
  let report: string[] | undefined;
  let progress: Progress;
  try {
    progress = await followRun(context.client(), id, {
      ...(options.runId === undefined ? {} : { runId: options.runId }),
      ...(options.before === undefined ? {} : { before: options.before }),
      untilClosed: options.watch === true,
      signal: context.signal,
      onProgress: (p) => screen.onProgress(p),
      onEvent: (e) => screen.onEvent(e),
      onLost: (reason) => screen.onLost(reason),
    });
    if (options.json !== true) report = await reportOf(context, progress);
  } finally {
    screen.end(report);
  }
  if (context.signal.aborted) note(context, `stopped watching ${id}; the job goes on`);
  if (options.json === true && options.watch !== true) printJson(context, progress);
  return exitCodeOf(progress);
}

/** All that there is to say of a job, as lines for `context.out`. */
export async function reportOf(context: CliContext, progress: Progress): Promise<string[]> {
  const accepted = await acceptanceOf(context, progress);
  return jobReport(progress, { width: widthOf(context), now: Date.now(), paint: paintOf(context) }, accepted);
}

function screenFor(context: CliContext, { json, watch }: AttendOptions): WatchScreen {
  if (json !== true) return createWatchScreen(context.out);
  return watch === true ? createJsonScreen(context.out) : silentScreen;
}
