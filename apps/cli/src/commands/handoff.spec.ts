import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createApiClient } from '../api/client.js';
import { runCli } from '../program.js';
import { answerJson, fakeApi, type FakeApi } from '../testing/fake-api.fixture.js';

/** Not what a JSON writer would give: it must come through byte for byte. */
const MANIFEST = '{\n   "client_name":  "com.acme.é"\r\n}\n\n';
const SECRET = 'secret-Zq81LmTw';
let api: FakeApi;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gangway-cli-'));
  api = await fakeApi((request, response) => {
    if (request.method === 'POST') {
      answerJson(response, 202, { commandId: 'c-1' });
      return;
    }
    answerJson(response, 200, {
      key: 'liveperson.app',
      kind: 'install',
      manifest: MANIFEST,
      sha256: 'abc',
      instruction: 'Install the application manifest.',
      contact: 'lp-desk@acme.example',
      returns: [
        { name: 'clientId', secret: false },
        { name: 'clientSecret', secret: true },
      ],
      createdAt: '2026-01-01T12:00:00.000Z',
      dueAt: '2026-01-31T12:00:00.000Z',
    });
  });
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await api.close();
});

async function run(
  args: string[],
  stdin: NodeJS.ReadableStream = Readable.from(['']),
  answers: { [prompt: string]: () => void } = {},
): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: '', err: '' };
  const code = await runCli(['handoff', 'acme.lp', ...args], {
    out: { write: (text) => (texts.out += text) },
    err: {
      write: (text) => {
        texts.err += text;
        // Somebody at a terminal answers what is asked, once it is.
        for (const [prompt, answer] of Object.entries(answers)) if (text.includes(prompt)) setImmediate(answer);
      },
    },
    stdin,
    client: () => createApiClient({ url: api.url, token: 'gwk_test' }),
    signal: new AbortController().signal,
  });
  return { code, ...texts };
}

function sent(): unknown[] {
  return api.requests.filter(({ method }) => method === 'POST').map(({ path: to, body }) => [to, body]);
}

const PATH = '/v1/onboardings/acme.lp/handoff';

describe('gangway handoff', () => {
  it('shows what a person is asked for', async () => {
    const { code, out } = await run([]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /asked to install[^]*Install the application manifest\.[^]*lp-desk@acme\.example[^]*sha256: {2}abc/,
    );
    expect(out).not.toContain('client_name');
  });

  it('saves the file byte for byte, for its owner alone, and writes it out', async () => {
    const file = path.join(folder, 'manifest.json');
    expect((await run(['--save', file])).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(MANIFEST);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await run(['--save', '-'])).out).toBe(MANIFEST);
  });

  it('writes over no file that is there, unless it is told to', async () => {
    const file = path.join(folder, 'manifest.json');
    writeFileSync(file, 'mine');
    const { code, err } = await run(['--save', file]);
    expect([code, readFileSync(file, 'utf8')]).toEqual([1, 'mine']);
    expect(err).toContain('it exists already (--force writes over it)');
    expect((await run(['--save', file, '--force'])).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(MANIFEST);
  });

  it('answers from a file, from standard input, and at the terminal without showing the secret', async () => {
    const answer = { clientId: 'app-1', clientSecret: SECRET };
    const file = path.join(folder, 'answer.json');
    writeFileSync(file, JSON.stringify(answer));
    expect((await run(['--answer', file])).code).toBe(0);
    await run(['--answer', '-'], Readable.from([JSON.stringify(answer)]));
    const terminal = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => terminal });
    const asked = await run(['--answer'], terminal, {
      'clientId: ': () => terminal.write('app-1\n'),
      '(not shown): ': () => terminal.write(`${SECRET}\n`),
    });
    expect(asked.err + asked.out).not.toContain(SECRET);
    expect(asked.err).toMatch(/clientId: .*clientSecret \(not shown\): /s);
    expect(sent()).toEqual([1, 2, 3].map(() => [PATH, answer]));
  });

  it.each([
    { key: 'Ctrl-C', typed: '\u0003' },
    { key: 'Ctrl-D', typed: '\u0004' },
  ])('sends nothing when the person gives up by $key', async ({ typed }) => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => terminal });
    const { code, err } = await run(['--answer'], terminal, {
      'clientId: ': () => terminal.write('app-1\n'),
      '(not shown): ': () => terminal.write(typed),
    });
    expect([code, sent()]).toEqual([1, []]);
    expect(err).toContain('given up: nothing was sent');
  });

  it('says that it is done, and refuses with a reason', async () => {
    await run(['--done']);
    await run(['--reject', 'not allowed']);
    expect(sent()).toEqual([
      [PATH, { done: true }],
      [PATH, { rejected: 'not allowed' }],
    ]);
  });

  it.each([
    { reason: 'two answers', args: ['--done', '--reject', 'no'], says: /one answer/ },
    { reason: 'force without a file', args: ['--force'], says: /--force goes with --save/ },
    { reason: 'a file beside an answer', args: ['--done', '--save', 'x'], says: /--save goes without/ },
    { reason: 'no terminal to ask at', args: ['--answer'], says: /not a terminal/ },
    {
      reason: 'no such file',
      args: ['--answer', '/nowhere/answer.json'],
      says: /answer\.json cannot be read: there is no such file/,
    },
  ])('$reason is refused before anything is sent', async ({ args, says }) => {
    const { code, err } = await run(args);
    expect([code, sent()]).toEqual([1, []]);
    expect(err).toMatch(says);
  });

  it('repeats nothing of an answer that cannot be read', async () => {
    const { code, err } = await run(['--answer', '-'], Readable.from([`{ "clientSecret": "${SECRET}" oops`]));
    expect(code).toBe(1);
    expect(err).toMatch(/must be an object with what is handed back/);
    expect(err).not.toContain(SECRET);
  });
});
