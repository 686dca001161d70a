import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EnsureResult, LookFinding, OnboardingSpec, PlanNode } from '#libs/contracts/index.js';
import { connectorManifest, livepersonSpec, planOf } from '#test/factories/index.js';
import { PlanRunner } from '#test/support/plan-runner.js';
import { callsSince, liveApps, openLiveperson, seqOf, type LivepersonBench } from '../vendors/liveperson.js';
import { faultOf } from '../vendors/vendors.js';

let lp: LivepersonBench;
let runner: PlanRunner;
const runners: PlanRunner[] = [];

beforeAll(async () => {
  lp = await openLiveperson();
});
beforeEach(() => {
  lp.sandbox.reset();
  runner = open();
});
afterEach(async () => {
  for (const each of runners.splice(0)) await each.close();
});
afterAll(() => lp.close());

function open(overrides: Partial<OnboardingSpec> = {}): PlanRunner {
  const opened = new PlanRunner(planOf(livepersonSpec(overrides)), [lp.settings]);
  runners.push(opened);
  return opened;
}

function node(of = runner): PlanNode {
  const [only] = of.plan.nodes;
  if (!only) throw new Error('the plan has no node');
  return only;
}

/** Applies the next create and answers nothing. */
function loseReply(): void {
  lp.sandbox.setFaults([
    { match: { vendor: 'liveperson', resource: 'app', operation: 'create' }, nth: 1, effect: { kind: 'reset-after' } },
  ]);
}

function creates(): number {
  return callsSince(lp.sandbox, 0).filter((call) => call.startsWith('create app')).length;
}

/** What a test's seal has hidden. */
function unsealed(result: EnsureResult): Record<string, string> {
  const open = (text: string): string => Buffer.from(text.replace('sealed:v1:test:', ''), 'base64').toString();
  return Object.fromEntries(Object.entries(result.issued ?? {}).map(([name, text]) => [name, open(text)]));
}

