import { spawn } from 'node:child_process';

import type { Owner } from './owner.js';

const shownLines = 5;

export interface RunOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly owner?: Owner | undefined;
}

/** A program ended badly; `output` is what it printed, both outputs. */
export class RunFailed extends Error {
  constructor(
    program: string,
    how: string,
    readonly output: string,
  ) {
    super(`${program} ended with ${how}: ${output.trimEnd().split('\n').slice(-shownLines).join('\n')}`);
    this.name = 'RunFailed';
  }
}

/** Runs a program to its end, with no more variables than are named. Returns what it printed to stdout. @throws {RunFailed} */
export async function runProgram(
  program: string,
  args: readonly string[],
  { environment, folder, owner }: RunOptions,
): Promise<Buffer> {
  const child = spawn(program, args, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(owner === undefined ? {} : { uid: owner.uid, gid: owner.gid }),
  });
  const printed: Buffer[] = [];
  const all: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    printed.push(chunk);
    all.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => all.push(chunk));
  const how = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal === null ? `exit code ${String(code)}` : signal));
  });
  if (how !== 'exit code 0') throw new RunFailed(program, how, Buffer.concat(all).toString('utf8'));
  return Buffer.concat(printed);
}
