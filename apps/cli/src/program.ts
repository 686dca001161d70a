import { readFileSync } from 'node:fs';

import { Command as Commander, CommanderError } from 'commander';

import { parseAccountId } from '#libs/contracts/ids.js';

import type { CommandSpec } from './command.js';
import { addAudit } from './commands/audit.js';
import { COMMANDS } from './commands/index.js';
import { lineWidth, type CliContext } from './context.js';
import { CliError, errorText } from './errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { projectFile } from './parts/project.js';
import { painter, wrap } from './render/text.js';

const AFTER_HELP = [
  'Exit codes: 0 done, 1 usage or API error, or a plan that would be refused, 2 planned changes or drift found, or a run that went no ' +
    'further, 3 waiting for a person or held, 4 rolled back, cancelled or rejected, 5 rollback incomplete or interrupted.',
  'Environment: GANGWAY_URL (default http://127.0.0.1:3000), GANGWAY_TOKEN (default: the key of the local API). For an npm start ' +
    'with other ports or another data dir: GANGWAY_PORT, GANGWAY_DATA_DIR, set as they are there.',
];

/** Runs one command line (without node and script) and returns its exit code; errors are told on `context.err`. */
export async function runCli(args: readonly string[], context: CliContext): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const program = buildProgram(context, (code) => (exitCode = code));
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has told its own faults already; help and version end it the same way, without being faults.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.error;
    // Whoever interrupted it knows why there is no answer.
    if (context.signal.aborted) return EXIT.error;
    context.err.write(`${errorLines(context, error).join('\n')}\n`);
    return EXIT.error;
  }
}

function errorLines({ err }: CliContext, error: unknown): string[] {
  const [first = '', ...others] = errorText(error).split('\n');
  const width = lineWidth(err);
  const mark = 'error:';
  const lines = [
    ...wrap(`${mark} ${first}`, width, '  '),
    ...others.flatMap((line) => wrap(line, width, line.startsWith(' ') ? '    ' : '  ')),
  ];
  return lines.map((line, index) => (index === 0 ? line.replace(mark, painter(err)('red', mark)) : line));
}

function buildProgram(context: CliContext, done: (code: ExitCode) => void): Commander {
  const program = new Commander('gangway')
    .description('Takes business accounts on board messaging platforms. In the checkout: npx gangway')
    .version(version(), '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: (text) => context.err.write(text),
      getOutHelpWidth: () => lineWidth(context.out, 100),
      getErrHelpWidth: () => lineWidth(context.err, 100),
    })
    .showHelpAfterError('(see npx gangway --help)')
    .addHelpText('after', () =>
      ['', ...AFTER_HELP.flatMap((text) => wrap(text, lineWidth(context.out, 100), '  '))].join('\n'),
    );
  for (const spec of COMMANDS) addCommand(program, spec, context, done);
  addAudit(program, context, done);
  return program;
}

function addCommand(program: Commander, spec: CommandSpec, context: CliContext, done: (code: ExitCode) => void): void {
  const command = spec.configure(program.command(spec.usage).description(spec.summary));
  command.option('--json', 'print JSON').action(async (...given: unknown[]) => {
    const named = command.registeredArguments.map((argument, index) => [argument.name(), given[index]] as const);
    const options = Object.fromEntries(named.filter(([, value]) => value !== undefined));
    if (typeof options['id'] === 'string') requireAccountId(options['id']);
    done(await spec.run(context, { ...command.opts<object>(), ...options } as never));
  });
}

/** An id that cannot be one is nowhere to be found: the API would only say so. */
function requireAccountId(id: string): void {
  if (parseAccountId(id) !== undefined) return;
  const lower = id.toLowerCase();
  const meant = lower !== id && parseAccountId(lower) !== undefined ? `: ${lower} ?` : ', in lower case: acme.support';
  throw new CliError(`${id} is not an account's id. That is its tenant, a dot and its name${meant}`);
}

function version(): string {
  return (JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as { version: string }).version;
}
