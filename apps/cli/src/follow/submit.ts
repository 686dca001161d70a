import type { ApiClient } from '../api/client.js';
import { printJson, printLines, type CliContext } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { attend, follows, type AttendOptions } from './attend.js';
import { readProgress } from './follow-run.js';

/** Something that is asked of a job which is there already. */
export interface Submission<Answer> {
  id: string;
  /** The run that is meant; absent: the one that the API takes by itself. */
  runId?: string;
  /** Asks for it. */
  send: (client: ApiClient) => Promise<Answer>;
  /** What is told to a person of the answer. */
  told: (answer: Answer) => readonly string[];
}

/** Asks something of a job, tells that it was accepted, and, where asked to, follows what comes of it. */
export async function submit<Answer>(
  context: CliContext,
  { id, runId, send, told }: Submission<Answer>,
  options: AttendOptions,
): Promise<ExitCode> {
  const client = context.client();
  // As it stands before: what happened until then is no answer to the command.
  const before = follows(options) ? await readProgress(client, id, runId) : undefined;
  const answer = await send(client);
  if (options.json !== true) printLines(context, told(answer));
  if (before !== undefined) return attend(context, id, { ...options, runId: before.runId, before });
  if (options.json === true) printJson(context, answer);
  return EXIT.done;
}
