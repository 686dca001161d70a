import type {
  AccountPlanAnswer,
  ForeseenStep,
  PlanAnswer,
  PlannedChange,
  PlannedNode,
  Warning,
} from '../api/answers.js';
import { columns } from './columns.js';
import { commandLine } from './next-steps.js';
import { counted, printable, wrap, type Format, type Paint } from './text.js';

/** What printing a plan needs of the terminal. */
export interface PrintOptions {
  paint: Paint;
  /** Characters per line. */
  width: number;
}

/** Actions by which nothing is changed at a vendor. */
const QUIET: readonly string[] = ['unchanged', 'shared', 'wait', 'conflict', 'keep', 'none'];

/** Returns true when running the plan would change anything at a vendor, as far as the vendors were looked at. */
export function plansChanges({ nodes, removals }: PlanAnswer): boolean {
  // What a spec no longer has is removed, whether or not the vendors were looked at.
  return (
    nodes.some(({ action }) => changes(action)) || removals.some(({ action }) => action === null || changes(action))
  );
}

/** Returns true when the operation would change anything at a vendor, or ask a person to. */
export function stepsChange({ steps }: AccountPlanAnswer): boolean {
  return steps.some(({ action }) => changes(action));
}

/**
 * A plan for a person: what would be done with each node and why, field by field, what is removed, the order of an undo, warnings, and
 * what stands in its way. `file` is where the spec came from.
 */
export function planLines(plan: PlanAnswer, file: string, options: PrintOptions): string[] {
  const { paint, width } = options;
  const { nodes, removals, undo, undoLeadsTo } = plan;
  const rows = nodes.map((node) => [node.key, node.action ?? 'not looked at', node.reason ?? '']);
  const [header = '', ...lines] = columns(['NODE', 'ACTION', 'REASON'], rows, { width });
  const gone = removals.map(({ key, action, reason }) => [key, action ?? 'not looked at', reason]);
  const [removed = '', ...last] = columns(['REMOVED LAST', 'ACTION', 'REASON'], gone, { width });
  return [
    paint('dim', header),
    ...lines,
    ...(gone.length === 0 ? [] : ['', paint('dim', removed), ...last]),
    ...changeLines(nodes, options),
    '',
    `${counted(nodes.length, 'node')}: ${summaryOf(rows)}${gone.length === 0 ? '' : `; ${counted(gone.length, 'removal')}`}`,
    ...(undo.length === 0
      ? []
      : broken(`an undo would take them in this order: ${undo.join(', ')}; it leads to ${undoLeadsTo}`, options)),
    ...warningLines(plan.warnings, options),
    `plan hash: ${plan.planHash}`,
    ...conflictLines(plan, options),
    ...wayLines(plan, file, options),
  ];
}

/** What an offboarding or a repair would do, for a person. */
export function accountPlanLines({ id, operation, steps }: AccountPlanAnswer, options: PrintOptions): string[] {
  const { paint, width } = options;
  const rows = steps.map(({ key, action, externalId, reason }) => [key, action, externalId ?? '', reason]);
  const table = columns(['NODE', 'ACTION', 'ID', 'REASON'], rows, { width, optional: ['ID'] });
  const [header = '', ...lines] = table;
  const what = operation === 'offboard' ? 'an offboarding' : 'a repair';
  return [
    paint('dim', header),
    ...lines,
    ...changeLines(steps, options),
    '',
    ...broken(`${what} of ${id}, in this order: ${rows.length === 0 ? 'nothing' : summaryOf(rows)}`, options),
  ];
}

/** Warnings of a plan or a start, one after the other. */
export function warningLines(warnings: readonly Warning[] | undefined, options: PrintOptions): string[] {
  return (warnings ?? []).flatMap(({ pointer, message }) =>
    broken(`warning: ${pointer === '' ? '' : `${pointer}: `}${message}`, options, 'yellow'),
  );
}

/** How often each action is there: `2 create, 1 update`. */
function summaryOf(rows: readonly (readonly string[])[]): string {
  const counts = new Map<string, number>();
  for (const [, action = ''] of rows) counts.set(action, (counts.get(action) ?? 0) + 1);
  return [...counts].map(([action, count]) => `${count} ${action}`).join(', ');
}

/** Field by field what stands, and what would. */
function changeLines(parts: readonly (PlannedNode | ForeseenStep)[], options: PrintOptions): string[] {
  const changed = parts.filter((part) => part.changes.length > 0);
  return changed.flatMap((part) => ['', ...broken(part.key, options), ...part.changes.flatMap(fieldLines(options))]);
}

function fieldLines({ width }: PrintOptions): (change: PlannedChange) => string[] {
  return ({ path, expected, seen }) => {
    const value = (each: unknown): string => (each === null ? 'nothing' : JSON.stringify(each));
    const text =
      seen === '[secret]' && expected === '[secret]' ? 'another secret' : `${value(seen)} -> ${value(expected)}`;
    return wrap(printable(`  ${path}: ${text}`), width, '    ');
  };
}

/** Why each node conflicts stands in its row: here is what that means. */
function conflictLines({ conflicts }: PlanAnswer, options: PrintOptions): string[] {
  if (conflicts.length === 0) return [];
  const keys = conflicts
    .map(({ key, externalId }) => (externalId === null ? key : `${key} (${externalId})`))
    .join(', ');
  const text = `${counted(conflicts.length, 'conflict')}: ${keys}. A job would end without writing anything.`;
  return broken(text, options, 'red');
}

/** How a change of an account that is there is carried out. */
function wayLines(
  { id, kind, planHash, baseSpecHash, conflicts }: PlanAnswer,
  file: string,
  options: PrintOptions,
): string[] {
  if (kind !== 'amend' || conflicts.length > 0) return [];
  const match = baseSpecHash === null ? '' : ` --if-match '"${baseSpecHash}"'`;
  const line = commandLine(`amend -f ${file} --plan-hash ${planHash}${match}`);
  return broken(`${id} is on board: this is a change of it. Just this one is made by: ${line}`, options);
}

function broken(text: string, { paint, width }: PrintOptions, format?: Format): string[] {
  const lines = wrap(printable(text), width, '  ');
  return format === undefined ? lines : lines.map((line) => paint(format, line));
}

function changes(action: string | null): boolean {
  return action !== null && !QUIET.includes(action);
}
