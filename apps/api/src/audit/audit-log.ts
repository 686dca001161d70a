import type { AuditFile } from '#libs/audit/index.js';
import { auditText, FIRST, hashOf, readAuditLine, type AuditEntry, type AuditLine } from '#libs/audit/index.js';

/** What somebody tells of an event; the rest is null. */
export type AuditEvent = Pick<AuditEntry, 'route' | 'result'> & Partial<Omit<AuditEntry, 'at'>>;

export interface AuditSinks {
  /** Told each line: the log. */
  log: (line: AuditLine) => void;
  /** The file that keeps them, if one does. */
  file: AuditFile | undefined;
}

/** Lines of callers that are not known, in a second; whoever guesses keys must not fill the disk. */
const ANONYMOUS_A_SECOND = 100;
const SECOND_MS = 1_000;

/** The record of who did what: each line carries the hash of the one before, in the file over restarts too. */
export class AuditLog {
  /** Of the last line, where there is no file. */
  private head = FIRST;
  private anonymous = { since: 0, written: 0, left: 0 };
  private summary: NodeJS.Timeout | undefined;

  constructor(
    private readonly sinks: AuditSinks,
    private readonly now: () => number = Date.now,
  ) {}

  /** Writes a line. @throws {Error} when the file does not take it: then what it tells of must not be given out */
  record(event: AuditEvent): void {
    const nothing = { caller: null, address: null, id: null, runId: null, reason: null };
    const entry: AuditEntry = { at: new Date(this.now()).toISOString(), ...nothing, ...event };
    const text = this.sinks.file ? this.sinks.file.append(entry) : auditText(entry, this.head);
    this.head = hashOf(text);
    const line = readAuditLine(text);
    if (line) this.sinks.log(line);
  }

  /** Writes a line of somebody that is not known: at most 100 a second, and one that counts the others. */
  recordAnonymous(event: AuditEvent): void {
    const second = Math.floor(this.now() / SECOND_MS);
    if (second !== this.anonymous.since) {
      this.summarize();
      this.anonymous = { since: second, written: 0, left: 0 };
    }
    if (this.anonymous.written < ANONYMOUS_A_SECOND) {
      this.anonymous.written += 1;
      this.record(event);
    } else {
      this.anonymous.left += 1;
      this.summary ??= setTimeout(() => this.summarizeLater(), SECOND_MS).unref();
    }
  }

  /** Writes what has only been counted, and closes the file. */
  close(): void {
    try {
      this.summarize();
    } finally {
      this.sinks.file?.close();
    }
  }

  private summarize(): void {
    clearTimeout(this.summary);
    this.summary = undefined;
    const { left } = this.anonymous;
    if (left === 0) return;
    this.record({ route: '*', result: 'unauthorized', reason: `${left} more refusals were only counted` });
    this.anonymous.left = 0;
  }

  /** Nobody waits for it: a file that does not take it is told of by the next request, which also brings the count again. */
  private summarizeLater(): void {
    try {
      this.summarize();
    } catch {
      this.summary = undefined;
    }
  }
}
