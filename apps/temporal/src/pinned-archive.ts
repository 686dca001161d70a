import fs from 'node:fs';
import path from 'node:path';

import type { PinnedCli } from './pinned-cli.js';

/**
 * A released archive of the Temporal CLI. `tools/temporal-cli/archives.json` pins the SHA-256 that the release's `checksums.txt` names; a
 * new version in `go.mod` needs those of its own release there.
 */
export interface PinnedArchive {
  /** Hex. */
  readonly sha256: string;
  /** Addresses of the same file; whatever they answer counts only with the right checksum. */
  readonly sources: readonly string[];
}

interface ArchivesFile {
  readonly version: string;
  readonly sha256: { readonly [platform: string]: string };
}

const ARCHITECTURES: { readonly [arch: string]: string } = { x64: 'amd64', arm64: 'arm64' };

/**
 * Returns the archive of the pinned version for a platform, named as Node names it.
 * @throws {Error} when no checksum is pinned: a download that cannot be checked is not made.
 */
export function readPinnedArchive({ version, moduleDir }: PinnedCli, platform: string, arch: string): PinnedArchive {
  const file = path.join(moduleDir, 'archives.json');
  const archives = JSON.parse(fs.readFileSync(file, 'utf8')) as ArchivesFile;
  const sha256 = archives.version === version ? archives.sha256[`${platform}-${arch}`] : undefined;
  const architecture = ARCHITECTURES[arch];
  if (sha256 === undefined || architecture === undefined) {
    throw new Error(`no checksum of version ${version} for ${platform}-${arch} is pinned in ${file}`);
  }
  const name = `temporal_cli_${version}_${platform}_${architecture}.tar.gz`;
  return {
    sha256,
    sources: [
      `https://temporal.download/cli/archive/v${version}?platform=${platform}&arch=${architecture}`,
      `https://github.com/temporalio/cli/releases/download/v${version}/${name}`,
    ],
  };
}
