import fs from 'node:fs';
import { FIRST, hashOf, readAuditLine, TORN, type AuditLine } from './record.js';

const LINE_FEED = 0x0a;
/** More faults are counted only: behind the first, the others follow from it. */
const FAULTS_TOLD = 20;

/** What can be said of a file of audit lines. */
export interface AuditReport {
  lines: number;
  /** Lines that were cut off as the process or the disk failed, and are marked so; the last one needs no mark. */
  torn: number;
  /** Hash of the last line: keep it elsewhere, and ask for it later. */
  head: string;
  /** Where the chain is broken: the first 20. Empty: no line is missing or changed but at the end, where only `expected` tells. */
  faults: { line: number; problem: string }[];
  faultCount: number;
  /** The line that has the hash which was asked for; null: none has, so the end was cut off or changed. Undefined: none was asked for. */
  expected: number | null | undefined;
}

/** Reads a file of audit lines from its beginning. @throws {Error} of the file system */
export async function verifyAuditFile(path: string, expect?: string): Promise<AuditReport> {
  const report: AuditReport = {
    lines: 0,
    torn: 0,
    head: FIRST,
    faults: [],
    faultCount: 0,
    expected: expect === undefined ? undefined : null,
  };
  const fault = (line: number, problem: string): void => {
    report.faultCount += 1;
    if (report.faults.length < FAULTS_TOLD) report.faults.push({ line, problem });
  };
  let unread = false;
  for await (const bytes of linesOf(path)) {
    report.lines += 1;
    const line = readAuditLine(bytes.toString('utf8'));
    if (unread) {
      if (line?.result === TORN) report.torn += 1;
      else fault(report.lines - 1, 'is no audit line: it was changed, or cut off and not marked');
    }
    if (line) checkLink(line, report, fault);
    unread = line === undefined;
    report.head = hashOf(bytes);
    if (expect !== undefined && report.head === expect.toLowerCase()) report.expected = report.lines;
  }
  if (unread) report.torn += 1;
  return report;
}

function checkLink(
  { prev }: AuditLine,
  { lines, head }: AuditReport,
  fault: (line: number, problem: string) => void,
): void {
  if (prev === head) return;
  fault(
    lines,
    head === FIRST
      ? 'is the first, and says that others were before it: they are missing'
      : `does not follow line ${lines - 1}: one of the two was changed, or lines between them are missing`,
  );
}

/** The lines of a file as bytes, without line feeds. */
async function* linesOf(path: string): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of fs.createReadStream(path)) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      yield bytes.subarray(from, end);
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) yield rest;
}
