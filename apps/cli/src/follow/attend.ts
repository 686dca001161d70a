import type { Progress } from '#libs/contracts/progress.js';

import { note, printJson, printLines, widthOf, paintOf, type CliContext } from '../context.js';
import { exitCodeOf, type ExitCode } from '../exit-codes.js';
import { stepTable } from '../render/step-table.js';
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

/** Shows a job until it is over (or, without `watch`, needs a person) and returns the exit code that tells how it stands. */
export async function attend(
  context: CliContext,
  id: string,
  options: AttendOptions & { runId?: string; before?: Progress },
): Promise<ExitCode> {
  const screen = screenFor(context, options);
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
  } finally {
    screen.end();
  }
  if (context.signal.aborted) note(context, `stopped watching ${id}; the job goes on`);
  if (options.json === true && options.watch !== true) printJson(context, progress);
  if (options.json !== true && context.out.isTTY !== true) printLines(context, endLines(context, progress));
  return exitCodeOf(progress);
}

function screenFor(context: CliContext, { json, watch }: AttendOptions): WatchScreen {
  if (json !== true) return createWatchScreen(context.out);
  return watch === true ? createJsonScreen(context.out) : silentScreen;
}

/** After plain lines, the state in which they ended. */
function endLines(context: CliContext, progress: Progress): string[] {
  return ['', ...stepTable(progress, { width: widthOf(context), now: Date.now(), paint: paintOf(context) })];
}
