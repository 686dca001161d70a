import type { StartAnswer } from '../api/answers.js';
import { defineCommand, withFollowing, withSpec, type Command } from '../command.js';
import { note, paintOf, printJson, printLines, widthOf } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { attend, follows, type AttendOptions } from '../follow/attend.js';
import { commandLine } from '../render/next-steps.js';
import { warningLines } from '../render/plan-table.js';
import { readSpec, withPlaces } from '../spec/read-spec.js';

interface OnboardOptions extends AttendOptions {
  file: string;
  planHash?: string;
  idempotencyKey?: string;
}

/** Starts an onboarding; started before with the same spec, it is the same run. */
const onboard: Command<OnboardOptions> = async (context, options) => {
  const spec = await readSpec(options.file, context.stdin);
  const call = context.client().call<StartAnswer>('POST', '/onboardings', {
    body: options.planHash === undefined ? spec.value : { ...spec.value, planHash: options.planHash },
    headers: options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey },
  });
  const { body, headers } = await withPlaces(spec, call);
  const { id, runId, status, warnings } = body;
  if (options.json !== true) {
    const replayed = headers.get('idempotent-replayed') === 'true';
    printLines(context, [
      ...warningLines(warnings, { paint: paintOf(context), width: widthOf(context) }),
      `${id}: run ${runId} ${replayed ? 'was there already' : 'accepted'} (${status})`,
    ]);
    if (!follows(options)) note(context, hintOf(id, status));
  } else if (!follows(options)) {
    printJson(context, body);
  }
  return follows(options) ? attend(context, id, { ...options, runId }) : EXIT.done;
};

/** A job that has ended is not followed any more. */
function hintOf(id: string, status: StartAnswer['status']): string {
  const moves: readonly StartAnswer['status'][] = ['queued', 'running', 'waiting', 'rolling-back'];
  return moves.includes(status)
    ? `follow it with: ${commandLine(`watch ${id}`)}`
    : `see it with: ${commandLine(`status ${id}`)}`;
}

export const ONBOARD_COMMAND = defineCommand(
  'onboard',
  'start an onboarding',
  (command) =>
    withFollowing(withSpec(command))
      .option('--plan-hash <hash>', 'refuse unless the plan is still this one')
      .option('--idempotency-key <key>', 'repeating the call with the same key is the same start'),
  onboard,
);
