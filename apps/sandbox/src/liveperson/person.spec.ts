import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.js';
import { type Answer, useSandbox } from '../testing/client.js';
import { connector, HANDOFF_ACCOUNT, livepersonClient, PERSON, textIn } from '../testing/liveperson.js';

const bench = useSandbox();
const client = livepersonClient(bench);
const person = (body: Json): Promise<Answer> => bench.raw('POST', PERSON, body);
const TEXT = `${JSON.stringify(connector(), null, 3)}\r\n`;
const install = (manifest = TEXT): Promise<Answer> => person({ accountId: HANDOFF_ACCOUNT, manifest });
const apps = (): JsonObject[] => bench.sandbox.state().objects.liveperson?.app ?? [];
const tokenStatus = async (answer: Answer): Promise<number> => {
  const credentials = { client_id: textIn(answer, 'clientId'), client_secret: textIn(answer, 'clientSecret') };
  return (await client.token(credentials, 'v2', HANDOFF_ACCOUNT)).status;
};

describe('the person of the hand-off', () => {
  it('installs the file and tells id, secret and the hash of its bytes', async () => {
    const answer = await install();
    expect(answer.status).toBe(200);
    expect(answer.body.manifestSha256).toBe(createHash('sha256').update(TEXT).digest('hex'));
    expect(apps()).toMatchObject([{ accountId: HANDOFF_ACCOUNT, id: answer.body.clientId, ...connector() }]);
    expect(await tokenStatus(answer)).toBe(200);
  });

  it('is no call to the vendor', async () => {
    await install();
    expect(bench.sandbox.state().ledger.filter(({ vendor }) => vendor === 'liveperson')).toEqual([]);
  });

  it('updates, tells the secret again, switches off and on, removes', async () => {
    const made = await install();
    const app = { accountId: HANDOFF_ACCOUNT, clientId: textIn(made, 'clientId') };
    const manifest = JSON.stringify(connector({ description: 'new' }));
    expect((await person({ action: 'update', ...app, manifest })).status).toBe(200);
    expect(apps()[0]?.description).toBe('new');
    expect((await person({ action: 'secret', ...app })).body.clientSecret).toBe(made.body.clientSecret);
    await person({ action: 'disable', ...app });
    expect(await tokenStatus(made)).toBe(401);
    await person({ action: 'enable', ...app });
    expect(await tokenStatus(made)).toBe(200);
    expect((await person({ action: 'remove', ...app })).status).toBe(200);
    expect(apps()).toEqual([]);
    expect(await tokenStatus(made)).toBe(401);
    expect((await person({ action: 'remove', ...app })).status).toBe(404);
  });

  it.each([
    { reason: 'no JSON', body: { accountId: HANDOFF_ACCOUNT, manifest: '{' }, status: 400, error: 'manifest' },
    {
      reason: 'an object in place of the text',
      body: { accountId: HANDOFF_ACCOUNT, manifest: {} },
      status: 400,
      error: 'manifest',
    },
    {
      reason: 'a wrong manifest',
      body: { accountId: HANDOFF_ACCOUNT, manifest: '{}' },
      status: 400,
      error: 'client_name',
    },
    { reason: 'no such account', body: { accountId: '9', manifest: TEXT }, status: 404, error: 'account 9' },
    { reason: 'no account', body: { manifest: TEXT }, status: 400, error: 'accountId' },
    { reason: 'an unknown action', body: { action: 'dance', accountId: '9' }, status: 400, error: 'action' },
    {
      reason: 'no such app',
      body: { action: 'secret', accountId: HANDOFF_ACCOUNT, clientId: 'x' },
      status: 404,
      error: 'clientId',
    },
  ])('refuses what cannot be done: $reason', async ({ body, status, error }) => {
    const answer = await person(body);
    expect(answer).toMatchObject({ status, body: { error: expect.stringContaining(error) as string } });
    expect(apps()).toEqual([]);
  });

  it('refuses a second app of the same name', async () => {
    await install();
    expect((await install()).status).toBe(409);
  });

  it('has a page that needs nothing from elsewhere', async () => {
    const page = await bench.raw('GET', PERSON);
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toContain('<textarea name="manifest"');
    expect(page.text).not.toMatch(/(?:src|href)=/);
  });
});
