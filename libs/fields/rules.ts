import { pointerOf } from '#libs/planning/index.js';
import type { Finding } from './findings.js';

/** Findings of rules across fields: errors refuse the spec, warnings come with the answer. */
export interface RuleFindings {
  errors: Finding[];
  warnings: Finding[];
}

/** Collects findings under a place of the document. */
export interface Report {
  error(path: readonly (string | number)[], message: string): void;
  warn(path: readonly (string | number)[], message: string): void;
}

/** A report that writes below `base`, and what was reported. */
export function createReport(...base: string[]): Report & RuleFindings {
  const errors: Finding[] = [];
  const warnings: Finding[] = [];
  const finding = (path: readonly (string | number)[], message: string): Finding => ({
    pointer: pointerOf([...base, ...path]),
    message,
  });
  return {
    errors,
    warnings,
    error: (path, message) => void errors.push(finding(path, message)),
    warn: (path, message) => void warnings.push(finding(path, message)),
  };
}

/** Places at which a value comes a second time; `of` gives what is compared, undefined for what is left out. */
export function repeated<T>(items: readonly T[], of: (item: T) => string | undefined): T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const value = of(item);
    if (value === undefined) return false;
    const again = seen.has(value);
    seen.add(value);
    return again;
  });
}
