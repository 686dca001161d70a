import { isLoopbackHost } from '#libs/net/urls.js';

import { CliError } from '../errors.js';
import { commandLine } from '../render/next-steps.js';
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
  401:
    'Set GANGWAY_TOKEN to a valid key. That of an npm start is found by itself in its data dir (GANGWAY_DATA_DIR, set as it was ' +
    'there, default .gangway), and it prints it: "api key: gwk_..."',
  'no-worker': 'No worker answered: start one (npm run start:worker), or plan with --offline.',
  'engine-unavailable': 'The API cannot reach Temporal: see that the server runs, then try again.',
  'lists-busy':
    'Try again in a moment; the limit is that of the Temporal server (docs/operations.md, "Settings of a cluster").',
  'onboarding-in-progress': `See it with: ${commandLine('status <id>')}`,
  'account-exists': `See what it stands by with: ${commandLine('accounts <id>')}`,
  interrupted: 'How to free the account: docs/operations.md, "Interrupted".',
};

/** A place in the file that was sent. */
export interface Place {
  /** From 1. */
  readonly line: number;
  /** A plain scalar that YAML reads as something else than text. */
  readonly plain?: { readonly source: string; readonly readAs: string };
}

/** Finds the place of a finding's pointer; undefined where the file has none. */
export type Locate = (pointer: string) => Place | undefined;

/** The API refused a call, and said why. */
export class ApiProblem extends CliError {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem, locate?: Locate) {
    super(renderProblem(status, problem, locate).join('\n'));
    this.name = 'ApiProblem';
    this.status = status;
    this.problem = problem;
  }

  /** The last part of the problem's type: `invalid-spec`; empty when there is none. */
  get slug(): string {
    return slugOf(this.problem);
  }
}

const HERE =
  'Start it with "npm start". Where one runs with other ports, set GANGWAY_PORT and GANGWAY_DATA_DIR here as they are there; for ' +
  'another machine set GANGWAY_URL and GANGWAY_TOKEN.';
const ELSEWHERE = 'That is what GANGWAY_URL says: see that it is right, and that this machine can reach it.';

/** The API did not answer at all. */
export class ApiUnreachable extends CliError {
  constructor(url: string, reason: string, options?: { cause?: unknown }) {
    const cure = isLoopbackHost(new URL(url).hostname) ? HERE : ELSEWHERE;
    super(`cannot reach the Gangway API at ${url}: ${reason}\n${cure}`, options);
    this.name = 'ApiUnreachable';
  }
}

/** A problem as lines for a person: what, why, every finding with its place in the body, what to do, and the trace id. */
export function renderProblem(status: number, problem: Problem, locate: Locate = () => undefined): string[] {
  const slug = slugOf(problem);
  const lines = [`${problem.title ?? 'the API refused the call'} (${[status, slug].filter(Boolean).join(' ')})`];
  if (problem.detail !== undefined && problem.detail !== problem.title) lines.push(problem.detail);
  for (const finding of problem.errors ?? []) {
    lines.push(`  ${findingText(finding, locate(finding.pointer))}`);
  }
  for (const [name, value] of Object.entries(problem)) {
    if (!SHOWN.has(name) && value !== null) lines.push(`  ${name}: ${asText(value)}`);
  }
  const cure = CURES[slug] ?? CURES[String(status)];
  if (cure !== undefined) lines.push(cure);
  if (problem.traceId !== undefined) lines.push(`trace id: ${problem.traceId}`);
  return lines.map(printable);
}

function findingText({ pointer, message }: { pointer: string; message: string }, place: Place | undefined): string {
  const where = pointer === '' ? '(whole body)' : pointer;
  if (place === undefined || pointer === '') return `${where}: ${message}`;
  const { line, plain } = place;
  // What a number was written as is not in what was sent: `+15550100` has lost its plus.
  const hint =
    plain !== undefined && /\b(text|string)\b/i.test(message) && !/quot/i.test(message)
      ? `; ${plain.source} is read as ${plain.readAs}: put it in quotes, "${plain.source}"`
      : '';
  return `${where} (line ${line}): ${message}${hint}`;
}

function slugOf(problem: Problem): string {
  const type = typeof problem.type === 'string' ? problem.type : '';
  return type === 'about:blank' ? '' : (type.split('/').at(-1) ?? '');
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