describe('an install', () => {
  it('creates once, seals the credentials, and is verified by a token', async () => {
    await runner.look();
    const made = await runner.ensure(node());
    expect(made).toMatchObject({ ownership: 'created', level: 'verified' });
    expect(made).not.toHaveProperty('lacks');
    const [stored] = liveApps(lp.sandbox);
    expect(unsealed(made)).toEqual({ clientId: made.externalId, clientSecret: stored?.['client_secret'] });
    expect(JSON.stringify(made)).not.toContain(stored?.['client_secret']);
    expect(creates()).toBe(1);
  });

  it('reads the secret where the answer of the create lacks it', async () => {
    lp.set({ createBody: 'without-secret' });
    await runner.look();
    const made = await runner.ensure(node());
    expect(unsealed(made)['clientSecret']).toBe(liveApps(lp.sandbox)[0]?.['client_secret']);
    expect(made.level).toBe('verified');
  });

  it('says that the secret is lacking where LivePerson never shows it', async () => {
    lp.set({ createBody: 'without-secret', secretOnRead: 'hidden' });
    await runner.look();
    expect(await runner.ensure(node())).toMatchObject({
      ownership: 'created',
      level: 'partial',
      lacks: ['clientSecret'],
    });
  });

  it('settles a create whose reply was lost, and makes no second', async () => {
    await runner.look();
    loseReply();
    expect(await runner.ensure(node())).toMatchObject({ ownership: 'created', level: 'verified' });
    expect(creates()).toBe(1);
    expect(liveApps(lp.sandbox)).toHaveLength(1);
  });

  it('settles a create that answered without an id', async () => {
    lp.set({ createBody: 'empty' });
    await runner.look();
    expect(await runner.ensure(node())).toMatchObject({ ownership: 'created', level: 'verified' });
    expect(creates()).toBe(1);
  });

  it('settles a create that was applied and answered 500', async () => {
    await runner.look();
    lp.sandbox.setFaults([
      {
        match: { vendor: 'liveperson', resource: 'app', operation: 'create' },
        nth: 1,
        effect: { kind: 'status', status: 500, apply: true },
      },
    ]);
    expect(await runner.ensure(node())).toMatchObject({ ownership: 'created' });
    expect(creates()).toBe(1);
  });

  it('waits while Sentinel does not know the app, and goes on from its id', async () => {
    lp.set({ token: { lagSeconds: 3600 } });
    await runner.look();
    const fault = await faultOf(runner.ensure(node()));
    expect(fault).toMatchObject({ code: 'NOT_READY', retryable: true, retryAfterMs: 40 });
    expect(runner.isUnclear(node())).toBe(false); // the create has answered: undo need not wait for it
    lp.sandbox.clock.advance(3_600_000);
    const seq = seqOf(lp.sandbox);
    expect(await runner.ensure(node(), 2)).toMatchObject({
      ownership: 'created',
      level: 'verified',
      inFlightUntil: null,
    });
    expect(callsSince(lp.sandbox, seq).filter((call) => call.startsWith('list'))).toEqual([]);
    expect(creates()).toBe(1);
  });

  it.each<{ lies: string; operations: ('get' | 'list')[] }>([
    { lies: 'its read', operations: ['get'] },
    { lies: 'its read and the list', operations: ['get', 'list'] },
  ])('goes on with the app that stands when $lies once say that it is not there', async ({ operations }) => {
    lp.set({ token: { lagSeconds: 3600 }, duplicateName: 'accepted' });
    await runner.look();
    await faultOf(runner.ensure(node()));
    lp.sandbox.clock.advance(3_600_000);
    const missing = { get: { status: 404 }, list: { status: 200, body: [] } };
    lp.sandbox.setFaults(
      operations.map((operation) => ({
        match: { vendor: 'liveperson', resource: 'app', operation },
        nth: 1,
        effect: { kind: 'status', ...missing[operation] },
      })),
    );
    expect(await runner.ensure(node(), 2)).toMatchObject({ ownership: 'created', level: 'verified' });
    expect(lp.sandbox.faults().map(({ hits }) => hits)).toEqual(operations.map(() => 1));
    expect(creates()).toBe(1);
  });

  it('makes another app when the one that stood is gone for good', async () => {
    lp.set({ token: { lagSeconds: 3600 } });
    await runner.look();
    await faultOf(runner.ensure(node()));
    const [stored] = liveApps(lp.sandbox);
    lp.sandbox.remove('liveperson', 'app', stored?.['id'] as string);
    lp.set({ token: { lagSeconds: 0 } });
    const made = await runner.ensure(node(), 2);
    expect(made).toMatchObject({ ownership: 'created', level: 'verified' });
    expect(liveApps(lp.sandbox)).toMatchObject([{ id: made.externalId }]);
    expect(made.externalId).not.toBe(stored?.['id']);
  });

  it('that Sentinel never knows fails once the window is over, and undo removes it', async () => {
    lp.set({ token: { lagSeconds: 3600 } });
    await runner.look();
    await faultOf(runner.ensure(node()));
    await expect
      .poll(async () => (await faultOf(runner.ensure(node(), 2))).retryable, { timeout: 10_000, interval: 50 })
      .toBe(false);
    const [stored] = liveApps(lp.sandbox);
    await runner.remove(node(), null, true);
    expect(stored).toBeDefined();
    expect(liveApps(lp.sandbox)).toEqual([]);
  });
});

