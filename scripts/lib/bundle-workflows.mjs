import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { log, projectRoot } from './project.mjs';

const dist = path.join(projectRoot, 'dist');
const bundleFile = path.join(dist, 'workflow-bundle.js');
const stampFile = path.join(dist, '.bundle-stamp');

/** Bundles `dist/workflows` for Temporal's sandbox into `dist/workflow-bundle.js`, unless nothing that could be in it changed. */
export async function bundleWorkflows() {
  const workflowsPath = path.join(dist, 'workflows', 'index.js');
  if (!fs.existsSync(workflowsPath)) throw new Error('dist/workflows/index.js is missing: build first');
  const stamp = fingerprint();
  if (fs.existsSync(bundleFile) && fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === stamp) return;
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const converter = path.join(dist, 'libs', 'temporal', 'failure-converter.js');
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    ...(fs.existsSync(converter) ? { failureConverterPath: converter } : {}),
    logger: new DefaultLogger('WARN', ({ level, message }) => log(`${level} ${message}`)),
  });
  fs.rmSync(stampFile, { force: true });
  fs.writeFileSync(`${bundleFile}.new`, code);
  fs.renameSync(`${bundleFile}.new`, bundleFile);
  fs.writeFileSync(stampFile, stamp);
  log(`workflows bundled (${Math.round(code.length / 1024)} KiB)`);
}

function fingerprint() {
  const hash = createHash('sha256').update(fs.readFileSync(path.join(projectRoot, 'package-lock.json')));
  for (const folder of ['workflows', 'libs']) {
    const entries = fs.readdirSync(path.join(dist, folder), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile() && entry.name.endsWith('.js') && !entry.name.endsWith('.spec.js'))
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort();
    for (const file of files) hash.update(`\0${path.relative(dist, file)}\0`).update(fs.readFileSync(file));
  }
  return hash.digest('hex');
}
