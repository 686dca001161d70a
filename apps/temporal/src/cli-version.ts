import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const runFile = promisify(execFile);

/** Server 1.31 brings what the workflows rely on; the CLI's own number says nothing about it. */
const minimumServer = { major: 1, minor: 31 } as const;

const versionTimeoutMs = 20_000;

export interface CliVersion {
  readonly cli: string;
  readonly server: string;
}

/** Reads `temporal --version`, e.g. `temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)`; undefined when it is something else. */
export function parseCliVersion(output: string): CliVersion | undefined {
  const match = /^temporal version v?(\S+) \(Server v?(\d+\.\d+\.\d+[^\s,)]*)/m.exec(output);
  return match?.[1] !== undefined && match[2] !== undefined ? { cli: match[1], server: match[2] } : undefined;
}

/** True for server 1.31 and newer. */
export function isServerSupported(version: CliVersion): boolean {
  const [major = 0, minor = 0] = version.server.split('.').map(Number);
  return major > minimumServer.major || (major === minimumServer.major && minor >= minimumServer.minor);
}

/** Asks the binary for its version. Returns why it cannot be used, or undefined when it can. */
export async function whyUnusable(binary: string): Promise<string | undefined> {
  let output: string;
  try {
    ({ stdout: output } = await runFile(binary, ['--version'], { timeout: versionTimeoutMs }));
  } catch (error) {
    return `does not run (${firstLine(error)})`;
  }
  const version = parseCliVersion(output);
  if (version === undefined) return 'is not the Temporal CLI: "temporal --version" names no server version';
  return isServerSupported(version)
    ? undefined
    : `has server ${version.server}, and ${minimumServer.major}.${minimumServer.minor} or newer is needed`;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
