import { StandardSchemaValidationPipe } from '@nestjs/common';
import type { z } from 'zod';
import { pointerOf } from '#libs/planning/index.js';
import type { Finding } from '#libs/fields/findings.js';
import { invalid } from './problem.js';

/** Validates bodies and queries by the schema that their parameter names; all findings come at once. */
export function requestValidation(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues) => invalid('invalid-request', issues.flatMap(findings)),
  });
}

/** What is wrong with a value by a schema: for bodies whose judgement goes on where a schema ends. Empty when it fits. */
export function requestFindings(schema: z.ZodType, value: unknown): Finding[] {
  return schema.safeParse(value).error?.issues.flatMap(findings) ?? [];
}

type PathSegment = PropertyKey | { key: PropertyKey };

function findings(issue: { message: string; path?: readonly PathSegment[] | undefined }): Finding[] {
  const path = (issue.path ?? []).map(plainKey);
  const { keys } = issue as Partial<z.core.$ZodIssueUnrecognizedKeys>;
  if (keys) {
    // A schema that says something of its own of unknown fields has a line for each.
    const lines = issue.message.split('\n');
    const own = lines.length === keys.length && !issue.message.startsWith('Unrecognized key');
    return keys.map((key, index) => ({
      pointer: pointerOf([...path, key]),
      message: (own ? lines[index] : undefined) ?? 'is not a known field',
    }));
  }
  return [{ pointer: pointerOf(path), message: issue.message }];
}

function plainKey(segment: PathSegment): string | number {
  const key = typeof segment === 'object' ? segment.key : segment;
  return typeof key === 'number' ? key : String(key);
}
