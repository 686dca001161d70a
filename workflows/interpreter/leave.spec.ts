import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Plan, Standing } from '#libs/contracts/index.js';
import { node, planOf, refused, vendors } from './transition.fixture.js';
import { Transition } from './transition.js';

vi.mock('@temporalio/workflow', async () => (await import('./transition.fixture.js')).workflowMock);

beforeEach(() => vendors.reset());

const app = node('app');
const channel = node('channel');
const user = node('user', ['app']);
const recordedPlan = planOf([app, channel, user]);
const never = (): boolean => false;

function offboard(from: Standing | null, cutOff: Plan[] = []): Transition {
  return new Transition({ from, to: null, cutOff, changed: () => undefined });
}

describe('an offboarding', () => {
  it('removes what is recorded, dependants first, and reads each list once at the end', async () => {
    const transition = offboard(vendors.standing(recordedPlan));
    expect(await transition.leave(never)).toEqual([]);
    expect(vendors.calls()).toEqual(['channel.remove', 'user.remove', 'app.remove', 'look']);
    expect(transition.standing()).toEqual([]);
    expect(vendors.objects.size).toBe(0);
  });

  it('goes on elsewhere when something cannot be removed, and keeps what that refers to', async () => {
    const transition = offboard(vendors.standing(recordedPlan));
    vendors.failing.set('user.remove', refused());
    expect((await transition.leave(never)).map(({ key }) => key)).toEqual(['egain.app', 'egain.user']);
    expect(transition.standing().map(({ key }) => key)).toEqual(['egain.app', 'egain.user']);
    vendors.failing.clear();
    vendors.calls();
    expect(await transition.leave(never)).toEqual([]);
    expect(vendors.calls()).toEqual(['user.remove', 'app.remove', 'look']);
  });

  it('removes what the last reading finds, and can be tried again when that fails', async () => {
    const transition = offboard(vendors.standing(recordedPlan));
    vendors.spares.add('egain.user');
    vendors.failing.set('look', refused());
    expect(await transition.leave(never)).toMatchObject([{ key: 'egain.app' }]); // nothing is proved
    vendors.failing.clear();
    vendors.calls();
    expect(await transition.leave(never)).toEqual([]);
    expect(vendors.calls()).toEqual(['app.remove', 'look', 'user.remove']);
    expect(vendors.spares.size).toBe(0);
  });

  it('is not stuck when what the last reading finds cannot be removed at first', async () => {
    const transition = offboard(vendors.standing(recordedPlan));
    vendors.spares.add('egain.user');
    vendors.failing.set('look', refused());
    await transition.leave(never);
    vendors.failing.clear();
    vendors.failing.set('user.remove', refused());
    expect(await transition.leave(never)).toMatchObject([{ key: 'egain.user' }]);
    vendors.failing.clear();
    expect(await transition.leave(never)).toEqual([]);
    expect(vendors.spares.size).toBe(0);
  });

  it('that is stopped begins nothing more, and knows what stands still', async () => {
    const transition = offboard(vendors.standing(recordedPlan));
    let asked = 0;
    await transition.leave(() => (asked += 1) > 1);
    expect(vendors.calls()).not.toContain('look');
    const standing = transition.standing().map(({ key }) => key);
    expect(standing).toEqual(recordedPlan.nodes.map(({ key }) => key).filter((key) => vendors.objects.has(key)));
    expect(standing.length).toBeLessThan(3);
    expect(standing).not.toEqual([]);
  });
});

