/**
 * `npm run sbom [folder]`: what a running Gangway is made of, as `gangway.cdx.json` (CycloneDX, by `npm sbom`) and `licences.txt`,
 * in a folder (default `sbom`). Exit code 1 when a package names no licence.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ensureDependencies, npm } from './lib/dependencies.mjs';
import { licencesOf } from './lib/licences.mjs';
import { log, projectRoot } from './lib/project.mjs';

const folder = path.resolve(process.argv[2] ?? 'sbom');
await ensureDependencies();
const [command, ...npmArgs] = npm();
const { stdout, stderr, status } = spawnSync(
  command,
  [...npmArgs, 'sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--omit', 'dev'],
  { cwd: projectRoot, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
);
if (status !== 0) {
  log(stderr);
  throw new Error('npm sbom failed');
}
const sbom = JSON.parse(stdout);
sbom.metadata.component.name = 'gangway'; // npm takes the folder's name
const { lines, faults } = licencesOf(sbom);
fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(path.join(folder, 'gangway.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`);
fs.writeFileSync(path.join(folder, 'licences.txt'), `${lines.join('\n')}\n`);
log(
  `${sbom.components.length} packages, ${new Set(lines.map((line) => line.split('\t')[0])).size} licences, in ${folder}`,
);
for (const fault of faults) log(fault);
if (faults.length > 0) process.exitCode = 1;
