import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import type { WriteMode } from '#libs/resources/contract.js';
import { manifestText } from '#libs/vendors/liveperson/index.js';
import { app } from '#libs/vendors/liveperson/resources/app.js';
import { connectorManifest, edited } from '#test/factories/index.js';
import { bodyOf, callsSince, liveApps, openLiveperson, seqOf, type LivepersonBench } from './liveperson.js';
import { differs, faultOf, seenOf, stored } from './vendors.js';

const CONTENT = '/capabilities/webhooks/ms.MessagingEventNotification.ContentEvent';

let lp: LivepersonBench;
beforeAll(async () => {
  lp = await openLiveperson();
});
beforeEach(() => lp.sandbox.reset());
afterAll(() => lp.close());

async function made(body: JsonObject = bodyOf()): Promise<string> {
  return (await app.create(lp.client, body)).id;
}

async function update(id: string, body: JsonObject, mode: WriteMode = 'own'): Promise<void> {
  await app.update(lp.client, await seenOf(app, lp.client, id), { body, mode });
}

function inSandbox(id: string): JsonObject {
  return stored(lp.sandbox, 'liveperson', 'app', id);
}

/** Lets something happen between the read and the write of what `during` does. */
async function raced(happen: () => unknown, during: () => Promise<void>): Promise<void> {
  const ask = lp.client.ask.bind(lp.client);
  let happened = false;
  const spy = vi.spyOn(lp.client, 'ask').mockImplementation((call) => {
    if (call.method === 'PUT' && !happened) {
      happened = true;
      happen();
    }
    return ask(call);
  });
  try {
    await during();
    expect(happened).toBe(true);
  } finally {
    spy.mockRestore();
  }
}

/** Somebody else's app, put in place with these fields. */
function othersApp(fields: JsonObject): string {
  const [id] = lp.sandbox.insert('liveperson', 'app', [fields]);
  if (id === undefined) throw new Error('nothing was put in place');
  return id;
}

describe('an app', () => {
  it.each<{ name: string; knobs: Parameters<LivepersonBench['set']>[0] }>([
    { name: 'as documented', knobs: {} },
    { name: 'with fields that nobody knows', knobs: { extraFields: true } },
    { name: 'with client_id apart from id', knobs: { clientId: 'separate' } },
    { name: 'created with 200', knobs: { createStatus: 200 } },
    { name: 'with the revision in ETag', knobs: { revisionHeader: 'etag' } },
  ])('reads back as it was created, without a secret: $name', async ({ knobs }) => {
    lp.set(knobs);
    const id = await made();
    const seen = await seenOf(app, lp.client, id);
    expect(seen).toMatchObject({ id, key: 'com.acme.support', marker: undefined });
    expect(differs(app, bodyOf(), seen)).toEqual([]);
    expect(app.alike?.(bodyOf(), seen)).toBe(true);
    expect(JSON.stringify([seen, app.former(seen)])).not.toMatch(/header-secret|client_secret/);
    expect(await app.list(lp.client, undefined, {})).toEqual([seen]);
  });

  it('sends a manifest given as text byte for byte', async () => {
    const text = JSON.stringify(connectorManifest(), null, 7);
    const id = await made({ ...bodyOf(), text });
    expect(manifestText({ ...bodyOf(), text })).toBe(text);
    expect(inSandbox(id)).toMatchObject(connectorManifest());
  });

  it('gives its credentials with the create, and on reading where they are shown', async () => {
    const { id, issued } = await app.create(lp.client, bodyOf());
    const secret = inSandbox(id)['client_secret'];
    expect(issued).toEqual({ clientId: id, clientSecret: secret });
    expect(await app.issued?.(lp.client, id, {})).toEqual(issued);
    lp.set({ secretOnRead: 'hidden' });
    expect(await app.issued?.(lp.client, id, {})).toEqual({ clientId: id });
  });

  it('created without a readable answer has an unknown outcome', async () => {
    lp.set({ createBody: 'empty' });
    expect(await faultOf(made())).toMatchObject({ code: 'OUTCOME_UNKNOWN', outcomeUnknown: true });
    expect(liveApps(lp.sandbox)).toHaveLength(1);
  });

  it.each([409, 400] as const)('of a name that is taken may be a duplicate (%s)', async (duplicateName) => {
    await made();
    lp.set({ duplicateName });
    expect(await faultOf(made())).toMatchObject({ httpStatus: duplicateName, maybeDuplicate: true, retryable: false });
  });

  it('says what LivePerson refuses in a manifest, without a secret of it', async () => {
    lp.sandbox.setFaults([
      {
        match: { vendor: 'liveperson', resource: 'app', operation: 'create' },
        effect: { kind: 'status', status: 400, body: { error: { internalCode: 7, messages: ['no header-secret'] } } },
      },
    ]);
    const fault = await faultOf(made());
    expect(fault).toMatchObject({ code: 'INVALID_REQUEST', vendorCode: '7' });
    expect(fault.message).toContain('It says: no [secret]');
  });
});

