import { invalid } from '../problems/problem.js';

/** Where a stream goes on: after this event of this run. */
export interface ResumePoint {
  /** Null when the reader did not say which run it read. */
  runId: string | null;
  seq: number;
}

/** `<runId>:<seq>` (`docs/http.md` §4.3). */
export function eventId(runId: string, seq: number): string {
  return `${runId}:${seq}`;
}

/** Reads an event id back, or a bare seq. @throws {Problem} for any other text. */
export function readResumePoint(text: string | undefined, field: string): ResumePoint | undefined {
  if (text === undefined || text === '') return undefined;
  const [, runId, seq] = /^(?:([0-9A-Za-z-]{1,64}):)?(\d{1,15})$/.exec(text) ?? [];
  if (seq === undefined) {
    throw invalid('invalid-request', [{ pointer: `/${field}`, message: 'must be the id of an event: <runId>:<seq>' }]);
  }
  return { runId: runId ?? null, seq: Number(seq) };
}
