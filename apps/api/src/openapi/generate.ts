/** `npm run openapi`: writes the API description that is committed beside the sources, or with `--check` compares it. */
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderDescription } from './render.js';

const inSources = fileURLToPath(new URL('../../../../../apps/api/openapi.json', import.meta.url));

const text = await renderDescription();
if (!process.argv.includes('--check')) {
  fs.writeFileSync(inSources, text);
} else if (fs.readFileSync(inSources, 'utf8') !== text) {
  process.stderr.write('apps/api/openapi.json is not what the sources describe: run "npm run openapi" and commit it\n');
  process.exitCode = 1;
}
