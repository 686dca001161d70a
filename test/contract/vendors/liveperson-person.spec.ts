import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CheckInput, CheckResult, HandoffKind, JsonObject, ResolvedNode } from '#libs/contracts/index.js';
import { planOnboarding } from '#libs/onboarding/index.js';
import { resolveNode } from '#libs/planning/index.js';
import { check } from '#libs/resources/index.js';
import type { LivepersonClient } from '#libs/vendors/liveperson/index.js';
import { app } from '#libs/vendors/liveperson/resources/app.js';
import { connectorManifest, livepersonSpec, livepersonTextSpec, planningContext } from '#test/factories/index.js';
import { LocalStepContext } from '#test/support/step-context.js';
import { ACCOUNT_ID, liveApps, openLiveperson, type LivepersonBench } from './liveperson.js';
import { faultOf } from './vendors.js';

const OTHER_ACCOUNT = '87654321';

let lp: LivepersonBench;
/** A connection of mode handoff: it has no bearer. */
let byHand: LivepersonClient;
beforeAll(async () => {
  lp = await openLiveperson();
  const { bearer: _none, ...settings } = lp.settings;
  byHand = lp.connect({ ...settings, mode: 'handoff' });
});
beforeEach(() => lp.sandbox.reset());
afterAll(() => lp.close());

interface Credentials {
  clientId: string;
  clientSecret: string;
}

/** What the person does at the sandbox; returns the app's credentials. */
async function installed(changes: JsonObject = {}, accountId = ACCOUNT_ID): Promise<Credentials> {
  return person({ action: 'install', accountId, manifest: JSON.stringify(connectorManifest(changes)) });
}

async function person(action: JsonObject): Promise<Credentials> {
  const url = `${lp.settings.domainApi}/_sandbox/liveperson/person`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(action),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Credentials;
}

function node(changes: JsonObject = {}): ResolvedNode {
  const spec = livepersonSpec({ liveperson: { manifest: connectorManifest(changes) } });
  const plan = planOnboarding(
    spec,
    planningContext({ facts: { liveperson: { mode: 'handoff', accountId: ACCOUNT_ID } } }),
  );
  const [only] = plan.nodes;
  if (!only) throw new Error('the plan has a node');
  return resolveNode(plan, only, {});
}

function checked(
  values: CheckInput['values'],
  {
    kind = 'install',
    changes = {},
    known = null,
  }: { kind?: HandoffKind; changes?: JsonObject; known?: CheckInput['known'] } = {},
): Promise<CheckResult> {
  if (!app.person) throw new Error('an app is what a person can install');
  const ctx = new LocalStepContext(lp.settings.timing);
  return check(app.person, byHand, ctx, { node: node(changes), kind, values, known });
}

function issued({ clientId, clientSecret }: Credentials): Record<string, string> {
  return { clientId, clientSecret };
}

const LOGIN = { grant_types: ['authorization_code'], redirect_uris: ['https://acme.example/back'] };

describe('the file of a hand-off', () => {
  it('is the text as it was given, byte for byte', () => {
    const { text = '', manifest } = livepersonTextSpec().liveperson ?? { manifest: {} };
    expect(app.person?.file({ manifest, text })).toBe(text);
    expect(createHash('sha256').update(text).digest('hex')).toHaveLength(64);
  });

  it('is two-space JSON of an object, in its own order', () => {
    const manifest = connectorManifest();
    expect(app.person?.file({ manifest })).toBe(JSON.stringify(manifest, null, 2));
  });
});

