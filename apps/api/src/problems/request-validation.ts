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

type PathSegment = PropertyKey | { key: PropertyKey };

function findings(issue: { message: string; path?: readonly PathSegment[] | undefined }): Finding[] {
  const path = (issue.path ?? []).map(plainKey);
  const { keys } = issue as Partial<z.core.$ZodIssueUnrecognizedKeys>;
  if (keys) return keys.map((key) => ({ pointer: pointerOf([...path, key]), message: 'is not a known field' }));
  return [{ pointer: pointerOf(path), message: issue.message }];
}

function plainKey(segment: PathSegment): string | number {
  const key = typeof segment === 'object' ? segment.key : segment;
  return typeof key === 'number' ? key : String(key);
}