describe('comparison', () => {
  it.each<[string, JsonObject, string[]]>([
    ['/display_name', { display_name: 'Other' }, ['display_name']],
    ['order of a list', { grant_types: ['refresh_token', 'client_credentials'] }, []],
    ['a documented default', { enabled: true, quick_launch_enabled: false }, []],
    ['a field that it does not set', {}, []],
  ])('of %s', async (_what, changes, paths) => {
    const grants = { grant_types: ['client_credentials', 'refresh_token'] };
    const id = await made(bodyOf('grant_types' in changes ? grants : {}));
    expect(differs(app, bodyOf(changes), await seenOf(app, lp.client, id))).toEqual(paths);
  });

  it('sees an app that the vendor has switched off only where the manifest says that it is on', async () => {
    const id = await made();
    lp.sandbox.edit('liveperson', 'app', id, { enabled: false });
    const seen = await seenOf(app, lp.client, id);
    expect(differs(app, bodyOf(), seen)).toEqual([]);
    expect(differs(app, bodyOf({ enabled: true }), seen)).toEqual(['enabled']);
  });

  it('sees a webhook that somebody has added: its events go elsewhere', async () => {
    const id = await made();
    const event = 'ms.MessagingEventNotification.ChatStateEvent';
    lp.sandbox.edit('liveperson', 'app', id, {
      capabilities: { webhooks: { [event]: { endpoint: 'https://else.example/' } } },
    });
    const seen = await seenOf(app, lp.client, id);
    expect(differs(app, bodyOf(), seen)).toEqual([`capabilities.webhooks.${event}`]);
  });

  it('sees another header, and not another value of it', async () => {
    const seen = await seenOf(app, lp.client, await made());
    const header = (field: string, value: string): JsonObject =>
      edited(bodyOf(), `/manifest${CONTENT}/headers/0/${field}`, value);
    expect(differs(app, header('header_value', 'new-secret'), seen)).toEqual([]);
    expect(differs(app, header('header_name', 'X-Other'), seen)).not.toEqual([]);
  });
});

