import type { JobStatus, Leftover, OperationKind, WaitKind } from '#libs/contracts/index.js';
import type { NodeRun } from './interpreter/node-run.js';
import { escape } from './interpreter/escape.js';

/** In bytes of UTF-8: the UI sends the text in an address, which proxies cut. */
const DETAILS_LIMIT = 3_000;
/** Above this only open and failed steps are listed, with counts for the rest. */
const STEPS_SHOWN = 20;

/** What the Temporal UI shows of an operation: status, reason, what comes next, a line per step. Under 3 KB. */
export function jobDetails(job: {
  status: JobStatus;
  reason: string | null;
  next: string;
  runs: readonly NodeRun[];
  leftovers: readonly Leftover[];
}): string {
  const { status, reason, next, runs, leftovers } = job;
  const many = runs.length > STEPS_SHOWN;
  const shown = many ? runs.filter((run) => run.result === null) : runs;
  const lines = [
    `### ${status}`,
    ...(reason === null ? [] : [`> ${escape(reason)}`, '']), // without the empty line, what follows is part of the quote
    `Next: ${next}`,
    '',
    ...shown.map(stepLine),
    ...(many ? [`- ${String(runs.length - shown.length)} of ${String(runs.length)} steps done`] : []),
    ...leftovers.map((left) => `- **left over** ${escape(left.key)} ${escape(left.externalId)} ${escape(left.reason)}`),
  ];
  return cutToBytes(lines.join('\n'), DETAILS_LIMIT);
}

/** A text that takes at most so many bytes of UTF-8; where something is cut, it ends with a line of an ellipsis. */
export function cutToBytes(text: string, limit: number): string {
  const end = '\n…';
  let bytes = 0;
  let fits = 0; // the length up to which the text and the ellipsis fit
  let length = 0;
  for (const character of text) {
    bytes += bytesOf(character);
    if (bytes > limit) return `${text.slice(0, fits)}${end}`;
    length += character.length;
    if (bytes <= limit - BYTES_OF_END) fits = length;
  }
  return text;
}

/** Bytes of the line end and the ellipsis. */
const BYTES_OF_END = 4;

/** Bytes of one code point in UTF-8. */
function bytesOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

function stepLine(run: NodeRun): string {
  const { node, result } = run;
  const id = result && node.waits !== true ? ` ${result.outcome} ${escape(result.externalId)}` : '';
  return `- **${word(run)}** ${escape(node.title)}${id}`;
}

function word(run: NodeRun): string {
  if (run.leftover) return 'left over';
  if (run.undone) return run.undone.outcome === 'kept' || run.undone.outcome === 'restored' ? 'kept' : 'undone';
  if (run.result) return 'done';
  if (run.asking) return 'handed over';
  if (run.running) return run.node.waits === true ? 'waiting' : 'running';
  return run.failure ? run.failure.kind : 'pending';
}

/** What the account as a whole is led to, by kind. */
const UNDER_WAY: Record<OperationKind, string> = {
  onboard: 'the remaining steps run by themselves',
  amend: 'the remaining steps run by themselves; what the plan no longer has is removed last',
  offboard: 'what the account has is removed, in reverse dependency order',
  reconcile: 'what is recorded is compared with what stands',
  sweep: 'objects that no account claims are looked at twice, and removed',
};

/** What a support person can expect or do. `awaited` is the title of the condition that is waited for. */
export function nextStep(
  kind: OperationKind,
  status: JobStatus,
  waitingFor: WaitKind | null,
  awaited: string | undefined,
): string {
  switch (status) {
    case 'held':
      return 'an operator decides: retry, rollback, cancel';
    case 'rollback-incomplete':
      if (waitingFor === null) return 'nothing, the job has ended with what is left over';
      return `an operator decides: ${kind === 'offboard' ? 'retry, accept-leftovers, cancel' : 'rollback, accept-leftovers'}`;
    case 'rolling-back':
      return kind === 'amend'
        ? 'the account is led back to what it recorded'
        : 'what was made is taken back, in reverse dependency order';
    case 'waiting':
      return waitingFor === 'vendor'
        ? `${escape(awaited ?? 'the vendor')}; nothing to do`
        : 'a person answers the hand-off';
    case 'queued':
    case 'running':
      return UNDER_WAY[kind];
    default:
      return 'nothing, the job has ended';
  }
}