describe('an account whose operation was cut off', () => {
  const desk = node('desk', ['app']);
  const cut = planOf([app, user, desk], 'cut');
  const earlier = planOf([app, user, node('hall')], 'earlier');

  it('is taken off with all that the operation may have made, counted as in flight', async () => {
    const from = vendors.standing(recordedPlan);
    vendors.put('egain.desk', {});
    const transition = offboard(from, [cut]);
    expect(await transition.leave(never)).toEqual([]);
    expect(vendors.last('desk.remove').knowledge.inFlightSince).not.toBeNull();
    expect(vendors.last('user.remove').knowledge.inFlightSince).not.toBeNull();
    expect(vendors.objects.size).toBe(0);
    expect(vendors.calls()).toContain('channel.remove'); // recorded, and dropped by the plan that was cut off
  });

  it('reckons with every plan that was cut off since something last cleared up', async () => {
    const from = vendors.standing(recordedPlan);
    for (const key of ['egain.desk', 'egain.hall']) vendors.put(key, {});
    const transition = offboard(from, [cut, earlier]);
    expect(await transition.leave(never)).toEqual([]);
    expect(vendors.objects.size).toBe(0);
    expect(vendors.last('hall.remove').knowledge.inFlightSince).not.toBeNull();
  });

  it('is brought to a plan: every node is looked at, waits for what may land, and what is dropped goes', async () => {
    const from = vendors.standing(recordedPlan);
    for (const key of ['egain.desk', 'egain.hall']) vendors.put(key, {});
    const transition = new Transition({ from, to: recordedPlan, cutOff: [cut, earlier], changed: () => undefined });
    expect(await transition.apply(true)).toBeNull();
    const { knowledge, previous } = vendors.last('user.ensure');
    expect(knowledge.inFlightSince).not.toBeNull();
    expect(previous).toBeDefined(); // only then is the wait made before what stands is believed
    expect([...vendors.objects.keys()].sort()).toEqual(['egain.app', 'egain.channel', 'egain.user']);
  });

  it('is brought back to the recorded plan though what was to be removed is gone already, or about to', async () => {
    const from = vendors.standing(recordedPlan);
    vendors.objects.delete('egain.channel'); // the plan that was cut off has no such node
    const transition = new Transition({ from, to: recordedPlan, cutOff: [cut], changed: () => undefined });
    expect(await transition.apply(true)).toBeNull();
    const { knowledge, previous } = vendors.last('channel.ensure');
    expect(knowledge.inFlightSince).not.toBeNull();
    expect(previous).toBeDefined();
    const ids = Object.fromEntries(transition.resources().map(({ key, externalId }) => [key, externalId]));
    expect(ids).toEqual(Object.fromEntries([...vendors.objects].map(([key, { id }]) => [key, id])));
  });

  it('whose offboarding was cut off is made whole again', async () => {
    const from = vendors.standing(recordedPlan);
    vendors.objects.delete('egain.user');
    vendors.objects.delete('egain.channel');
    const transition = new Transition({ from, to: recordedPlan, cutOff: [recordedPlan], changed: () => undefined });
    expect(await transition.apply(true)).toBeNull();
    expect([...vendors.objects.keys()].sort()).toEqual(['egain.app', 'egain.channel', 'egain.user']);
    const ids = Object.fromEntries(transition.resources().map(({ key, externalId }) => [key, externalId]));
    expect(ids).toEqual(Object.fromEntries([...vendors.objects].map(([key, { id }]) => [key, id])));
  });

  it('whose first onboarding was cut off is taken off though nothing is recorded', async () => {
    vendors.put('egain.app', {});
    const transition = offboard(null, [recordedPlan]);
    expect(await transition.leave(never)).toEqual([]);
    expect(vendors.objects.size).toBe(0);
    expect(vendors.last('app.remove')).toMatchObject({ goal: 'remove' });
  });
});

describe('a repair', () => {
  it('brings back what was asked for and what refers to it, and touches nothing else', async () => {
    const from = vendors.standing(recordedPlan);
    vendors.objects.delete('egain.app');
    const transition = new Transition({ from, to: recordedPlan, changed: () => undefined });
    expect(await transition.repair(new Set(['egain.app']))).toEqual([]);
    expect(vendors.calls()).toEqual(['app.ensure', 'user.ensure']);
    expect(vendors.objects.get('egain.user')?.body).toEqual({ appId: vendors.objects.get('egain.app')?.id });
    const ids = Object.fromEntries(transition.standing().map(({ key, externalId }) => [key, externalId]));
    expect(ids).toEqual(Object.fromEntries([...vendors.objects].map(([key, { id }]) => [key, id])));
  });

  it('keeps on elsewhere when one part is refused, and records what was done', async () => {
    const from = vendors.standing(recordedPlan);
    vendors.objects.delete('egain.app');
    vendors.objects.delete('egain.channel');
    vendors.failing.set('app.ensure', refused());
    const transition = new Transition({ from, to: recordedPlan, changed: () => undefined });
    const keys = new Set(['egain.app', 'egain.channel']);
    expect(await transition.repair(keys)).toMatchObject([{ key: 'egain.app', externalId: 'app-1' }]);
    expect(transition.standing().find(({ key }) => key === 'egain.channel')?.externalId).toBe(
      vendors.objects.get('egain.channel')?.id,
    );
  });

  it('writes secrets again where asked to, though nothing else is known to differ', async () => {
    const from = vendors.standing(recordedPlan);
    const transition = new Transition({ from, to: recordedPlan, rewriteSecrets: true, changed: () => undefined });
    await transition.repair(new Set(['egain.channel']));
    expect(vendors.last('channel.ensure')).toMatchObject({ rewriteSecrets: true });
    expect(vendors.calls()).toEqual(['channel.ensure']);
  });

  it('removes spares only of the nodes that it was given', async () => {
    const from = vendors.standing(recordedPlan);
    vendors.spares.add('egain.user').add('egain.app');
    const transition = new Transition({ from, to: recordedPlan, changed: () => undefined });
    expect(await transition.removeSpares(new Set(['egain.user']))).toEqual([]);
    expect(vendors.calls()).toEqual(['user.settle']);
    expect([...vendors.spares]).toEqual(['egain.app']);
  });
});
