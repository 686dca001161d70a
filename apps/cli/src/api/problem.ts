import { CliError } from '../errors.js';
import { printable } from '../render/text.js';

/** `application/problem+json` as the API answers it (`docs/http.md` §4); members that another server left out are undefined. */
export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  instance?: string;
  traceId?: string;
  errors?: { pointer: string; message: string }[];
  [member: string]: unknown;
}

const SHOWN = new Set(['type', 'title', 'status', 'detail', 'instance', 'traceId', 'errors']);

const CURES: Record<string, string> = {
  401: 'Set GANGWAY_TOKEN to a valid key: the API prints its own in a line "api key: gwk_..." when it starts, or ask whoever keeps its keys.',
  'no-worker': 'No worker answered: start one (npm run start:worker), or plan with --offline.',
  'engine-unavailable': 'The API cannot reach Temporal: see that the server runs, then try again.',
};

/** The API refused a call, and said why. */
export class ApiProblem extends CliError {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(renderProblem(status, problem).join('\n'));
    this.name = 'ApiProblem';
    this.status = status;
    this.problem = problem;
  }

  /** The last part of the problem's type: `invalid-spec`; empty when there is none. */
  get slug(): string {
    return slugOf(this.problem);
  }
}

/** The API did not answer at all. */
export class ApiUnreachable extends CliError {
  constructor(url: string, reason: string, options?: { cause?: unknown }) {
    super(
      `cannot reach the Gangway API at ${url}: ${reason}\nStart it with "npm start", or set GANGWAY_URL to where it runs.`,
      options,
    );
    this.name = 'ApiUnreachable';
  }
}

/** A problem as lines for a person: what, why, every finding with its place in the body, what to do, and the trace id. */
export function renderProblem(status: number, problem: Problem): string[] {
  const slug = slugOf(problem);
  const lines = [`${problem.title ?? 'the API refused the call'} (${[status, slug].filter(Boolean).join(' ')})`];
  if (problem.detail !== undefined && problem.detail !== problem.title) lines.push(problem.detail);
  for (const finding of problem.errors ?? []) {
    lines.push(`  ${finding.pointer === '' ? '(whole body)' : finding.pointer}: ${finding.message}`);
  }
  for (const [name, value] of Object.entries(problem)) {
    if (!SHOWN.has(name) && value !== null) lines.push(`  ${name}: ${asText(value)}`);
  }
  const cure = CURES[slug] ?? CURES[String(status)];
  if (cure !== undefined) lines.push(cure);
  if (problem.traceId !== undefined) lines.push(`trace id: ${problem.traceId}`);
  return lines.map(printable);
}

function slugOf(problem: Problem): string {
  const type = typeof problem.type === 'string' ? problem.type : '';
  return type === 'about:blank' ? '' : (type.split('/').at(-1) ?? '');
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