describe('an update', () => {
  it('lays the manifest over what was read and keeps everything else', async () => {
    lp.set({ extraFields: true });
    const id = await made(bodyOf({ 'client_name#de': 'Acme-Hilfe' }));
    const before = inSandbox(id);
    await update(id, bodyOf({ description: 'new' }));
    expect(inSandbox(id)).toEqual({ ...before, description: 'new' });
  });

  it('replaces capabilities whole', async () => {
    const id = await made();
    const capabilities = {
      webhooks: { 'ms.MessagingEventNotification.ChatStateEvent': { endpoint: 'https://acme.example/c' } },
    };
    await update(id, bodyOf({ capabilities }));
    expect(inSandbox(id)['capabilities']).toEqual(capabilities);
  });

  it('that changes nothing sends nothing; one of a header value alone is sent', async () => {
    const id = await made();
    const seq = seqOf(lp.sandbox);
    await update(id, bodyOf());
    expect(callsSince(lp.sandbox, seq).filter((call) => call.startsWith('update'))).toEqual([]);
    await update(id, edited(bodyOf(), `/manifest${CONTENT}/headers/0/header_value`, 'new-secret'));
    expect(JSON.stringify(inSandbox(id))).toContain('new-secret');
  });

  it('keeps the secret of the app, and sends it back as read', async () => {
    const id = await made();
    const secret = inSandbox(id)['client_secret'];
    await update(id, bodyOf({ enabled: false }));
    expect(inSandbox(id)).toMatchObject({ enabled: false, client_secret: secret });
  });

  it.each([412, 409] as const)(
    'raced by another writer is made again on the new revision (%s)',
    async (staleIfMatch) => {
      const id = await made();
      lp.set({ revisionRaces: 3, staleIfMatch });
      const seq = seqOf(lp.sandbox);
      await update(id, bodyOf({ description: 'new' }));
      expect(inSandbox(id)['description']).toBe('new');
      const sent = callsSince(lp.sandbox, seq).filter((call) => call.startsWith('update'));
      expect(sent).toEqual([...Array<string>(3).fill(`update app ${String(staleIfMatch)}`), 'update app 200']);
    },
  );

  it('raced by another writer is decided anew on what that one has left', async () => {
    const id = await made();
    await raced(
      () => lp.sandbox.edit('liveperson', 'app', id, { overview: 'theirs' }),
      () => update(id, bodyOf({ description: 'new' })),
    );
    expect(inSandbox(id)).toMatchObject({ description: 'new', overview: 'theirs' });
  });

  it('raced by LivePerson, which has made the app its own, is not made again', async () => {
    const id = await made();
    await raced(
      () => lp.sandbox.edit('liveperson', 'app', id, { is_internal: true }),
      async () => expect(await faultOf(update(id, bodyOf({ description: 'new' })))).toMatchObject({ code: 'CONFLICT' }),
    );
    expect(inSandbox(id)['description']).toBe('Support of Acme');
  });

  it('that is raced forever ends as a conflict after five tries', async () => {
    const id = await made();
    lp.set({ revisionRaces: 100 });
    const seq = seqOf(lp.sandbox);
    expect(await faultOf(update(id, bodyOf({ description: 'new' })))).toMatchObject({
      code: 'CONFLICT',
      retryable: true,
    });
    expect(callsSince(lp.sandbox, seq).filter((call) => call === 'update app 412')).toHaveLength(5);
  });

  it('takes another refusal for a stale revision once, when the revision has moved on', async () => {
    const id = await made();
    const refused = { match: { vendor: 'liveperson', resource: 'app', operation: 'update' as const }, times: 1 };
    lp.sandbox.setFaults([{ ...refused, effect: { kind: 'status', status: 400, apply: false } }]);
    expect(await faultOf(update(id, bodyOf({ description: 'new' })))).toMatchObject({ code: 'INVALID_REQUEST' });
    lp.sandbox.setFaults([]);
    lp.set({ revisionRaces: 1, staleIfMatch: 412 });
    lp.sandbox.setFaults([{ ...refused, effect: { kind: 'status', status: 400, apply: true } }]);
    await update(id, bodyOf({ description: 'newer' }));
    expect(inSandbox(id)['description']).toBe('newer');
  });

  it('of an app that vanished looks for it again', async () => {
    const id = await made();
    const seen = await seenOf(app, lp.client, id);
    lp.sandbox.remove('liveperson', 'app', id);
    const fault = await faultOf(app.update(lp.client, seen, { body: bodyOf(), mode: 'own' }));
    expect(fault).toMatchObject({ code: 'CONFLICT', retryable: true, externalId: id });
  });

  it('to a name that another app has is refused before it is sent', async () => {
    const id = await made();
    othersApp({ client_name: 'taken', description: 'x' });
    const seq = seqOf(lp.sandbox);
    expect(await faultOf(update(id, bodyOf({ client_name: 'taken' })))).toMatchObject({
      code: 'CONFLICT',
      retryable: false,
    });
    expect(callsSince(lp.sandbox, seq).filter((call) => call.startsWith('update'))).toEqual([]);
    await update(id, bodyOf({ client_name: 'free' }));
    expect(inSandbox(id)['client_name']).toBe('free');
  });

  it("never touches LivePerson's own apps", async () => {
    const id = othersApp({ ...connectorManifest(), is_internal: true });
    const seq = seqOf(lp.sandbox);
    expect(await faultOf(update(id, bodyOf({ description: 'x' }), 'adopted'))).toMatchObject({ code: 'CONFLICT' });
    expect(await faultOf(app.remove(lp.client, id))).toMatchObject({ code: 'CONFLICT', retryable: false });
    expect(callsSince(lp.sandbox, seq).every((call) => call.startsWith('get'))).toBe(true);
  });
});

describe('an adopted app', () => {
  it('keeps its header values, and undo brings its former fields back', async () => {
    const others = edited(
      connectorManifest({ overview: 'theirs', description: 'theirs' }),
      `${CONTENT}/headers/0/header_value`,
      'their-secret',
    );
    const id = othersApp(others);
    const before = inSandbox(id);
    const seen = await seenOf(app, lp.client, id);
    await update(id, bodyOf({ display_name: 'Ours' }), 'adopted');
    const changed = inSandbox(id);
    expect(changed).toMatchObject({ display_name: 'Ours', description: 'Support of Acme', overview: 'theirs' });
    expect(JSON.stringify(changed)).toContain('their-secret');
    await update(id, app.former(seen), 'restore');
    expect(inSandbox(id)).toEqual(before);
  });

  it('loses what ours added when it is put back', async () => {
    const id = othersApp({ client_name: 'com.acme.support', description: 'theirs' });
    const before = inSandbox(id);
    const former = app.former(await seenOf(app, lp.client, id));
    await update(id, bodyOf(), 'adopted');
    expect(differs(app, former, await seenOf(app, lp.client, id), 'restore')).not.toEqual([]);
    await update(id, former, 'restore');
    expect(inSandbox(id)).toEqual(before);
  });

  it('with a header that ours would drop is a conflict: its value could not be put back', async () => {
    const id = othersApp(edited(connectorManifest(), `${CONTENT}/headers/0/header_name`, 'X-Theirs'));
    const fault = await faultOf(update(id, bodyOf({ description: 'x' }), 'adopted'));
    expect(fault).toMatchObject({ code: 'CONFLICT', retryable: false });
    expect(fault.message).toContain('X-Theirs');
  });
});

