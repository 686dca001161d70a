import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { freePorts } from '#apps/cli/src/parts/ports.js';

import { runProgram, type Program } from './program.js';

const root = path.resolve(import.meta.dirname, '../..');
let folder: string;
let dataDir: string;
let system: Program;
let ports: Awaited<ReturnType<typeof freePorts>>;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'gangway-readme-'));
  dataDir = path.join(folder, 'data');
  ports = await freePorts();
  system = runProgram('apps/cli/src/start/main.js', [], {
    GANGWAY_DATA_DIR: dataDir,
    GANGWAY_PORT: String(ports.api),
    GANGWAY_TEMPORAL_PORT: String(ports.temporal),
    GANGWAY_TEMPORAL_UI_PORT: String(ports.temporalUi),
    GANGWAY_SANDBOX_PORT: String(ports.sandbox),
  });
  await system.printed(/Ctrl-C stops all of it/);
}, 180_000);

afterAll(async () => {
  system.child.kill('SIGINT');
  expect(await system.exited, system.output.stderr).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

/** The commands of a chapter of README, byte for byte as they are pasted. */
function commandsOf(chapter: string): string[] {
  const text = readFileSync(path.join(root, 'README.md'), 'utf8');
  const [, rest = ''] = text.split(`\n## ${chapter}\n`);
  const [body = ''] = rest.split('\n## ');
  return [...body.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block);
}

function hasJq(): boolean {
  try {
    return execFileSync('jq', ['--version']).length > 0;
  } catch {
    return false;
  }
}

/** Runs a script in a shell that has been given nothing but where this system is. */
async function runShell(script: string): Promise<{ code: number | null; out: string; err: string }> {
  const file = path.join(folder, 'pasted.sh');
  writeFileSync(file, script);
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, GANGWAY_PORT: String(ports.api), GANGWAY_DATA_DIR: dataDir };
  const child = spawn('bash', ['-e', '-o', 'pipefail', file], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...texts };
}

describe('README', () => {
  it('has commands that work as they are pasted, one after the other', { timeout: 480_000 }, async () => {
    const blocks = commandsOf('A first onboarding');
    expect(blocks.length).toBeGreaterThanOrEqual(5);
    // A comment behind a command is an argument in a shell that is not told otherwise (zsh).
    for (const block of blocks) expect(block).not.toMatch(/\s#\s/);
    const here = (text: string): string =>
      text
        .replaceAll('127.0.0.1:3000', `127.0.0.1:${ports.api}`)
        .replaceAll('127.0.0.1:7070', `127.0.0.1:${ports.sandbox}`)
        .replaceAll('.gangway/api-key', path.join(dataDir, 'api-key'))
        .replaceAll('| jq', hasJq() ? '| jq' : '');
    // What ends otherwise than with 0 on purpose.
    const expected = (text: string): string =>
      text
        .replace(/^npx gangway plan .*$/gm, '$& || test $? = 2')
        .replace(/^(sed 's\/small\/failing|npx gangway cancel).*$/gm, '$& || test $? = 4')
        .replace(/^\(sed 's\/small\/parked.*$/gm, '$& || test $? = 3');
    const { code, out, err } = await runShell(blocks.map(here).map(expected).join('\n'));
    expect({ code, err }).toEqual({ code: 0, err: expect.not.stringMatching(/error/i) as string });
    for (const sign of [
      /acme\.small {2}onboard {2}succeeded/,
      /^acme\.small +succeeded/m,
      /^acme\.small {2}egain {2}live/m,
      /"id": ?"acme\.shop"/,
      /^event: closed$/m,
      /^gw:.*:acme\.shop:/m,
      /acme\.failing {2}onboard {2}rolled-back/,
      /npx gangway retry acme\.parked --reason/,
      /acme\.parked {2}onboard {2}succeeded/,
      /acme\.slow {2}onboard {2}cancelled/,
    ]) {
      expect(out).toMatch(sign);
    }
  });
});
