import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';

import { verifyAuditFile, type AuditReport } from '#libs/audit/index.js';
import type { Command as CliCommand } from '../command.js';
import { printJson, printLines, type CliContext } from '../context.js';
import { CliError, errorText } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { counted } from '../render/text.js';

export interface AuditVerifyOptions {
  file: string;
  /** Hash of a line, as an earlier run of this command told it. */
  expect?: string;
  json?: boolean;
}

/** Adds `gangway audit`, which reads files of audit lines and asks nobody. */
export function addAudit(program: Command, context: CliContext, done: (code: ExitCode) => void): void {
  const audit = program.command('audit').description('look at a file of audit lines (GANGWAY_AUDIT_FILE)');
  audit
    .command('verify <file>')
    .description('say whether a line is missing or changed')
    .option('--expect <hash>', 'a hash that was kept elsewhere: without it a cut end does not show', sha256)
    .option('--json', 'print JSON')
    .action(async (file: string, options: Omit<AuditVerifyOptions, 'file'>) => {
      done(await auditVerify(context, { file, ...options }));
    });
}

/** Exit code 1 when a line is missing or changed, or none has the expected hash. */
export const auditVerify: CliCommand<AuditVerifyOptions> = async (context, { file, expect, json }) => {
  const report = await verifyAuditFile(file, expect).catch((error: unknown) => {
    throw new CliError(`${file} cannot be read: ${errorText(error)}`, { cause: error });
  });
  if (json === true) printJson(context, report);
  else printLines(context, reportLines(file, report));
  return report.faultCount === 0 && report.expected !== null ? EXIT.done : EXIT.error;
};

function reportLines(file: string, { lines, torn, head, faults, faultCount, expected }: AuditReport): string[] {
  const more = faultCount - faults.length;
  return [
    ...faults.map(({ line, problem }) => `${file}, line ${line}: ${problem}`),
    ...(more > 0 ? [`... and ${counted(more, 'fault')} more`] : []),
    ...(expected === null ? [`no line has the expected hash: the end was cut off or changed`] : []),
    ...(expected === undefined || expected === null ? [] : [`line ${expected} has the expected hash`]),
    ...(torn > 0 ? [`${counted(torn, 'line')} cut off as the process or the disk failed`] : []),
    faultCount === 0
      ? `${counted(lines, 'line')}, each follows the one before; the last has the hash ${head}`
      : `${counted(lines, 'line')}; the chain is broken`,
  ];
}

function sha256(text: string): string {
  if (!/^[0-9a-fA-F]{64}$/.test(text)) throw new InvalidArgumentError('Give a SHA-256 as 64 hexadecimal digits.');
  return text.toLowerCase();
}