describe('an undo of an install', () => {
  /** Tokens for everybody, as from a Sentinel that has not heard of the delete. */
  function stillIssuesTokens(): void {
    const body = { access_token: 'a token' };
    lp.sandbox.setFaults([
      { match: { vendor: 'liveperson', resource: 'token' }, effect: { kind: 'status', status: 200, body } },
    ]);
  }

  it.each(['shown', 'hidden'] as const)(
    'is not done as long as the deleted app still gets tokens, and asks each time (secret %s on reading)',
    async (secretOnRead) => {
      lp.set({ secretOnRead });
      await runner.look();
      const made = await runner.ensure(node());
      stillIssuesTokens();
      for (const attempt of [1, 2, 3]) {
        const fault = await faultOf(runner.remove(node(), made));
        expect(fault, `attempt ${String(attempt)}`).toMatchObject({
          code: 'VENDOR_UNAVAILABLE',
          retryable: true,
          externalId: made.externalId,
        });
        expect(liveApps(lp.sandbox)).toEqual([]);
      }
      lp.sandbox.setFaults([]);
      const seq = seqOf(lp.sandbox);
      await runner.remove(node(), made);
      expect(callsSince(lp.sandbox, seq)).toContain('token token 401');
    },
  );

  it('asks for tokens of an app that was never verified', async () => {
    lp.set({ token: { lagSeconds: 3600 }, secretOnRead: 'hidden' });
    await runner.look();
    await faultOf(runner.ensure(node()));
    lp.sandbox.remove('liveperson', 'app', liveApps(lp.sandbox)[0]?.['id'] as string);
    stillIssuesTokens();
    expect(await faultOf(runner.remove(node(), null))).toMatchObject({ code: 'VENDOR_UNAVAILABLE', retryable: true });
    lp.sandbox.setFaults([]);
    await runner.remove(node(), null);
  });
});

describe('a verification of which a former attempt knew the secret', () => {
  it('goes on by a token though LivePerson does not show the secret again', async () => {
    lp.set({ token: { lagSeconds: 3600 }, secretOnRead: 'hidden' });
    await runner.look();
    expect(await faultOf(runner.ensure(node()))).toMatchObject({ code: 'NOT_READY' });
    lp.sandbox.clock.advance(3_600_000);
    const made = await runner.ensure(node(), 2);
    expect(made).toMatchObject({ ownership: 'created', level: 'verified' });
    expect(unsealed(made)['clientSecret']).toBe(liveApps(lp.sandbox)[0]?.['client_secret']);
  });
});

describe('a retry of an install whose verification failed', () => {
  it('goes on with the app that stands, also with a corrected manifest', async () => {
    lp.set({ token: { lagSeconds: 3600 } });
    await runner.look();
    await faultOf(runner.ensure(node()));
    lp.set({ token: { lagSeconds: 0 } });
    const corrected = open({ liveperson: { manifest: connectorManifest({ description: 'corrected' }) } });
    const made = await corrected.ensureAgain(node(corrected), runner);
    expect(made).toMatchObject({ ownership: 'created', level: 'verified' });
    expect(liveApps(lp.sandbox)).toMatchObject([{ description: 'corrected' }]);
    expect(creates()).toBe(1);
  });
});

