import type { Payload } from '@temporalio/common';
import { tsToDate } from '@temporalio/common/lib/time.js';
import type proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES, type SearchAttribute } from '#libs/contracts/index.js';

/** One run of one workflow. */
export interface RunRef {
  workflowId: string;
  runId: string;
}

/** One event of a history, as the server sends it: payloads are sealed. */
export type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent;
type Timestamp = proto.google.protobuf.ITimestamp;

/** Event ids are 64-bit numbers on the wire; the values are small. */
export function eventNumber(id: { toString(): string } | number | null | undefined): number {
  return Number(id?.toString() ?? 0);
}

/** RFC 3339 UTC of a Temporal time; null for an absent one. */
export function isoTime(time: Timestamp | null | undefined): string | null {
  return time ? tsToDate(time).toISOString() : null;
}

/** Our search attributes among some. They are plain JSON, in clear; one that was unset is null. */
export function searchAttributes(fields: { [name: string]: Payload } | null | undefined): {
  [name in SearchAttribute]?: string | null;
} {
  const known = SEARCH_ATTRIBUTES.flatMap((name) => {
    const payload = fields?.[name];
    return payload ? [[name, keyword(payload)] as const] : [];
  });
  return Object.fromEntries(known);
}

function keyword({ data }: Payload): string | null {
  const text = Buffer.from(data ?? []).toString('utf8');
  const value: unknown = text === '' ? null : JSON.parse(text);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : null;
}

/** Temporal's own attribute of workflows whose tasks have failed five times in a row, a list as `cause=WorkflowTaskFailedCause...`. */
export const PROBLEMS_ATTRIBUTE = 'TemporalReportedProblems';

/** Why tasks of a workflow fail, as Temporal reports it; null where it reports nothing. */
export function reportedProblem(fields: { [name: string]: Payload } | null | undefined): string | null {
  const payload = fields?.[PROBLEMS_ATTRIBUTE];
  const text = Buffer.from(payload?.data ?? []).toString('utf8');
  const cause = /cause=WorkflowTask(?:Failed|TimedOut)Cause(\w+)/.exec(text)?.[1];
  return cause ?? (/category=(\w+)/.exec(text)?.[1] || null);
}
