import type { CommandAnswer } from '../api/answers.js';
import { defineCommand, withFollowing, withReason, withRunId, type Command, type CommandSpec } from '../command.js';
import type { AttendOptions } from '../follow/attend.js';
import { submit } from '../follow/submit.js';
import { readSpec, withPlaces } from '../spec/read-spec.js';

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
    const spec = file === undefined ? undefined : await readSpec(file, context.stdin);
    const body = { reason, ...(spec === undefined ? {} : { spec: spec.value }) };
    const path = `/onboardings/${encodeURIComponent(id)}/${verb}`;
    return submit(
      context,
      {
        id,
        ...(runId === undefined ? {} : { runId }),
        send: async (client) =>
          (await withPlaces(spec, client.call<CommandAnswer>('POST', path, { query: { runId }, body }))).body,
        told: ({ commandId, waitingFor }) => [
          `${id}: ${verb} accepted (command ${commandId})`,
          ...(waitingFor
            ? [
                `it is kept and takes effect later: the job waits for ${waitingFor.kind}: ${waitingFor.instruction ?? ''}`,
              ]
            : []),
        ],
      },
      options,
    );
  };
}

const steering = (...more: Parameters<typeof defineCommand>[2][]): Parameters<typeof defineCommand>[2] => {
  return (command) => [withReason, withRunId, withFollowing, ...more].reduce((made, add) => add(made), command);
};

export const CONTROL_COMMANDS: readonly CommandSpec[] = [
  defineCommand('cancel <id>', 'cancel a job: what it made is undone', steering(), control('cancel')),
  defineCommand(
    'retry <id>',
    'go on with a held job',
    steering((command) => command.option('-f, --file <spec>', 'with a corrected spec')),
    control('retry'),
  ),
  defineCommand(
    'rollback <id>',
    'undo a held job, or try an incomplete rollback again',
    steering(),
    control('rollback'),
  ),
  defineCommand(
    'accept-leftovers <id>',
    'end a job whose rollback is incomplete, as it is',
    steering(),
    control('accept-leftovers'),
  ),
];
