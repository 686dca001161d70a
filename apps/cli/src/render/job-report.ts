import type { NotificationProgress } from '#libs/contracts/notifications.js';
import type { Progress } from '#libs/contracts/progress.js';

import { fitted, type TableOptions } from './fit.js';
import { nextSteps } from './next-steps.js';
import { stepTable } from './step-table.js';
import { duration, printable } from './text.js';

/** Who took it as it is that a job leaves something behind. */
export interface Acceptance {
  by: string;
  reason: string;
}

/**
 * All that there is to say of a job, printed once: its steps with whole errors and ids, who was notified, and the commands that a
 * person may give now.
 */
export function jobReport(
  progress: Progress,
  options: Omit<TableOptions, 'height'>,
  accepted: Acceptance | null,
): string[] {
  const { paint } = options;
  return [
    ...stepTable(progress, options),
    ...endLines(progress, accepted).flatMap((line) => fitted(printable(line), options, '  ')),
    ...notificationLines(progress.notifications ?? [], options.now).flatMap(({ text, delivered }) =>
      fitted(printable(text), options, '  ').map((line) => (delivered ? line : paint('yellow', line))),
    ),
    ...runLine(progress, options),
    ...nextSteps(progress).flatMap(({ purpose, command }, index) => [
      ...(index === 0 ? [''] : []),
      `to ${purpose}:`,
      `  ${command}`,
    ]),
  ];
}

function endLines({ status, closedAt }: Progress, accepted: Acceptance | null): string[] {
  if (status === 'interrupted') {
    return ['the account stays locked, since the job was ended in Temporal itself: docs/operations.md, "Interrupted"'];
  }
  if (status !== 'rollback-incomplete' || closedAt === null) return [];
  const who = accepted === null ? '' : ` by ${accepted.by} (${accepted.reason})`;
  return [`ended; leftovers accepted${who}: let it be`];
}

/** A line for each that was not delivered, and one for all that a receiver was told of one event. */
function notificationLines(all: readonly NotificationProgress[], now: number): { text: string; delivered: boolean }[] {
  const lines = new Map<string, { text: string; delivered: boolean; count: number }>();
  for (const notification of all) {
    const text = notificationLine(notification, now);
    const delivered = notification.status === 'delivered';
    lines.set(text, { text, delivered, count: (lines.get(text)?.count ?? 0) + 1 });
  }
  return [...lines.values()].map(({ text, delivered, count }) => ({
    text: count === 1 ? text : `${text} (${count} times)`,
    delivered,
  }));
}

/** `notification succeeded to hub.acme.example: delivered`. */
function notificationLine({ event, host, status, attempts, lastError }: NotificationProgress, now: number): string {
  const about = `notification ${event} to ${host}`;
  const why = lastError === null ? '' : `: ${lastError.code}: ${lastError.message}`;
  switch (status) {
    case 'delivered':
      return `${about}: delivered${attempts > 1 ? ` at try ${attempts}` : ''}`;
    case 'pending':
      return `${about}: under way`;
    case 'retrying': {
      const wait = lastError?.retryAt == null ? 0 : Date.parse(lastError.retryAt) - now;
      return `${about}: not delivered yet, after ${triesOf(attempts)}${wait > 0 ? `, again in ${duration(wait)}` : ''}${why}`;
    }
    case 'failed':
      return `${about}: NOT delivered, after ${triesOf(attempts)}${why}`;
  }
}

function triesOf(attempts: number): string {
  return attempts === 1 ? '1 try' : `${attempts} tries`;
}

function runLine({ runId, links }: Progress, options: TableOptions): string[] {
  const { temporalUi } = links;
  return fitted(`run ${runId}${temporalUi === null ? '' : `  ${temporalUi}`}`, options, '  ');
}
