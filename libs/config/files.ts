import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigError, type Fault } from './faults.js';

/**
 * The content of a settings file in YAML or JSON (which is YAML).
 * @throws {ConfigError} naming file, line and column. Never with the parser's own message: that one quotes the file.
 */
export function parseSettingsText(text: string, file: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map((error) => {
        const { line, col } = lineCounter.linePos(error.pos[0]);
        return { name: file, message: `is not valid YAML or JSON at line ${line}, column ${col} (${error.code})` };
      }),
    );
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new ConfigError([
      { name: file, message: 'is not valid YAML: an alias names no anchor, or there are too many' },
    ]);
  }
}

/** The faults of a settings file, named by their place in it: `connections.egain-main.apiBase`. `file` names those of the whole. */
export function schemaFaults(error: z.ZodError, file: string): Fault[] {
  return error.issues.flatMap((issue) => issueFaults(issue, [], file));
}

/** The faults of a file that a variable names: `GANGWAY_API_KEYS: keys.json: keys.0.sha256 must be ...`. */
export function variableFaults(error: z.ZodError, variable: string, file: string): Fault[] {
  return schemaFaults(error, '').map(({ name, message }) => ({
    name: variable,
    message: name === '' ? `${file} ${message}` : `${file}: ${name} ${message}`,
  }));
}

function issueFaults(issue: z.core.$ZodIssue, parents: readonly PropertyKey[], file: string): Fault[] {
  const path = [...parents, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ name: nameOf([...path, key], file), message: 'is not a known field' }));
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ name: nameOf(path, file), message }));
    case 'invalid_union': {
      // The faults of the branch that came furthest say more than "no branch fits".
      const nested = issue.errors.filter((branch) => branch.some(({ path: at }) => at.length > 0));
      const [only, ...others] = nested;
      if (only !== undefined && others.length === 0) return only.flatMap((inner) => issueFaults(inner, path, file));
      return [{ name: nameOf(path, file), message: issue.message }];
    }
    default:
      return [{ name: nameOf(path, file), message: issue.message }];
  }
}

function nameOf(path: readonly PropertyKey[], file: string): string {
  return path.length === 0 ? file : path.map(String).join('.');
}
