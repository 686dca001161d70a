import type { ListAnswer, OnboardingItem, StartAnswer } from '../api/answers.js';
import { note, paintOf, printJson, printLines, widthOf, type CliContext, type Command } from '../context.js';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.js';
import { attend, type AttendOptions } from '../follow/attend.js';
import { readProgress } from '../follow/follow-run.js';
import { columns } from '../render/columns.js';
import { warningLines } from '../render/plan-table.js';
import { stepTable } from '../render/step-table.js';
import { duration } from '../render/text.js';
import { readSpec } from '../spec-file.js';
import { readPages } from './pages.js';

export interface OnboardOptions extends AttendOptions {
  file: string;
  planHash?: string;
  idempotencyKey?: string;
}

/** Starts an onboarding; started before with the same spec, it is the same run. */
export const onboard: Command<OnboardOptions> = async (context, options) => {
  const spec = await readSpec(options.file, context.stdin);
  const answer = await context.client().call<StartAnswer>('POST', '/onboardings', {
    body: options.planHash === undefined ? spec : { ...spec, planHash: options.planHash },
    headers: options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey },
  });
  const { id, runId, status, warnings } = answer.body;
  const follows = options.wait === true || options.watch === true;
  if (options.json !== true) {
    const replayed = answer.headers.get('idempotent-replayed') === 'true';
    printLines(context, [
      ...warningLines(warnings, paintOf(context)),
      `${id}: run ${runId} ${replayed ? 'was there already' : 'accepted'} (${status})`,
    ]);
    if (!follows) note(context, `follow it with: gangway watch ${id}`);
  } else if (!follows) {
    printJson(context, answer.body);
  }
  return follows ? attend(context, id, { ...options, runId }) : EXIT.done;
};

export interface StatusOptions {
  id: string;
  runId?: string;
  json?: boolean;
}

/** Shows a job's progress once; the exit code tells how it stands. */
export const status: Command<StatusOptions> = async (context, { id, runId, json }) => {
  const progress = await readProgress(context.client(), id, runId);
  if (json === true) printJson(context, progress);
  else {
    const table = { width: widthOf(context), now: Date.now(), paint: paintOf(context) };
    const { temporalUi } = progress.links;
    printLines(context, [
      ...stepTable(progress, table),
      `run ${progress.runId}${temporalUi === null ? '' : `  ${temporalUi}`}`,
    ]);
  }
  return exitCodeOf(progress);
};

/** Shows a job while it runs, until it has ended; with `wait` also no longer than until a person has to act. */
export const watch: Command<StatusOptions & { wait?: boolean }> = (context, { id, runId, json, wait }) =>
  attend(context, id, {
    ...(runId === undefined ? {} : { runId }),
    json: json === true,
    wait: wait === true,
    watch: wait !== true,
  });

export interface ListOptions {
  tenant?: string;
  status?: string;
  chain?: string;
  limit: number;
  json?: boolean;
}

/** Lists jobs, newest first. */
export const list: Command<ListOptions> = async (context, { json, limit, ...filters }) => {
  const answer = await readPages<OnboardingItem>(context.client(), '/onboardings', { ...filters }, limit);
  return showList(context, answer, json === true);
};

function showList(context: CliContext, answer: ListAnswer<OnboardingItem>, json: boolean): ExitCode {
  if (json) printJson(context, answer);
  else if (answer.items.length === 0) printLines(context, ['no onboardings']);
  else {
    const rows = answer.items.map((item) => [
      item.id,
      statusOf(item),
      item.step ?? '',
      item.errorCode ?? '',
      ageOf(item),
      item.runId,
    ]);
    const width = widthOf(context);
    printLines(context, columns(['ACCOUNT', 'STATUS', 'STEP', 'ERROR', 'STARTED', 'RUN'], rows, width));
    if (answer.nextCursor !== null) note(context, 'there are more: raise --limit');
  }
  return EXIT.done;
}

function statusOf({ status, waitingFor }: OnboardingItem): string {
  return waitingFor === null ? status : `${status} (${waitingFor.kind})`;
}

function ageOf({ startedAt }: OnboardingItem): string {
  return `${duration(Date.now() - Date.parse(startedAt))} ago`;
}
