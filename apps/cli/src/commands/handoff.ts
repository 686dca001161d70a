import { readFile, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

import { parseDocument } from 'yaml';

import { isJsonObject, type JsonObject } from '#libs/contracts/json.js';

import type { CommandAnswer, HandoffAnswer } from '../api/answers.js';
import { note, printJson, printLines, type CliContext, type Command } from '../context.js';
import { CliError, errorText } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { attend, type AttendOptions } from '../follow/attend.js';
import { readProgress } from '../follow/follow-run.js';
import { duration, printable } from '../render/text.js';
import { createPrompt } from '../secret-prompt.js';

export interface HandoffOptions extends AttendOptions {
  id: string;
  runId?: string;
  /** Where the file goes, byte for byte; `-` for standard output. */
  save?: string;
  /** A file with the answer, `-` for standard input; true: ask for it at the terminal. */
  answer?: string | true;
  done?: boolean;
  reject?: string;
}

/** Shows what a person is asked for, saves the file, or gives the person's answer. */
export const handoff: Command<HandoffOptions> = async (context, options) => {
  const { answer, done, reject, save } = options;
  const given = [answer !== undefined, done === true, reject !== undefined].filter(Boolean).length;
  if (given > 1) throw new CliError('give one answer: --answer, --done or --reject');
  if (given === 0) return show(context, options);
  if (save !== undefined) throw new CliError('save the file before it is answered: --save goes without an answer');
  if (reject !== undefined) return send(context, options, { rejected: reject });
  if (done === true) return send(context, options, { done: true });
  return send(
    context,
    options,
    answer === true ? await asked(context) : await readAnswer(answer ?? '-', context.stdin),
  );
};

async function show(context: CliContext, { id, runId, save, json }: HandoffOptions): Promise<typeof EXIT.done> {
  const { body } = await context.client().call<HandoffAnswer>('GET', pathOf(id), { query: { runId } });
  if (save === '-') {
    context.out.write(body.manifest);
    return EXIT.done;
  }
  if (save !== undefined) await saveFile(save, body.manifest);
  if (json === true) printJson(context, body);
  else printLines(context, linesOf(id, body, save));
  return EXIT.done;
}

function linesOf(id: string, body: HandoffAnswer, saved: string | undefined): string[] {
  const left = Date.parse(body.dueAt) - Date.now();
  const due = left > 0 ? `in ${duration(left)}` : 'overdue';
  const makes = body.kind === 'install' || body.kind === 'secret';
  return [
    `${id}: a person is asked to ${body.kind === 'secret' ? 'tell a secret' : body.kind}`,
    '',
    body.instruction,
    '',
    ...(body.contact === null ? [] : [`contact: ${body.contact}`]),
    `due:     ${body.dueAt} (${due})`,
    `sha256:  ${body.sha256}`,
    saved === undefined ? `file:    gangway handoff ${id} --save manifest.json` : `file:    saved as ${saved}`,
    `answer:  gangway handoff ${id} ${makes ? '--answer' : '--done'}`,
    `refuse:  gangway handoff ${id} --reject "<why>"`,
  ].map(printable);
}

async function send(context: CliContext, options: HandoffOptions, reply: JsonObject): ReturnType<typeof attend> {
  const { id, runId, json, wait, watch } = options;
  const client = context.client();
  const follows = wait === true || watch === true;
  const before = follows ? await readProgress(client, id, runId) : undefined;
  const { body } = await client.call<CommandAnswer>('POST', pathOf(id), { query: { runId }, body: reply });
  if (json !== true) {
    printLines(context, [`${id}: the answer is accepted and will be checked (command ${body.commandId})`]);
    if (!follows) note(context, `see what comes of it with: gangway watch ${id} --wait`);
  }
  if (before !== undefined) return attend(context, id, { ...options, runId: before.runId, before });
  if (json === true) printJson(context, body);
  return EXIT.done;
}

async function asked(context: CliContext): Promise<JsonObject> {
  const prompt = createPrompt(context.stdin, context.err);
  try {
    const clientId = (await prompt.ask('clientId: ')).trim();
    const clientSecret = (await prompt.ask('clientSecret (not shown): ', { secret: true })).trim();
    return { clientId, clientSecret };
  } finally {
    prompt.close();
  }
}

/** What a parser says of a file repeats its lines: of this one nothing is repeated. */
async function readAnswer(file: string, stdin: NodeJS.ReadableStream): Promise<JsonObject> {
  const name = file === '-' ? 'standard input' : file;
  let content: string;
  try {
    content = file === '-' ? await text(stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError(`cannot read the answer ${name}: ${errorText(error)}`, { cause: error });
  }
  const document = parseDocument(content, { prettyErrors: false });
  const answer: unknown = document.errors.length > 0 ? undefined : document.toJS();
  if (isJsonObject(answer)) return answer;
  throw new CliError(`the answer ${name} must be an object with clientId and clientSecret, as JSON or YAML`);
}

/** The manifest may hold secrets: nobody else reads it. */
async function saveFile(file: string, manifest: string): Promise<void> {
  try {
    await writeFile(file, manifest, { mode: 0o600 });
  } catch (error) {
    throw new CliError(`cannot write ${file}: ${errorText(error)}`, { cause: error });
  }
}

function pathOf(id: string): string {
  return `/onboardings/${encodeURIComponent(id)}/handoff`;
}
