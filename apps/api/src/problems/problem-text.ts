import type { Problem } from './problem.js';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** An address may be as long as a header; nobody needs more of it to know which one was asked for. */
const INSTANCE_LIMIT = 500;

/** The body of a refusal. `url` is what was asked for, as it came: it is shown without its query, and judged by nobody. */
export function problemText(problem: Problem, url: string, traceId: string): string {
  const [path = ''] = url.split('?');
  return JSON.stringify(problem.body(path.slice(0, INSTANCE_LIMIT), traceId));
}
