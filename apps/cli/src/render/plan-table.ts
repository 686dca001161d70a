import type { PlanAnswer, PlannedNode, Warning } from '../api/answers.js';
import { columns } from './columns.js';
import { counted, printable, type Paint } from './text.js';

/** Whether running the plan would change anything at a vendor, as far as the vendors were looked at. */
export function plansChanges(plan: PlanAnswer): boolean {
  return plan.nodes.some(isChange);
}

/** A plan for a person: what would be done with each node and why, the order of an undo, conflicts and warnings. */
export function planLines(plan: PlanAnswer, paint: Paint): string[] {
  const rows = plan.nodes.map((node) => [node.key, node.action ?? 'not looked at', node.reason ?? '']);
  const [header = '', ...lines] = columns(['NODE', 'ACTION', 'REASON'], rows);
  const counts = new Map<string, number>();
  for (const { action } of plan.nodes)
    counts.set(action ?? 'not looked at', (counts.get(action ?? 'not looked at') ?? 0) + 1);
  const summary = [...counts].map(([action, count]) => `${count} ${action}`).join(', ');
  return [
    paint('dim', header),
    ...lines,
    '',
    `${counted(plan.nodes.length, 'node')}: ${summary}`,
    `an undo would take them in this order: ${plan.undo.map(printable).join(', ')}`,
    ...plan.conflicts.map((conflict) => paint('red', `conflict: ${printable(JSON.stringify(conflict))}`)),
    ...warningLines(plan.warnings, paint),
    `plan hash: ${plan.planHash}`,
  ];
}

export function warningLines(warnings: readonly Warning[] | undefined, paint: Paint): string[] {
  return (warnings ?? []).map(({ pointer, message }) => paint('yellow', printable(`warning: ${pointer}: ${message}`)));
}

function isChange({ action }: PlannedNode): boolean {
  return action !== undefined && action !== null && !['unchanged', 'shared', 'wait'].includes(action);
}
