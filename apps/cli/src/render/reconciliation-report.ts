import type { FleetItem, FleetOrphan, FleetReport } from '#libs/contracts/fleet.js';

import type { ReconciliationAnswer } from '../api/answers.js';
import { columns } from './columns.js';
import { commandLine } from './next-steps.js';
import type { PrintOptions } from './plan-table.js';
import { counted, printable, wrap, type Format } from './text.js';

const STATUS_FORMAT: Record<FleetReport['status'], Format> = {
  running: 'cyan',
  completed: 'green',
  stopped: 'red',
  failed: 'red',
};

/** How far a run is, in one line. */
export function progressLine({ id, connections }: ReconciliationAnswer): string {
  if (connections.length === 0) return printable(`${id}: begins`);
  const read = connections.filter(({ status }) => status !== 'reading').length;
  const underWay = connections.flatMap(({ connection, reading }) =>
    !reading
      ? []
      : [`${connection}: ${reading.resource}, ${counted(reading.pages, 'page')}, ${reading.objects} objects`],
  );
  return printable([`${id}: ${read} of ${counted(connections.length, 'connection')} read`, ...underWay].join('; '));
}

/** A run for a person: how it ended, what it saw of each connection, what differs, what nobody claims, and what can be done. */
export function reconciliationReport(
  report: FleetReport & { reason?: string | null },
  options: PrintOptions,
): string[] {
  const { paint, width } = options;
  const { id, mode, status, tenant, chain, by, schedule, counts, connections, items, orphans, stopped, truncated } =
    report;
  const scope = [tenant === null ? 'all tenants' : `tenant ${tenant}`, ...(chain === null ? [] : [`chain ${chain}`])];
  const broken = (text: string, format?: Format): string[] => {
    const lines = wrap(printable(text), width, '  ');
    return format === undefined ? lines : lines.map((line) => paint(format, line));
  };
  return [
    ...broken(`${id}  ${mode}  ${scope.join(', ')}`),
    ...broken(
      `${status}; ${schedule === null ? 'asked for' : `schedule ${schedule}, set`} by ${by}`,
      STATUS_FORMAT[status],
    ),
    ...(report.reason ? broken(report.reason, 'yellow') : []),
    ...broken(countsLine(counts)),
    ...(stopped === null
      ? []
      : broken(`stopped by the rule ${stopped.rule}${at(stopped.connection)}: ${stopped.detail}`, 'red')),
    ...table(
      ['CONNECTION', 'STATUS', 'ACCOUNTS', 'OBJECTS', 'CALLS', 'REASON'],
      connections.map((each) => [
        each.connection,
        each.status,
        String(each.accounts),
        String(each.objects),
        String(each.vendorCalls),
        each.reason ?? '',
      ]),
      options,
    ),
    ...table(['ACCOUNT', 'NODE', 'DRIFT', 'OUTCOME', 'WHY'], items.map(itemRow), options),
    ...table(['ORPHAN', 'ID', 'REMOVED', 'MARKER'], orphans.map(orphanRow), options),
    ...(truncated ? broken('there are more than are shown: each account has its own') : []),
    ...(nextLine(report) === null ? [] : ['', ...broken(nextLine(report) ?? '')]),
  ];
}

function countsLine({ accounts, ...others }: FleetReport['counts']): string {
  const words = Object.entries(others).flatMap(([name, count]) =>
    typeof count === 'number' && count > 0 ? [`${count} ${name === 'inSync' ? 'in sync' : name}`] : [],
  );
  return `${counted(accounts, 'account')}${words.length === 0 ? '' : `: ${words.join(', ')}`}`;
}

function itemRow({ id, key, kind, fields, outcome, reason }: FleetItem): string[] {
  return [id, key, kind, outcome, reason ?? fields.map(({ path }) => path).join(', ')];
}

function orphanRow({ vendor, resource, externalId, marker, removed, reason }: FleetOrphan): string[] {
  return [
    `${vendor}.${resource}`,
    externalId,
    removed ? 'yes' : 'no',
    reason === null ? marker : `${marker}: ${reason}`,
  ];
}

/** A table with an empty line before it; nothing for no rows. */
function table(header: readonly string[], rows: readonly string[][], { paint, width }: PrintOptions): string[] {
  if (rows.length === 0) return [];
  const [first = '', ...lines] = columns(header, rows, { width, optional: ['REASON', 'CALLS', 'OBJECTS'] });
  return ['', paint('dim', first), ...lines];
}

/** What a person may do about what was found. */
function nextLine({ id, mode, status, counts }: FleetReport): string | null {
  if (status === 'running' || mode !== 'observe' || counts.drifted === 0) return null;
  return `repair exactly these accounts with: ${commandLine(`reconcile --all --mode repair --from ${id} --wait`)}`;
}

function at(connection: string): string {
  return connection === '' ? '' : ` on ${connection}`;
}
