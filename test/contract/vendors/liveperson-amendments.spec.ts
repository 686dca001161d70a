import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import type { Desired } from '#libs/resources/contract.js';
import { app } from '#libs/vendors/liveperson/resources/app.js';
import { openLiveperson, type LivepersonBench } from './liveperson.js';
import { faultOf, seenOf, stored } from './vendors.js';

const CONTENT = 'ms.MessagingEventNotification.ContentEvent';
const CHANGES = 'cqm.ExConversationChangeNotification';
const NAME: JsonObject = { client_name: 'com.acme.support' };

let lp: LivepersonBench;
beforeAll(async () => {
  lp = await openLiveperson();
});
beforeEach(() => lp.sandbox.reset());
afterAll(() => lp.close());

async function update(id: string, desired: Desired): Promise<void> {
  await app.update(lp.client, await seenOf(app, lp.client, id), desired);
  expect(app.diff(desired, await seenOf(app, lp.client, id))).toEqual([]);
}

function body(fields: JsonObject): JsonObject {
  return { manifest: { ...NAME, ...fields } };
}

function hook(value?: string, more: JsonObject = {}): JsonObject {
  const headers = value === undefined ? {} : { headers: [{ header_name: 'X-Acme', header_value: value }] };
  return { endpoint: 'https://acme.example/lp', ...headers, ...more };
}

function webhooks(events: JsonObject, more: JsonObject = {}): JsonObject {
  return { capabilities: { webhooks: events, ...more } };
}

interface Case {
  reason: string;
  previous: JsonObject;
  wanted: JsonObject;
  former?: JsonObject;
  meanwhile?: JsonObject;
  /** Fields of a manifest that stand afterwards, besides the name. */
  stands: JsonObject;
}

/** The fields of the manifest as LivePerson holds them, but for the name and what it fills in by itself. */
function fieldsIn(id: string): JsonObject {
  const server = [
    'id',
    'accountId',
    'client_id',
    'client_secret',
    'client_id_issued_at',
    'client_secret_expires_at',
    'deleted',
    'is_internal',
    'response_types',
  ];
  const whole = Object.entries(stored(lp.sandbox, 'liveperson', 'app', id));
  return Object.fromEntries(
    whole.filter(
      ([name, value]) => ![...server, 'client_name'].includes(name) && !(name === 'enabled' && value === true),
    ),
  );
}

describe('an app of ours', () => {
  const cases: Case[] = [
    {
      reason: 'dropped fields go, of whatever kind',
      previous: { description: 'x', grant_types: ['client_credentials'], quick_launch_enabled: true },
      wanted: {},
      stands: {},
    },
    {
      reason: 'a dropped switch goes back to its documented default',
      previous: { enabled: false },
      wanted: {},
      stands: {},
    },
    {
      reason: 'a localised name that is dropped goes',
      previous: { 'client_name#de': 'Hilfe' },
      wanted: {},
      stands: {},
    },
    {
      reason: 'what somebody else has set and nobody names stays',
      previous: { description: 'x' },
      wanted: { description: 'y' },
      meanwhile: { overview: 'theirs', categories: ['a'] },
      stands: { description: 'y', overview: 'theirs', categories: ['a'] },
    },
    {
      reason: 'a list is one value without an order',
      previous: { grant_types: ['client_credentials'] },
      wanted: { grant_types: ['refresh_token', 'client_credentials'] },
      meanwhile: { grant_types: ['authorization_code'] },
      stands: { grant_types: ['refresh_token', 'client_credentials'] },
    },
    {
      reason: 'dropped capabilities go as a whole',
      previous: webhooks({ [CONTENT]: hook('secret') }),
      wanted: {},
      meanwhile: { capabilities: { webhooks: { [CHANGES]: hook() } } },
      stands: {},
    },
    {
      reason: 'capabilities are written as a whole: a webhook, a header and a retry that are dropped go',
      previous: webhooks({
        [CONTENT]: hook('secret', { max_retries: 2 }),
        [CHANGES]: hook(),
        retry: { retention_time: 9 },
      }),
      wanted: webhooks({ [CONTENT]: hook() }),
      stands: webhooks({ [CONTENT]: hook() }),
    },
    {
      reason: 'a changed header value is written',
      previous: webhooks({ [CONTENT]: hook('old-secret') }),
      wanted: webhooks({ [CONTENT]: hook('new-secret') }),
      stands: webhooks({ [CONTENT]: hook('new-secret') }),
    },
  ];

  it.each(cases)('$reason', async ({ previous, wanted, meanwhile, stands }) => {
    const { id } = await app.create(lp.client, body(previous));
    if (meanwhile) lp.sandbox.edit('liveperson', 'app', id, meanwhile);
    await update(id, { body: body(wanted), mode: 'own', previous: body(previous) });
    expect(fieldsIn(id)).toEqual(stands);
  });

  it.each(cases)('is put back as it was afterwards: $reason', async ({ previous, wanted }) => {
    const { id } = await app.create(lp.client, body(previous));
    const before = fieldsIn(id);
    await update(id, { body: body(wanted), mode: 'own', previous: body(previous) });
    await update(id, { body: body(previous), mode: 'own', previous: body(wanted) });
    expect(fieldsIn(id)).toEqual(before);
  });

  it('says what of its capabilities is dropped, without a header value', async () => {
    const previous = webhooks({ [CONTENT]: hook('secret', { max_retries: 2 }), [CHANGES]: hook('secret') });
    const { id } = await app.create(lp.client, body(previous));
    const desired: Desired = { body: body(webhooks({ [CONTENT]: hook() })), mode: 'own', previous: body(previous) };
    const header = { header_name: 'X-Acme' };
    expect(app.diff(desired, await seenOf(app, lp.client, id))).toEqual([
      { path: `capabilities.webhooks.${CONTENT}.headers[0]`, expected: null, seen: header },
      { path: `capabilities.webhooks.${CONTENT}.max_retries`, expected: 0, seen: 2 },
      { path: `capabilities.webhooks.${CHANGES}`, expected: null, seen: { ...hook(), headers: [header] } },
    ]);
  });
});

