import type { CommandAnswer } from '../api/answers.js';
import { printJson, printLines, type Command } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { attend, type AttendOptions } from '../follow/attend.js';
import { readProgress } from '../follow/follow-run.js';
import { readSpec } from '../spec-file.js';

export interface ControlOptions extends AttendOptions {
  id: string;
  reason: string;
  runId?: string;
  /** `retry` only: the corrected spec. */
  file?: string;
}

/** Sends a command to a job. The API refuses one that does not fit the job's status. */
function control(verb: 'cancel' | 'retry' | 'rollback' | 'accept-leftovers'): Command<ControlOptions> {
  return async (context, { id, reason, runId, file, ...options }) => {
    const client = context.client();
    const follows = options.wait === true || options.watch === true;
    const spec = file === undefined ? {} : { spec: await readSpec(file, context.stdin) };
    const before = follows ? await readProgress(client, id, runId) : undefined;
    const path = `/onboardings/${encodeURIComponent(id)}/${verb}`;
    const { body } = await client.call<CommandAnswer>('POST', path, { query: { runId }, body: { reason, ...spec } });
    if (options.json !== true) printLines(context, [`${id}: ${verb} accepted (command ${body.commandId})`]);
    if (before === undefined) {
      if (options.json === true) printJson(context, body);
      return EXIT.done;
    }
    return attend(context, id, { ...options, runId: before.runId, before });
  };
}

export const cancel = control('cancel');
export const retry = control('retry');
export const rollback = control('rollback');
export const acceptLeftovers = control('accept-leftovers');
