import { cut, printable } from '../render/text.js';

/** A line of a part's log as a person reads it. */
interface LogText {
  /** True for a warning and an error, and for plain text: that is what parts print when they cannot start. */
  weighty: boolean;
  text: string;
}

const LONGEST = 300;
const WEIGHTY: readonly unknown[] = ['warn', 'error', 'fatal'];
/** What Node prints around an exception's message: the frames, the mark under the code, its own version. */
const AROUND_AN_EXCEPTION = /^\s*(at .*|[\^~]+|\}|Node\.js v\S+)?\s*$/;

/**
 * What a part said last, for a person: records as `error: message: the error (egain.channel.ensure)`, plain text as it is, no stacks.
 * The last `count` warnings, errors and plain texts; where there are none, of all lines.
 */
export function lastWords(lines: readonly string[], count: number): string[] {
  const read = lines.map(readLine).filter((line) => line !== undefined);
  const weighty = read.filter((line) => line.weighty);
  return (weighty.length > 0 ? weighty : read).slice(-count).map(({ text }) => cut(printable(text), LONGEST));
}

function readLine(line: string): LogText | undefined {
  const record = readRecord(line);
  if (!record) return AROUND_AN_EXCEPTION.test(line) ? undefined : { weighty: true, text: line.trim() };
  const { level, msg, err, reason } = record;
  const about = record['step'] ?? record['activityType'] ?? record['workflowId'];
  const said = [level, msg, readMessage(err) ?? reason].filter((part) => typeof part === 'string' && part !== '');
  return {
    weighty: WEIGHTY.includes(level),
    text: `${said.join(': ')}${typeof about === 'string' ? ` (${about})` : ''}`,
  };
}

/** A record of our logger, which has a message; undefined for other text. */
function readRecord(line: string): Record<string, unknown> | undefined {
  try {
    const record: unknown = JSON.parse(line);
    return typeof record === 'object' && record !== null && 'msg' in record ? { ...record } : undefined;
  } catch {
    return undefined; // plain text
  }
}

function readMessage(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
}
