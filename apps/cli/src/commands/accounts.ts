import type { AccountAnswer, AccountItem } from '../api/answers.js';
import { defineCommand, withFilters, type Command } from '../command.js';
import { printJson, printLines, widthOf } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { columns } from '../render/columns.js';
import { printable, wrap } from '../render/text.js';
import { showList, type ListOptions } from './show-list.js';

interface AccountsOptions extends ListOptions {
  id?: string;
  drift?: string;
}

/** Lists accounts, or shows one. Exit code 2 when what is shown has drifted. */
const accounts: Command<AccountsOptions> = async (context, { id, json, limit, ...filters }) => {
  if (id !== undefined) {
    const { body } = await context.client().call<AccountAnswer>('GET', `/accounts/${encodeURIComponent(id)}`);
    if (json === true) printJson(context, body);
    else printLines(context, accountLines(body, widthOf(context)));
    return body.drift.length > 0 ? EXIT.differs : EXIT.done;
  }
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

function accountLines(account: AccountAnswer, width: number): string[] {
  const { lastOperation, lastReconciliation } = account;
  const lines = [`${account.id}  ${account.chain}  ${account.state}`];
  if (lastOperation !== null) {
    const reason = lastOperation.reason === null ? '' : `: ${lastOperation.reason}`;
    lines.push(`last operation: ${lastOperation.kind} ${lastOperation.status}${reason} (run ${lastOperation.id})`);
  }
  if (lastReconciliation !== null) {
    const { mode, status, at } = lastReconciliation;
    lines.push(`last reconciliation: ${mode} ${status} at ${at}`);
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
  (command) => withFilters(command).option('--drift <kind>', 'only with this drift; true for any'),
  accounts,
);
