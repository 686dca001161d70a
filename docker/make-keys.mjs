// Makes the key ring and one API key, where they are not there yet:
//   node docker/make-keys.mjs <folder>                     prints the API key when it makes it; its file holds the hash alone
//   node docker/make-keys.mjs <folder> <key folder>        prints nothing and keeps the key's text in the other folder
//   node docker/make-keys.mjs <folder> <key folder> show   prints the text that is kept there
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const [folder, keyFolder, verb] = process.argv.slice(2);
if (folder === undefined || (verb !== undefined && verb !== 'show')) {
  fail('usage: make-keys <folder> [<key folder> [show]]');
}

const scopes = [
  'onboardings:read',
  'onboardings:write',
  'onboardings:control',
  'accounts:read',
  'reconciliations:read',
  'reconciliations:run',
  'codec',
];

if (verb === 'show') show();
else make();

function make() {
  create(folder, 'encryption-keys.json', () =>
    text({ active: 'k1', keys: { k1: randomBytes(32).toString('base64') } }),
  );
  if (fs.existsSync(path.join(folder, 'api-keys.json'))) return;
  const key = apiKey();
  const sha256 = createHash('sha256').update(key).digest('hex');
  create(folder, 'api-keys.json', () => text({ keys: [{ id: 'first', sha256, tenants: ['*'], scopes }] }));
}

/** Where its text is kept, one that was made before its hash could be written is used. */
function apiKey() {
  const made = `gwk_${randomBytes(32).toString('base64url')}`;
  if (keyFolder !== undefined) return create(keyFolder, 'api-key', () => `${made}\n`).trim();
  console.log(`api key: ${made}`);
  return made;
}

function show() {
  const file = path.join(keyFolder, 'api-key');
  if (!fs.existsSync(file)) fail('no key is kept here: it was removed, or none was made yet');
  process.stdout.write(fs.readFileSync(file, 'utf8'));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

function text(content) {
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** The text of a file, which is made where it is not there. Put in place in one step: one that was cut off would stay for good. */
function create(where, name, content) {
  const file = path.join(where, name);
  if (!fs.existsSync(file)) {
    fs.writeFileSync(`${file}.new`, content(), { mode: 0o600 });
    fs.renameSync(`${file}.new`, file);
  }
  return fs.readFileSync(file, 'utf8');
}
