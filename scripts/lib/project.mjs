import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const projectRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A command ended badly; it has already said why on the terminal. */
export class CommandFailed extends Error {
  constructor(label, exitCode) {
    super(`${label} failed (exit code ${exitCode})`);
    this.exitCode = exitCode;
  }
}

/** Progress goes to stderr, so that what a command prints on stdout stays clean. */
export function log(message) {
  process.stderr.write(`[gangway] ${message}\n`);
}

/** Runs a command with the terminal's output and resolves with its exit code (128 + n when a signal ended it). */
export function run(command, args, { env = process.env, stdio = 'inherit' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: projectRoot, env, stdio });
    const forward = (signal) => child.kill(signal);
    process.on('SIGTERM', forward).on('SIGINT', forward).on('SIGHUP', forward);
    const settle = (finish) => {
      process.off('SIGTERM', forward).off('SIGINT', forward).off('SIGHUP', forward);
      finish();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('close', (code, signal) => settle(() => resolve(code ?? signalExitCode(signal))));
  });
}

/** Like `run`, but keeps the output and resolves with `{ exitCode, output }`: for steps that run side by side. */
export function capture(command, args, { env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: projectRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve({ exitCode: code ?? signalExitCode(signal), output: Buffer.concat(chunks).toString('utf8') }),
    );
  });
}

/** The entry of an installed tool, run with this very Node: `tool('eslint', 'bin/eslint.js')`. */
export function tool(packageName, entry) {
  return [process.execPath, path.join(projectRoot, 'node_modules', packageName, entry)];
}

function signalExitCode(signal) {
  return { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 }[signal] ?? 1;
}
