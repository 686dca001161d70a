import fs from 'node:fs';
import { auditText, FIRST, hashOf, readAuditLine, TORN, type AuditEntry } from './record.js';

/** No line is as long: what is read of a file's beginning and end to know it. */
const LONGEST_LINE = 64 << 10;
const LINE_FEED = 0x0a;

/**
 * A file of audit lines, each of which carries the hash of the one before. One process writes it; it goes on from the line that is last.
 * Whoever may write the file can write the whole chain anew: that shows only against a hash that is kept elsewhere.
 */
export class AuditFile {
  private readonly descriptor: number;
  /** Hash of the last line. */
  private head = FIRST;
  /** Bytes of the file as this process left it; -1 where it must be looked at. */
  private size = -1;

  /**
   * Opens a file, or makes it, readable by its owner alone.
   * @throws {Error} of the file system, or when the file holds something else.
   */
  constructor(private readonly path: string) {
    this.descriptor = fs.openSync(path, 'a+', 0o600);
    this.goOn();
  }

  /** Appends a line and returns it. @throws {Error} of the file system: the line is not, or not wholly, written */
  append(entry: AuditEntry): string {
    if (fs.fstatSync(this.descriptor).size !== this.size) this.goOn();
    const line = auditText(entry, this.head);
    this.write(`${line}\n`);
    this.head = hashOf(line);
    return line;
  }

  close(): void {
    fs.closeSync(this.descriptor);
  }

  /** Takes up the chain where the file ends. A last line that was cut off is kept, and marked by the one that follows. */
  private goOn(): void {
    const { size } = fs.fstatSync(this.descriptor);
    if (size === 0) {
      this.head = FIRST;
      this.size = 0;
      return;
    }
    const last = this.lastLine(size);
    const whole = readAuditLine(last.toString('utf8')) !== undefined;
    if (!whole && !this.beginsAsAudit()) throw new Error(`${this.path} holds something else than audit lines`);
    this.head = hashOf(last);
    this.size = size;
    const open = this.byteAt(size - 1) !== LINE_FEED;
    if (whole) {
      if (open) this.write('\n');
      return;
    }
    const mark = auditText(tornEntry(), this.head);
    this.write(`${open ? '\n' : ''}${mark}\n`);
    this.head = hashOf(mark);
  }

  private write(text: string): void {
    const bytes = Buffer.from(text);
    const expected = this.size + bytes.length;
    this.size = -1; // until it is all there
    const written = fs.writeSync(this.descriptor, bytes);
    if (written < bytes.length) throw new Error(`${this.path}: ${written} of ${bytes.length} bytes were written`);
    this.size = expected;
  }

  /** The bytes of the last line without a line feed. */
  private lastLine(size: number): Buffer {
    const tail = this.read(Math.max(0, size - LONGEST_LINE), size);
    const end = tail.at(-1) === LINE_FEED ? tail.length - 1 : tail.length;
    return tail.subarray(end === 0 ? 0 : tail.lastIndexOf(LINE_FEED, end - 1) + 1, end);
  }

  private beginsAsAudit(): boolean {
    const head = this.read(0, LONGEST_LINE);
    const [first = ''] = head.toString('utf8').split('\n');
    return readAuditLine(first) !== undefined || (!head.includes(LINE_FEED) && first.startsWith('{"at":'));
  }

  private byteAt(at: number): number | undefined {
    return this.read(at, at + 1)[0];
  }

  private read(from: number, to: number): Buffer {
    const bytes = Buffer.alloc(to - from);
    return bytes.subarray(0, fs.readSync(this.descriptor, bytes, 0, bytes.length, from));
  }
}

function tornEntry(): AuditEntry {
  const reason = 'the line before was cut off';
  const nobody = { caller: null, address: null, id: null, runId: null };
  return { at: new Date().toISOString(), ...nobody, route: 'audit', result: TORN, reason };
}