describe('what a person hands back', () => {
  it('is accepted when LivePerson issues a token of this account, app and scope; without a call to the install API', async () => {
    const app1 = await installed();
    const result = await checked(issued(app1));
    expect(result).toMatchObject({ state: 'accepted', externalId: app1.clientId, level: 'verified' });
    expect(JSON.stringify(result)).not.toContain(app1.clientSecret);
    expect(lp.sandbox.state().ledger.filter(({ resource }) => resource === 'app')).toEqual([]);
  });

  it.each<[string, (right: Credentials) => Record<string, string>, RegExp]>([
    ['a wrong secret', (right) => ({ ...right, clientSecret: 'mistyped' }), /does not accept the credentials/],
    ['an unknown app', (right) => ({ ...right, clientId: 'nobody' }), /does not accept the credentials/],
    ['nothing for the secret', ({ clientId }) => ({ clientId }), /clientSecret is missing/],
    [
      'a blank at the end',
      (right) => ({ ...right, clientSecret: `${right.clientSecret} ` }),
      /begins or ends with a blank/,
    ],
  ])('is refused for %s, once and with a reason', async (_what, wrong, reason) => {
    const right = issued(await installed()) as unknown as Credentials;
    const result = await checked(wrong(right));
    expect(result).toEqual({ state: 'refused', message: expect.stringMatching(reason) as string });
    const tokens = lp.sandbox.state().ledger.filter(({ resource }) => resource === 'token');
    expect(tokens.length).toBeLessThanOrEqual(2); // each version once, and no waiting: the person may have mistyped
  });

  it('is refused when the app is of another account, or lacks the scope of the manifest', async () => {
    expect(await checked(issued(await installed({}, OTHER_ACCOUNT)))).toMatchObject({ state: 'refused' });
    const narrow = await installed({ scope: 'faas.lambda.invoke' });
    const result = await checked(issued(narrow));
    expect(result).toMatchObject({
      state: 'refused',
      message: expect.stringMatching(/lacks the scope msg.consumer/) as string,
    });
  });

  it('is taken as partial where only users log in and LivePerson knows the client, else refused', async () => {
    const login = await installed(LOGIN);
    expect(await checked(issued(login), { changes: LOGIN })).toMatchObject({ state: 'accepted', level: 'partial' });
    const nobody = await checked({ clientId: 'nobody', clientSecret: 'x' }, { changes: LOGIN });
    expect(nobody).toMatchObject({ state: 'refused' });
  });

  it.each<[string, JsonObject]>([
    ['it is switched off on purpose', { enabled: false }],
    ['it has no grant that a machine could try', { grant_types: [] as string[] }],
  ])('is taken as partial by its form alone when %s', async (_why, changes) => {
    const { clientId, clientSecret } = { clientId: 'app-1', clientSecret: 's' };
    const result = await checked({ clientId, clientSecret }, { changes });
    expect(result).toMatchObject({ state: 'accepted', level: 'partial', externalId: 'app-1' });
  });

  it('says nothing when Sentinel does not: that is tried again', async () => {
    const right = await installed();
    lp.sandbox.setFaults([
      { match: { vendor: 'liveperson', resource: 'token' }, effect: { kind: 'status', status: 503 } },
    ]);
    expect((await faultOf(checked(issued(right)))).retryable).toBe(true);
  });

  it('must be of the app that stands when only its secret is asked for', async () => {
    const [one, two] = [await installed(), await installed({ client_name: 'com.acme.second' })];
    const known = { externalId: one.clientId, issued: { clientId: one.clientId } };
    expect(await checked(issued(two), { kind: 'secret', known })).toMatchObject({ state: 'refused' });
    expect(await checked(issued(one), { kind: 'secret', known })).toMatchObject({
      state: 'accepted',
      level: 'verified',
    });
  });
});

describe('a removal', () => {
  it('is done once LivePerson refuses the credentials', async () => {
    const gone = await installed();
    const known = { externalId: gone.clientId, issued: issued(gone) };
    const early = await checked(null, { kind: 'remove', known });
    expect(early).toMatchObject({ state: 'refused', message: expect.stringMatching(/still gets tokens/) as string });
    await person({ action: 'remove', accountId: ACCOUNT_ID, clientId: gone.clientId });
    expect(liveApps(lp.sandbox).some(({ id }) => id === gone.clientId)).toBe(false);
    expect(await checked(null, { kind: 'remove', known })).toMatchObject({ state: 'accepted', level: 'verified' });
  });

  it('is the word of the person for an app that is switched off, which gets no tokens while it stands', async () => {
    const changes = { enabled: false };
    const off = await installed(changes);
    const known = { externalId: off.clientId, issued: issued(off) };
    expect(await checked(null, { kind: 'remove', changes, known })).toMatchObject({
      state: 'accepted',
      level: 'partial',
    });
  });

  it('is the word of the person where the credentials were never known', async () => {
    expect(await checked(null, { kind: 'remove' })).toMatchObject({ state: 'accepted', level: 'partial' });
  });
});

describe('an install of what stands already', () => {
  it('is that app, and no second one', async () => {
    const one = await installed();
    const two = await installed({ client_name: 'com.acme.other' });
    const known = { externalId: one.clientId };
    expect(await checked(issued(two), { known })).toMatchObject({
      state: 'refused',
      message: expect.stringMatching(/another app/) as string,
    });
    expect(await checked(issued(one), { known })).toMatchObject({ state: 'accepted', level: 'verified' });
  });
});

describe('an update', () => {
  it('is done without credentials where they are known, and keeps its app', async () => {
    const right = await installed();
    const known = { externalId: right.clientId, issued: issued(right) };
    expect(await checked(null, { kind: 'update', known })).toMatchObject({ state: 'accepted', level: 'verified' });
    expect(await checked(null, { kind: 'update' })).toMatchObject({ state: 'refused' });
  });
});
