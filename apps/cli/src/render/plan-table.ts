import type { PlanAnswer, PlannedNode, Warning } from '../api/answers.js';
import { columns } from './columns.js';
import type { Refusal } from './start-refusal.js';
import { counted, printable, wrap, type Format, type Paint } from './text.js';

/** What printing a plan needs of the terminal. */
export interface PrintOptions {
  paint: Paint;
  /** Characters per line. */
  width: number;
}

/** Returns true when running the plan would change anything at a vendor, as far as the vendors were looked at. */
export function plansChanges(plan: PlanAnswer): boolean {
  return plan.nodes.some(isChange);
}

/** A plan for a person: what would be done with each node and why, the order of an undo, warnings, and what stands in its way. */
export function planLines(plan: PlanAnswer, refusal: Refusal | undefined, options: PrintOptions): string[] {
  const { paint, width } = options;
  const rows = plan.nodes.map((node) => [node.key, node.action ?? 'not looked at', node.reason ?? '']);
  const [header = '', ...lines] = columns(['NODE', 'ACTION', 'REASON'], rows, { width });
  const counts = new Map<string, number>();
  for (const [, action = ''] of rows) counts.set(action, (counts.get(action) ?? 0) + 1);
  const summary = [...counts].map(([action, count]) => `${count} ${action}`).join(', ');
  return [
    paint('dim', header),
    ...lines,
    '',
    `${counted(plan.nodes.length, 'node')}: ${summary}`,
    ...broken(`an undo would take them in this order: ${plan.undo.join(', ')}`, options),
    ...warningLines(plan.warnings, options),
    `plan hash: ${plan.planHash}`,
    ...conflictLines(plan, options),
    ...(refusal === undefined ? [] : broken(refusal.message, options, refusal.certain ? 'red' : 'yellow')),
  ];
}

/** Warnings of a plan or a start, one after the other. */
export function warningLines(warnings: readonly Warning[] | undefined, options: PrintOptions): string[] {
  return (warnings ?? []).flatMap(({ pointer, message }) =>
    broken(`warning: ${pointer === '' ? '' : `${pointer}: `}${message}`, options, 'yellow'),
  );
}

/** Why each node conflicts stands in its row: here is what that means for a start. */
function conflictLines({ conflicts }: PlanAnswer, options: PrintOptions): string[] {
  if (conflicts.length === 0) return [];
  const keys = conflicts
    .map(({ key, externalId }) => (externalId === null ? key : `${key} (${externalId})`))
    .join(', ');
  const text = `${counted(conflicts.length, 'conflict')}: ${keys}. A job would end without writing anything.`;
  return broken(text, options, 'red');
}

function broken(text: string, { paint, width }: PrintOptions, format?: Format): string[] {
  const lines = wrap(printable(text), width, '  ');
  return format === undefined ? lines : lines.map((line) => paint(format, line));
}

function isChange({ action }: PlannedNode): boolean {
  return action !== undefined && action !== null && !['unchanged', 'shared', 'wait', 'conflict'].includes(action);
}
