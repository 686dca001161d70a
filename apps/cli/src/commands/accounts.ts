import type { AccountAnswer, AccountItem } from '../api/answers.js';
import { note, printJson, printLines, widthOf, type Command } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { columns } from '../render/columns.js';
import { printable } from '../render/text.js';
import { readPages } from './pages.js';

export interface AccountsOptions {
  id?: string;
  tenant?: string;
  chain?: string;
  drift?: string;
  limit: number;
  json?: boolean;
}

/** Lists accounts, or shows one. Exit code 2 when what is shown has drifted. */
export const accounts: Command<AccountsOptions> = async (context, { id, json, limit, ...filters }) => {
  const client = context.client();
  if (id !== undefined) {
    const account = (await client.call<AccountAnswer>('GET', `/accounts/${encodeURIComponent(id)}`)).body;
    if (json === true) printJson(context, account);
    else printLines(context, accountLines(account));
    return account.drift.length > 0 ? EXIT.differs : EXIT.done;
  }
  const answer = await readPages<AccountItem>(client, '/accounts', { ...filters }, limit);
  if (json === true) printJson(context, answer);
  else if (answer.items.length === 0) printLines(context, ['no accounts']);
  else {
    const rows = answer.items.map((item) => [item.id, item.state ?? 'unknown', item.chain ?? '', item.drift ?? '']);
    printLines(context, columns(['ACCOUNT', 'STATE', 'CHAIN', 'DRIFT'], rows, widthOf(context)));
    if (answer.nextCursor !== null) note(context, 'there are more: raise --limit');
  }
  return answer.items.some((item) => item.drift !== null) ? EXIT.differs : EXIT.done;
};

function accountLines(account: AccountAnswer): string[] {
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
  const rows = account.resources.map((resource) => [resource.key, resource.origin, resource.externalId]);
  if (rows.length > 0) lines.push('', ...columns(['NODE', 'ORIGIN', 'ID'], rows));
  for (const { key, kind, fields } of account.drift) {
    lines.push(`drift: ${key} ${kind}${fields.length > 0 ? `: ${fields.map((field) => field.path).join(', ')}` : ''}`);
  }
  return lines.map(printable);
}