describe('an app of the same name that is not ours', () => {
  const person = { ...connectorManifest(), description: "a person's" };

  it('is a conflict that the look sees', async () => {
    lp.sandbox.insert('liveperson', 'app', [connectorManifest()]);
    await runner.look();
    expect(found(runner)).toMatchObject({ status: 'foreign', action: 'conflict' });
    expect(await faultOf(runner.ensure(node()))).toMatchObject({ code: 'FOREIGN_RESOURCE' });
    await runner.remove(node(), null);
    expect(liveApps(lp.sandbox)).toHaveLength(1);
  });

  it.each(['other', 'same'] as const)(
    'made by a person between look and create is a conflict, and undo leaves it (%s values)',
    async (namesakeByPerson) => {
      lp.set({ namesakeByPerson });
      await runner.look();
      expect(await faultOf(runner.ensure(node()))).toMatchObject({ code: 'FOREIGN_RESOURCE', retryable: false });
      await runner.remove(node(), null, runner.isUnclear(node()));
      expect(liveApps(lp.sandbox)).toHaveLength(1);
    },
  );

  it('and came between look and create is taken over when the spec says so; undo of a failed verification leaves it', async () => {
    lp.set({ namesakeByPerson: 'same', token: { lagSeconds: 3600 } });
    const adopting = open({ adopt: ['liveperson.app'] });
    await adopting.look();
    expect(found(adopting)).toMatchObject({ status: 'missing' });
    expect(await faultOf(adopting.ensure(node(adopting)))).toMatchObject({ code: 'NOT_READY' });
    await adopting.remove(node(adopting), null);
    expect(liveApps(lp.sandbox)).toHaveLength(1);
    lp.set({ token: { lagSeconds: 0 } });
    expect(await adopting.ensure(node(adopting), 2)).toMatchObject({ ownership: 'adopted' });
  });

  it.each([1, 2])(
    'taken over so, and changed, is put back after %i attempts whose verification failed',
    async (attempts) => {
      lp.set({ namesakeByPerson: 'other', token: { lagSeconds: 3600 } });
      const adopting = open({ adopt: ['liveperson.app'] });
      await adopting.look();
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        expect(await faultOf(adopting.ensure(node(adopting), attempt))).toMatchObject({ code: 'NOT_READY' });
      }
      expect(liveApps(lp.sandbox)).toMatchObject([{ description: connectorManifest()['description'] }]);
      expect(await adopting.remove(node(adopting), null)).toMatchObject({ outcome: 'restored' });
      expect(liveApps(lp.sandbox)).toMatchObject([{ description: 'made by a person' }]);
    },
  );

  it('where the server takes a second one, ours is made beside it, and undo removes ours alone', async () => {
    lp.set({ duplicateName: 'accepted', namesakeByPerson: 'other' });
    await runner.look();
    const made = await runner.ensure(node());
    expect(liveApps(lp.sandbox)).toHaveLength(2);
    await runner.remove(node(), made);
    expect(liveApps(lp.sandbox)).toMatchObject([{ description: 'made by a person' }]);
  });

  it('is not taken for ours after a lost reply: other values are a conflict', async () => {
    await runner.look();
    lp.sandbox.setFaults([
      {
        match: { vendor: 'liveperson', resource: 'app', operation: 'create' },
        nth: 1,
        effect: { kind: 'reset-before' },
      },
    ]);
    lp.sandbox.insert('liveperson', 'app', [person]);
    expect(await faultOf(runner.ensure(node()))).toMatchObject({ code: 'FOREIGN_RESOURCE' });
    await runner.remove(node(), null, true);
    expect(liveApps(lp.sandbox)).toMatchObject([{ description: "a person's" }]);
  });

  it('equal in every value beside ours after a lost reply is a question for a person', async () => {
    lp.set({ duplicateName: 'accepted' });
    await runner.look();
    loseReply();
    lp.sandbox.insert('liveperson', 'app', [connectorManifest()]);
    expect(await faultOf(runner.ensure(node()))).toMatchObject({ code: 'AMBIGUOUS', retryable: false });
    expect(await faultOf(runner.remove(node(), null, true))).toMatchObject({ code: 'AMBIGUOUS' });
    expect(liveApps(lp.sandbox)).toHaveLength(2);
  });

  it('is taken over when the spec says so, verified, and put back by undo', async () => {
    lp.sandbox.insert('liveperson', 'app', [person]);
    const before = liveApps(lp.sandbox);
    const adopting = open({ adopt: ['liveperson.app'] });
    await adopting.look();
    expect(found(adopting)).toMatchObject({ action: 'adopt' });
    lp.set({ token: { lagSeconds: 3600 } });
    expect(await faultOf(adopting.ensure(node(adopting)))).toMatchObject({ code: 'NOT_READY' });
    lp.set({ token: { lagSeconds: 0 } });
    const made = await adopting.ensure(node(adopting), 2);
    expect(made).toMatchObject({ ownership: 'adopted', level: 'verified' });
    expect(liveApps(lp.sandbox)).toMatchObject([{ description: 'Support of Acme' }]);
    expect(await adopting.remove(node(adopting), made)).toMatchObject({ outcome: 'restored' });
    expect(liveApps(lp.sandbox)).toEqual(before);
  });
});

function found(of: PlanRunner): LookFinding | undefined {
  return of.finding(node(of));
}
