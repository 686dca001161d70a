import fs from 'node:fs';
import path from 'node:path';

import { projectRoot } from './project.mjs';

export const packageLock = path.join(projectRoot, 'package-lock.json');

/** What is wrong with package-lock.json: it must hold for any registry, so it names none, and every package has its checksum. */
export function lockFaults(text = fs.readFileSync(packageLock, 'utf8')) {
  const faults = [];
  for (const [location, entry] of Object.entries(JSON.parse(text).packages)) {
    if (location === '' || entry.link === true) continue;
    if (entry.resolved !== undefined) faults.push(`${location} has "resolved": run npm run lock`);
    if (entry.integrity === undefined && entry.inBundle !== true)
      faults.push(`${location} has no "integrity": run npm run lock`);
  }
  return faults;
}

/** Takes the registry's addresses out of package-lock.json, which npm writes into it. */
export function stripResolved() {
  const lock = JSON.parse(fs.readFileSync(packageLock, 'utf8'));
  for (const entry of Object.values(lock.packages)) delete entry.resolved;
  fs.writeFileSync(packageLock, `${JSON.stringify(lock, null, 2)}\n`);
}
