import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigError, type Fault } from './faults.js';
import { readTextFile, TextFileError } from '#libs/files/text-file.js';

/** A settings file and the variable that names it. Every fault in the file names both. */
export interface SettingsFile {
  variable: string;
  file: string;
}

/**
 * Reads a settings file in YAML or JSON (which is YAML). Returns what the schema makes of it.
 * @throws {ConfigError} with every fault: `GANGWAY_API_KEYS: keys.json: keys.0.sha256 must be ...`. Never with a value of the file.
 */
export function readSettingsFile<S extends z.ZodType>(source: SettingsFile, schema: S): z.output<S> {
  let text: string;
  try {
    text = readTextFile(source.file);
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    throw new ConfigError([{ name: source.variable, message: `the file ${source.file} ${error.message}` }]);
  }
  return parseSettingsFile(text, source, schema);
}

/** As `readSettingsFile`, of a text that has been read already. */
export function parseSettingsFile<S extends z.ZodType>(text: string, source: SettingsFile, schema: S): z.output<S> {
  const parsed = schema.safeParse(parseText(text, source));
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues
      .flatMap((issue) => issueFaults(issue, []))
      .map(({ at, message }) => inFile(source, at, message)),
  );
}

/** A fault at a place in a settings file, `connections.egain-main.apiBase`; an empty place stands for the whole file. */
export function inFile({ variable, file }: SettingsFile, at: string, message: string): Fault {
  return { name: variable, message: at === '' ? `${file} ${message}` : `${file}: ${at} ${message}` };
}

/** Names file, line and column. Never with the parser's own message: that one quotes the file. */
function parseText(text: string, source: SettingsFile): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map((error) => {
        const { line, col } = lineCounter.linePos(error.pos[0]);
        return inFile(source, '', `is not valid YAML or JSON at line ${line}, column ${col} (${error.code})`);
      }),
    );
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new ConfigError([inFile(source, '', 'is not valid YAML: an alias names no anchor, or there are too many')]);
  }
}

/** A fault by its place in the file; empty for the whole. */
interface PlacedFault {
  at: string;
  message: string;
}

function issueFaults(issue: z.core.$ZodIssue, parents: readonly PropertyKey[]): PlacedFault[] {
  const path = [...parents, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ at: placeOf([...path, key]), message: 'is not a known field' }));
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ at: placeOf(path), message }));
    case 'invalid_union': {
      // The faults of the branch that came furthest say more than "no branch fits".
      const nested = issue.errors.filter((branch) => branch.some(({ path: at }) => at.length > 0));
      const [only, ...others] = nested;
      if (only !== undefined && others.length === 0) return only.flatMap((inner) => issueFaults(inner, path));
      return [{ at: placeOf(path), message: issue.message }];
    }
    default:
      return [{ at: placeOf(path), message: issue.message }];
  }
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
