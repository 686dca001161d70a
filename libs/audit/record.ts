import { createHash } from 'node:crypto';

/** What one line of the audit stream tells: who did what to what, and what came of it. Never a secret. */
export interface AuditEntry {
  /** RFC 3339 UTC. */
  at: string;
  /** Id of the API key, or `oidc:<subject>` of the issuer; `*` for the pages of the Temporal UI; null for nobody that is known. */
  caller: string | null;
  /** IP address; null for what the process did by itself. */
  address: string | null;
  /** Method and route as it is declared: `POST /v1/onboardings/:id/cancel`. */
  route: string;
  /** Of the account, or of what else was meant. */
  id: string | null;
  /** Of the job. */
  runId: string | null;
  /** `ok`, or the slug of the refusal. */
  result: string;
  /** What the caller gave as a reason, or why it was refused. */
  reason: string | null;
}

/** An entry as it is written. */
export interface AuditLine extends AuditEntry {
  /** SHA-256 of the line before, without its line feed, as lower-case hex; of the first line `FIRST`. */
  prev: string;
}

/** What stands in place of a hash where no line is before. */
export const FIRST = '0'.repeat(64);

/** The `result` of the line that follows one that was cut off as the process or the disk failed. */
export const TORN = 'torn';

const MEMBERS = ['at', 'caller', 'address', 'route', 'id', 'runId', 'result', 'reason', 'prev'] as const;

/** A line without its line feed; its members always come in the same order. */
export function auditText(entry: AuditEntry, prev: string): string {
  const line: AuditLine = { ...entry, prev };
  return JSON.stringify(Object.fromEntries(MEMBERS.map((name) => [name, line[name]])));
}

/** SHA-256 of a line without its line feed, as lower-case hex. */
export function hashOf(line: string | Uint8Array): string {
  return createHash('sha256').update(line).digest('hex');
}

/** Reads a line back; undefined for a text that is none. */
export function readAuditLine(text: string): AuditLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const line = value as Record<string, unknown>;
  const fits = MEMBERS.every((name) => typeof line[name] === 'string' || line[name] === null);
  return fits && typeof line['prev'] === 'string' ? (value as AuditLine) : undefined;
}