describe('a removal', () => {
  it.each(['not-found', 'gone', 'shown'] as const)(
    'is proved by reading, and a second one is quiet (%s)',
    async (deletedRead) => {
      lp.set({ deletedRead });
      const id = await made();
      await app.remove(lp.client, id);
      expect(liveApps(lp.sandbox)).toEqual([]);
      expect(await app.get(lp.client, id, {})).toBeNull();
      expect(await app.list(lp.client, undefined, {})).toEqual([]);
      const seq = seqOf(lp.sandbox);
      await app.remove(lp.client, id);
      expect(callsSince(lp.sandbox, seq).some((call) => call.startsWith('delete'))).toBe(false);
    },
  );

  it('of an app that reads as not there and is still listed is tried again', async () => {
    const id = await made();
    lp.sandbox.setFaults([
      { match: { vendor: 'liveperson', operation: 'get' }, nth: 1, effect: { kind: 'status', status: 404 } },
    ]);
    expect(await faultOf(app.remove(lp.client, id))).toMatchObject({ code: 'VENDOR_UNAVAILABLE', retryable: true });
    await app.remove(lp.client, id);
    expect(liveApps(lp.sandbox)).toEqual([]);
  });

  it('raced by another writer is made again', async () => {
    const id = await made();
    lp.set({ revisionRaces: 4 });
    await app.remove(lp.client, id);
    expect(liveApps(lp.sandbox)).toEqual([]);
  });

  it('is proved by a token that is refused, which each question asks for', async () => {
    const { id, issued = {} } = await app.create(lp.client, bodyOf());
    const revoked = (body = bodyOf()): Promise<boolean> | undefined =>
      app.revoked?.(lp.client, { id, body, issued }, {});
    expect(await revoked()).toBe(false);
    await app.remove(lp.client, id);
    const seq = seqOf(lp.sandbox);
    expect(await revoked()).toBe(true);
    expect(await revoked()).toBe(true);
    expect(callsSince(lp.sandbox, seq)).toEqual(Array<string>(4).fill('token token 401'));
  });

  it('is not proved by a Sentinel that does not answer', async () => {
    const { id, issued = {} } = await app.create(lp.client, bodyOf());
    await app.remove(lp.client, id);
    lp.sandbox.setFaults([
      { match: { vendor: 'liveperson', resource: 'token' }, effect: { kind: 'status', status: 503 } },
    ]);
    const asked = app.revoked?.(lp.client, { id, body: bodyOf(), issued }, {});
    expect(await faultOf(asked ?? Promise.resolve())).toMatchObject({ code: 'VENDOR_UNAVAILABLE', retryable: true });
  });

  it.each<{ name: string; body: JsonObject; issued: Record<string, string> }>([
    { name: 'whose secret nobody knows', body: bodyOf(), issued: { clientId: 'a' } },
    {
      name: 'of which users get the tokens',
      body: bodyOf({ grant_types: ['authorization_code'] }),
      issued: { clientId: 'a', clientSecret: 'b' },
    },
  ])('of an app $name is proved by reading alone', async ({ body, issued }) => {
    const seq = seqOf(lp.sandbox);
    expect(await app.revoked?.(lp.client, { id: 'a', body, issued }, {})).toBe(true);
    expect(callsSince(lp.sandbox, seq)).toEqual([]);
  });

  it('whose answer was lost has an unknown outcome, and the next one finds it done', async () => {
    const id = await made();
    lp.sandbox.setFaults([
      { match: { vendor: 'liveperson', operation: 'delete' }, nth: 1, effect: { kind: 'reset-after' } },
    ]);
    expect(await faultOf(app.remove(lp.client, id))).toMatchObject({ outcomeUnknown: true, retryable: true });
    await app.remove(lp.client, id);
    expect(liveApps(lp.sandbox)).toEqual([]);
  });
});
