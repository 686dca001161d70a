/** `npm run test:planted`: plants each known mistake in a copy of the code and shows that the tests catch it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BORDER_BUGS } from './border.js';
import { PLANTED_BUGS, type PlantedBug } from './bugs.js';
import { FLEET_BUGS } from './fleet-bugs.js';
import { LIFECYCLE_BUGS } from './lifecycle-bugs.js';
import { READING_BUGS } from './reading-bugs.js';

/** Not copied: made anew, shared by a link, or of no use to the tests. */
const LEFT_OUT = new Set(['node_modules', '.git', '.gangway', 'coverage']);
const RUN_LIMIT_MS = 600_000;

const root = process.cwd();
const copy = mkdtempSync(path.join(tmpdir(), 'gangway-planted-'));
const chosen = process.argv.slice(2);
const bugs = [...PLANTED_BUGS, ...READING_BUGS, ...LIFECYCLE_BUGS, ...FLEET_BUGS, ...BORDER_BUGS].filter(
  (bug) => chosen.length === 0 || chosen.some((words) => bug.name.includes(words)),
);

try {
  cpSync(root, copy, { recursive: true, filter: (source) => !LEFT_OUT.has(path.basename(source)) });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  checkThatAllPass(bugs);
  const missed = bugs.filter((bug) => !isCaught(bug));
  console.log(`${String(bugs.length - missed.length)} of ${String(bugs.length)} planted bugs were caught`);
  for (const { name } of missed) console.log(`NOT caught: ${name}`);
  process.exitCode = missed.length === 0 && bugs.length > 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** A test that fails without a bug would seem to catch every one. */
function checkThatAllPass(planted: readonly PlantedBug[]): void {
  const groups = new Map<string, PlantedBug['caughtBy']>();
  for (const { caughtBy } of planted) {
    const group = `${caughtBy.kind} ${caughtBy.cell ?? ''}`;
    const tests = [...(groups.get(group)?.tests ?? []), ...caughtBy.tests];
    groups.set(group, { ...caughtBy, tests: [...new Set(tests)] });
  }
  for (const group of groups.values()) {
    if (!passes(group)) throw new Error(`fails without any planted bug: ${group.tests.join(', ')} ${group.cell ?? ''}`);
  }
}

function isCaught({ name, changes, caughtBy }: PlantedBug): boolean {
  const originals = new Map(changes.map(({ file }) => [file, readFileSync(path.join(copy, file), 'utf8')]));
  try {
    for (const { file, from, to } of changes) {
      const target = path.join(copy, file);
      const text = readFileSync(target, 'utf8');
      if (text.split(from).length !== 2)
        throw new Error(`${name}: the text to change must stand once in ${file}: ${from}`);
      writeFileSync(
        target,
        text.replace(from, () => to),
      );
    }
    const caught = !passes(caughtBy);
    console.log(`${caught ? 'caught' : 'NOT CAUGHT'}: ${name} (${caughtBy.tests.join(', ')})`);
    return caught;
  } finally {
    for (const [file, text] of originals) writeFileSync(path.join(copy, file), text);
  }
}

function passes({ kind, tests, cell }: PlantedBug['caughtBy']): boolean {
  if (kind === 'unit') return runs('node_modules/vitest/vitest.mjs', ['run', ...tests, '--bail=1']);
  const suite = ['run', '--config', 'vitest.integration.config.ts', ...tests, '--bail=1'];
  if (!runs('scripts/run.mjs', ['build']))
    throw new Error('it does not build: that is no proof that a test would notice');
  return runs('node_modules/vitest/vitest.mjs', suite, cell === undefined ? {} : { GANGWAY_FAULT_CELL: cell });
}

function runs(program: string, args: string[], environment: NodeJS.ProcessEnv = {}): boolean {
  const { status, signal } = spawnSync(process.execPath, [path.join(copy, program), ...args], {
    cwd: copy,
    env: { ...process.env, ...environment },
    stdio: 'ignore',
    timeout: RUN_LIMIT_MS,
  });
  if (status === null) throw new Error(`${program} ${args.join(' ')} was ended by ${signal ?? 'nobody'}`);
  return status === 0;
}
