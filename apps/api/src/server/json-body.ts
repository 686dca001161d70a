import { isUtf8 } from 'node:buffer';
import { scanJson, type BrokenJson, type JsonPath } from '#libs/json/scan.js';
import { pointerOf } from '#libs/planning/index.js';
import type { Finding } from '#libs/fields/findings.js';
import { invalid, Problem } from '../problems/problem.js';

/** Keys may be as long as the body: of a longer pointer the beginning is told, which is the pointer of what holds the place. */
const POINTER_LIMIT = 500;
const LINE_FEED = 0x0a;

/**
 * Reads the body of a request. Nothing of it is quoted in a refusal: it may hold secrets.
 * @throws {Problem} `malformed-json` for a text that is none, with its line and column; `invalid-request` for one that goes too deep or
 * holds a key twice, with a pointer.
 */
export function readJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) throw malformed('The body is empty: send JSON.');
  if (!isUtf8(bytes)) {
    const detail = `The body is not UTF-8 text (line ${lineOfOtherText(bytes)}): save it as UTF-8 and send it as it is.`;
    throw malformed(detail);
  }
  const text = new TextDecoder().decode(bytes); // without a byte order mark
  const scan = scanJson(text);
  if (!scan.sound) throw notJson(scan);
  const findings = [
    ...scan.duplicates.map((path) => finding(path, 'is there twice in its object: keep one of them')),
    ...scan.poisoned.map((path) => finding(path, 'is not a known field: leave it out')),
  ];
  if (findings.length > 0) throw invalid('invalid-request', findings);
  return JSON.parse(text);
}

function notJson({ problem, line, column, tooDeep, path }: BrokenJson): Problem {
  if (tooDeep) return invalid('invalid-request', [finding(path, problem)]);
  return malformed(`The body is not valid JSON, line ${line}, column ${column}: ${problem}.`);
}

function malformed(detail: string): Problem {
  return new Problem('malformed-json', detail);
}

function finding(path: JsonPath, message: string): Finding {
  let pointer = '';
  for (const token of path) {
    const longer = pointer + pointerOf([token]);
    if (longer.length > POINTER_LIMIT) break;
    pointer = longer;
  }
  return { pointer, message };
}

/** A line feed is never part of a longer character of UTF-8, so that each line can be looked at alone. */
function lineOfOtherText(bytes: Buffer): number {
  let line = 1;
  for (let from = 0; from <= bytes.length; line += 1) {
    const end = bytes.indexOf(LINE_FEED, from);
    if (!isUtf8(bytes.subarray(from, end < 0 ? bytes.length : end))) break;
    if (end < 0) break;
    from = end + 1;
  }
  return line;
}
