import { parseArgs } from 'node:util';
import type { Store } from '#test/support/temporal-under-test.js';

export const SECTIONS = [
  'chain',
  'lifecycle',
  'throughput',
  'history',
  'second-worker',
  'fence',
  'crash',
  'manifest',
  'hostile',
  'lists',
  'sandbox',
  'memory',
] as const;
export type SectionName = (typeof SECTIONS)[number];

/** What a run of the benchmarks was asked for. */
export interface BenchOptions {
  /** In the order in which they run. */
  sections: readonly SectionName[];
  /** Rounds of each measured chain; undefined: as many as the section takes by itself. */
  rounds: number | undefined;
  /** What is left to chance follows from it; 1 by default. */
  seed: number;
  /** What Temporal keeps its state in; `sqlite` by default. */
  store: Store;
  /** File that gets all figures as JSON. */
  json: string | undefined;
}

export const USAGE = `usage: npm run bench -- [--only SECTION,...] [--store sqlite|postgres] [--rounds N] [--seed N] [--json FILE]
sections: ${SECTIONS.join(', ')}`;

/** A command line that cannot be understood; the message says why. */
export class UsageError extends Error {}

/** Reads the command line; undefined when it asks for help. @throws UsageError */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const values = parse(args);
  if (values.help === true) return undefined;
  const names = (values.only ?? []).flatMap((text) => text.split(',')).map((name) => name.trim());
  const unknown = names.filter((name) => !SECTIONS.some((section) => section === name));
  if (unknown.length > 0) throw new UsageError(`--only: there is no section ${unknown.join(', ')}\n${USAGE}`);
  return {
    sections: names.length === 0 ? SECTIONS : SECTIONS.filter((section) => names.includes(section)),
    rounds: values.rounds === undefined ? undefined : positive('--rounds', values.rounds),
    seed: values.seed === undefined ? 1 : positive('--seed', values.seed),
    store: store(values.store ?? 'sqlite'),
    json: values.json,
  };
}

function parse(args: readonly string[]): {
  only?: string[] | undefined;
  rounds?: string | undefined;
  seed?: string | undefined;
  store?: string | undefined;
  json?: string | undefined;
  help?: boolean | undefined;
} {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        seed: { type: 'string' },
        store: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

function store(text: string): Store {
  if (text === 'sqlite' || text === 'postgres') return text;
  throw new UsageError(`--store: must be sqlite or postgres\n${USAGE}`);
}

function positive(option: string, text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new UsageError(`${option}: must be a whole number from 1\n${USAGE}`);
}
