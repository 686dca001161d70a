import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** A program of the build that runs as a child, with what it has printed. */
export interface Program {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  /** Resolves with the first match in its standard output. Rejects when it ends without one. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  readonly exited: Promise<number | null>;
}

/** Runs `dist/<program>` with this environment and nothing from the outside but what Node needs. */
export function runProgram(program: string, args: readonly string[], environment: NodeJS.ProcessEnv): Program {
  const { PATH, HOME, XDG_CACHE_HOME, TEMPORAL_CLI_PATH } = process.env;
  const inherited = { PATH, HOME, XDG_CACHE_HOME, TEMPORAL_CLI_PATH };
  const child = spawn(process.execPath, [path.join(root, 'dist', program), ...args], {
    cwd: root,
    env: { ...inherited, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end();
  const output = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
    for (const watcher of watchers) watcher();
  });
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
  return {
    child,
    output,
    exited,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(output.stdout);
          if (match === null) return;
          watchers.delete(look);
          resolve(match);
        };
        watchers.add(look);
        look();
        const ended = (): void =>
          reject(new Error(`ended without ${String(pattern)}:\n${output.stdout}${output.stderr}`));
        exited.then(ended, ended);
      }),
  };
}
