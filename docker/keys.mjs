// Changes the files of API keys and of the key ring: each is put in place whole, so that no process reads half of one.
//   node docker/keys.mjs add-api-key <file> <id> <tenants> <scopes> [<not after>]   prints the new key, once; lists are comma-separated
//   node docker/keys.mjs remove-api-key <file> <id>
//   node docker/keys.mjs add-ring-key <file> <id>                                   makes a key that does not encrypt yet
//   node docker/keys.mjs activate-ring-key <file> <id>                              has it encrypt from the next start on
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';

const VERBS = {
  'add-api-key': addApiKey,
  'remove-api-key': removeApiKey,
  'add-ring-key': addRingKey,
  'activate-ring-key': activate,
};

const [verb = '', file, id, ...rest] = process.argv.slice(2);
const change = VERBS[verb];
if (!change || file === undefined || id === undefined)
  fail(`usage: keys <${Object.keys(VERBS).join('|')}> <file> <id> ...`);
const content = JSON.parse(fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
const said = change(content, id, ...rest);
replace(file, `${JSON.stringify(content, null, 2)}\n`);
if (said !== undefined) console.log(said);

function addApiKey({ keys }, id, tenants, scopes, notAfter) {
  if (!tenants || !scopes) fail('name the tenants and the scopes of the key, comma-separated; "*" for all tenants');
  if (keys.some((key) => key.id === id)) fail(`there is a key ${id} already`);
  const key = `gwk_${randomBytes(32).toString('base64url')}`;
  const sha256 = createHash('sha256').update(key).digest('hex');
  const end = notAfter === undefined ? {} : { notAfter };
  keys.push({ id, sha256, tenants: tenants.split(','), scopes: scopes.split(','), ...end });
  return key;
}

function removeApiKey(content, id) {
  const left = content.keys.filter((key) => key.id !== id);
  if (left.length === content.keys.length) fail(`there is no key ${id}`);
  if (left.length === 0) fail('it is the last key, and a file without keys counts as faulty: add another one first');
  content.keys = left;
}

function addRingKey(content, id) {
  if (content.keys[id] !== undefined) fail(`there is a key ${id} already`);
  content.hash ??= Object.keys(content.keys)[0]; // stays what it is, whichever key comes first from now on
  content.keys[id] = randomBytes(32).toString('base64');
}

function activate(content, id) {
  if (content.keys[id] === undefined) fail(`there is no key ${id}`);
  content.hash ??= Object.keys(content.keys)[0];
  content.active = id;
}

function replace(target, text) {
  fs.writeFileSync(`${target}.new`, text, { mode: 0o600 });
  fs.chmodSync(`${target}.new`, fs.statSync(target).mode & 0o777);
  fs.renameSync(`${target}.new`, target);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
