import { writeFile } from 'node:fs/promises';

import { parseDocument } from 'yaml';

import { isJsonObject, type JsonObject } from '#libs/contracts/json.js';

import type { CommandAnswer, HandoffAnswer } from '../api/answers.js';
import { defineCommand, withFollowing, withRunId, type Command } from '../command.js';
import { note, printJson, printLines, widthOf, type CliContext } from '../context.js';
import { CliError, fileFault } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { follows, type AttendOptions } from '../follow/attend.js';
import { submit } from '../follow/submit.js';
import { commandLine } from '../render/next-steps.js';
import { duration, printable, wrap } from '../render/text.js';
import { createPrompt } from '../secret-prompt.js';
import { nameOf, readText, type TextSource } from '../spec/read-bytes.js';

/** Far more than an answer needs. */
const MAX_ANSWER_BYTES = 100_000;

interface HandoffOptions extends AttendOptions {
  id: string;
  runId?: string;
  /** Where the file goes, byte for byte; `-` for standard output. */
  save?: string;
  /** Whether a file that is there may be written over. */
  force?: boolean;
  /** A file with the answer, `-` for standard input; true: ask for it at the terminal. */
  answer?: string | true;
  done?: boolean;
  reject?: string;
}

/** Shows what a person is asked for, saves the file, or gives the person's answer. */
const handoff: Command<HandoffOptions> = async (context, options) => {
  const { answer, done, reject, save, force } = options;
  const given = [answer !== undefined, done === true, reject !== undefined].filter(Boolean).length;
  if (given > 1) throw new CliError('give one answer: --answer, --done or --reject');
  if (force === true && save === undefined) throw new CliError('--force goes with --save');
  if (given === 0) return show(context, options);
  if (save !== undefined) throw new CliError('save the file before it is answered: --save goes without an answer');
  if (reject !== undefined) return send(context, options, { rejected: reject });
  if (done === true) return send(context, options, { done: true });
  return send(
    context,
    options,
    answer === true ? await asked(context, options) : await readAnswer(answer ?? '-', context.stdin),
  );
};

async function show(context: CliContext, options: HandoffOptions): Promise<ExitCode> {
  const { id, runId, save, force, json } = options;
  const { body } = await context.client().call<HandoffAnswer>('GET', pathOf(id), { query: { runId } });
  if (save === '-') {
    context.out.write(body.manifest);
    return EXIT.done;
  }
  if (save !== undefined) await saveFile(save, body.manifest, force === true);
  if (json === true) printJson(context, body);
  else printLines(context, linesOf(id, body, save, widthOf(context)));
  return EXIT.done;
}

function linesOf(id: string, body: HandoffAnswer, saved: string | undefined, width: number): string[] {
  const left = Date.parse(body.dueAt) - Date.now();
  const due = left > 0 ? `in ${duration(left)}` : 'overdue';
  const makes = body.kind === 'install' || body.kind === 'secret';
  const file = saved === undefined ? commandLine(`handoff ${id} --save manifest.json`) : `saved as ${saved}`;
  return [
    `${id}: a person is asked to ${body.kind === 'secret' ? 'tell a secret' : body.kind}`,
    '',
    ...wrap(printable(body.instruction), width),
    '',
    ...(body.contact === null ? [] : wrap(printable(`contact: ${body.contact}`), width, '         ')),
    `due:     ${body.dueAt} (${due})`,
    `sha256:  ${body.sha256}`,
    `file:    ${file}`,
    `answer:  ${commandLine(`handoff ${id} ${makes ? '--answer' : '--done'}`)}`,
    `refuse:  ${commandLine(`handoff ${id} --reject '<why>'`)}`,
  ].map(printable);
}

function send(context: CliContext, options: HandoffOptions, reply: JsonObject): Promise<ExitCode> {
  const { id, runId } = options;
  const call = { query: { runId }, body: reply };
  return submit(
    context,
    {
      id,
      ...(runId === undefined ? {} : { runId }),
      send: async (client) => (await client.call<CommandAnswer>('POST', pathOf(id), call)).body,
      told: ({ commandId }) => {
        if (!follows(options)) note(context, `see what comes of it with: ${commandLine(`watch ${id} --wait`)}`);
        return [`${id}: the answer is accepted and will be checked (command ${commandId})`];
      },
    },
    options,
  );
}

/** Asks at the terminal for what the hand-off wants to have back; a secret is not shown. */
async function asked(context: CliContext, { id, runId }: HandoffOptions): Promise<JsonObject> {
  const { body } = await context.client().call<HandoffAnswer>('GET', pathOf(id), { query: { runId } });
  const { returns } = body;
  if (returns.length === 0) throw new CliError('the hand-off asks for nothing back: answer it with --done');
  const prompt = createPrompt(context.stdin, context.err);
  try {
    const answer: JsonObject = {};
    for (const { name, secret } of returns) {
      answer[name] = (await prompt.ask(`${name}${secret ? ' (not shown)' : ''}: `, { secret })).trim();
    }
    return answer;
  } finally {
    prompt.close();
  }
}

/** What a parser says of a file repeats its lines: of this one nothing is repeated. */
async function readAnswer(file: string, stdin: NodeJS.ReadableStream): Promise<JsonObject> {
  const source: TextSource = { what: 'the answer', file, stdin, maxBytes: MAX_ANSWER_BYTES };
  const document = parseDocument(await readText(source), { prettyErrors: false });
  const answer = document.errors.length > 0 ? undefined : valueOf(document);
  if (isJsonObject(answer)) return answer;
  throw new CliError(`${nameOf(source)} must be an object with what is handed back, by name, as JSON or YAML`);
}

function valueOf(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS();
  } catch {
    return undefined; // an alias without an anchor, or aliases that multiply: no answer that we know
  }
}

/** The manifest may hold secrets: nobody else reads it. */
async function saveFile(file: string, manifest: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, manifest, { mode: 0o600, flag: force ? 'w' : 'wx' });
  } catch (error) {
    const cure =
      error instanceof Error && 'code' in error && error.code === 'EEXIST' ? ' (--force writes over it)' : '';
    throw new CliError(`${file} cannot be written: ${fileFault(error)}${cure}`, { cause: error });
  }
}

function pathOf(id: string): string {
  return `/onboardings/${encodeURIComponent(id)}/handoff`;
}

export const HANDOFF_COMMAND = defineCommand(
  'handoff <id>',
  'show what a person is asked to do, or answer it',
  (command) =>
    withRunId(
      withFollowing(command)
        .option('--save <file>', 'save the file, byte for byte; - for standard output')
        .option('--force', 'with --save: write over a file that is there')
        .option(
          '--answer [file]',
          'hand back what is asked for, such as clientId and clientSecret, - for standard input; without a file they are asked for',
        )
        .option('--done', 'say that a removal or an update is done')
        .option('--reject <reason>', 'refuse: the job goes back'),
    ),
  handoff,
);