describe('an adopted app', () => {
  const cases: Case[] = [
    {
      reason: 'dropped fields go back to their former values, or go',
      former: { description: 'theirs' },
      previous: { description: 'ours', overview: 'ours' },
      wanted: {},
      stands: { description: 'theirs' },
    },
    {
      reason: 'what somebody else has changed since stays',
      former: { description: 'theirs' },
      previous: { overview: 'ours' },
      wanted: {},
      meanwhile: { description: 'later' },
      stands: { description: 'later' },
    },
    {
      reason: 'dropped capabilities go back as a whole, with the header values that stand',
      former: webhooks({ [CONTENT]: hook('their-secret') }),
      previous: webhooks({ [CONTENT]: hook('ours', { max_retries: 3 }) }),
      wanted: {},
      stands: webhooks({ [CONTENT]: hook('their-secret') }),
    },
    {
      reason: 'a header that it did not have is ours: its value is written, and it may go',
      former: {},
      previous: webhooks({ [CONTENT]: hook('old-secret'), [CHANGES]: hook('ours') }),
      wanted: webhooks({ [CONTENT]: hook('new-secret'), [CHANGES]: hook() }),
      stands: webhooks({ [CONTENT]: hook('new-secret'), [CHANGES]: hook() }),
    },
  ];

  it.each(cases)('$reason', async ({ former = {}, previous, wanted, meanwhile, stands }) => {
    const [id = ''] = lp.sandbox.insert('liveperson', 'app', [{ ...NAME, ...former }]);
    const kept = app.former(await seenOf(app, lp.client, id));
    await update(id, { body: body(previous), mode: 'adopted', former: kept });
    if (meanwhile) lp.sandbox.edit('liveperson', 'app', id, meanwhile);
    await update(id, { body: body(wanted), mode: 'adopted', previous: body(previous), former: kept });
    expect(fieldsIn(id)).toEqual(stands);
  });

  it('whose header would be lost is a conflict, also where it was named before', async () => {
    const theirs = webhooks({ [CONTENT]: hook('their-secret') });
    const [id = ''] = lp.sandbox.insert('liveperson', 'app', [{ ...NAME, ...theirs }]);
    const seen = await seenOf(app, lp.client, id);
    const desired: Desired = {
      body: body(webhooks({ [CONTENT]: hook() })),
      mode: 'adopted',
      previous: body(theirs),
      former: app.former(seen),
    };
    expect(await faultOf(app.update(lp.client, seen, desired))).toMatchObject({ code: 'CONFLICT', retryable: false });
    expect(fieldsIn(id)).toEqual(theirs);
  });
});

describe('paths', () => {
  it.each<[string, ReturnType<typeof app.pathKind>]>([
    ['description', 'field'],
    ['client_name#de', 'field'],
    ['capabilities', 'field'],
    ['capabilities.engagement.goal', 'field'],
    [`capabilities.webhooks.${CONTENT}`, 'field'],
    [`capabilities.webhooks.${CONTENT}.headers[0].header_name`, 'field'],
    [`capabilities.webhooks.${CONTENT}.headers[].header_value`, 'secret'],
    ['capabilities.webhooks.Unknown', 'none'],
    ['client_secret', 'none'],
    ['text', 'none'],
  ])('%s', (path, kind) => {
    expect(app.pathKind(path)).toBe(kind);
  });
});
