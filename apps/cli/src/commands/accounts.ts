import { Option } from 'commander';
import { stringify } from 'yaml';

import type { AccountAnswer, AccountItem } from '../api/answers.js';
import { defineCommand, withFilters, type Command } from '../command.js';
import { printJson, printLines, widthOf, type CliContext } from '../context.js';
import { CliError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { columns } from '../render/columns.js';
import { printable, wrap } from '../render/text.js';
import { showList, type ListOptions } from './show-list.js';

interface AccountsOptions extends ListOptions {
  id?: string;
  drift?: string;
  output?: 'yaml';
}

/** Lists accounts, or shows one, or the spec of one. Exit code 2 when what is shown has drifted. */
const accounts: Command<AccountsOptions> = async (context, { id, json, limit, output, ...filters }) => {
  if (output !== undefined && json === true) throw new CliError('give --json or --output, not both');
  if (id !== undefined) {
    const { body } = await context.client().call<AccountAnswer>('GET', `/accounts/${encodeURIComponent(id)}`);
    if (output === 'yaml') return printSpec(context, body);
    if (json === true) printJson(context, body);
    else printLines(context, accountLines(body, widthOf(context)));
    return body.drift.length > 0 ? EXIT.differs : EXIT.done;
  }
  if (output !== undefined) throw new CliError('--output is of one account: name it, as accounts <id> -o yaml');
  const items = await showList<AccountItem>(
    context,
    '/accounts',
    { ...filters },
    { limit, json: json === true },
    {
      none: 'no accounts',
      header: ['ACCOUNT', 'STATE', 'CHAIN', 'DRIFT'],
      optional: ['CHAIN', 'DRIFT'],
      row: (item) => [item.id, item.state ?? 'unknown', item.chain ?? '', item.drift ?? ''],
    },
  );
  return items.some((item) => item.drift !== null) ? EXIT.differs : EXIT.done;
};

/** The spec as `amend` takes it back: what is hidden or cut means "as recorded". */
function printSpec(context: CliContext, { id, spec }: AccountAnswer): ExitCode {
  if (spec === null) throw new CliError(`nothing is recorded of ${id} yet: there is no spec to show`);
  // Control characters in a value stand escaped: a scalar that YAML cannot show plainly is quoted.
  const text = stringify(spec, { lineWidth: 0, aliasDuplicateObjects: false });
  context.out.write(text);
  return EXIT.done;
}

function accountLines(account: AccountAnswer, width: number): string[] {
  const { lastOperation, lastReconciliation, reconciliation } = account;
  const lines = [`${account.id}  ${account.chain}  ${account.state}`];
  if (lastOperation !== null) {
    const reason = lastOperation.reason === null ? '' : `: ${lastOperation.reason}`;
    lines.push(`last operation: ${lastOperation.kind} ${lastOperation.status}${reason} (run ${lastOperation.id})`);
  }
  if (lastReconciliation !== null) {
    const { mode, status, at } = lastReconciliation;
    lines.push(`last reconciliation: ${mode} ${status} at ${at}`);
  }
  if (reconciliation !== null) {
    const { mode, until, by, reason } = reconciliation;
    const end = until === null ? 'until it is lifted' : `until ${until}`;
    lines.push(`runs over the fleet may at most: ${mode}, ${end}: ${reason} (${by})`);
  }
  const drifted = account.drift.map(({ key, kind, fields }) => {
    const paths = fields.map((field) => field.path).join(', ');
    return `drift: ${key} ${kind}${paths === '' ? '' : `: ${paths}`}`;
  });
  const rows = account.resources.map((resource) => [resource.key, resource.origin, resource.externalId]);
  const broken = (all: readonly string[]): string[] => all.flatMap((line) => wrap(printable(line), width, '  '));
  return [
    ...broken(lines),
    ...(rows.length === 0 ? [] : ['', ...columns(['NODE', 'ORIGIN', 'ID'], rows, { width })]),
    ...broken(drifted),
  ];
}

export const ACCOUNTS_COMMAND = defineCommand(
  'accounts [id]',
  'list accounts, or show one',
  (command) =>
    withFilters(command)
      .option('--drift <kind>', 'only with this drift; true for any')
      .addOption(new Option('-o, --output <format>', 'of one account: its spec, as amend takes it').choices(['yaml'])),
  accounts,
);
