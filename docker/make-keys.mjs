// `node docker/make-keys.mjs <folder>`: makes the key ring and one API key, where they are not there yet. The API key is
// printed when it is made and never again: the file holds its hash.
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: make-keys <folder>');

const scopes = [
  'onboardings:read',
  'onboardings:write',
  'onboardings:control',
  'accounts:read',
  'reconciliations:read',
  'reconciliations:run',
  'codec',
];

create('encryption-keys.json', () => ({ active: 'k1', keys: { k1: randomBytes(32).toString('base64') } }));
create('api-keys.json', () => {
  const key = `gwk_${randomBytes(32).toString('base64url')}`;
  console.log(`api key: ${key}`);
  return { keys: [{ id: 'first', sha256: createHash('sha256').update(key).digest('hex'), tenants: ['*'], scopes }] };
});

function create(name, content) {
  const file = path.join(folder, name);
  if (fs.existsSync(file)) return;
  // Put in place in one step: a file that was cut off would stay for good.
  fs.writeFileSync(`${file}.new`, `${JSON.stringify(content(), null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
}
