import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Plan, Standing } from '#libs/contracts/index.js';
import { node, planOf, refused, vendors } from './transition.fixture.js';
import { Transition } from './transition.js';

vi.mock('@temporalio/workflow', async () => (await import('./transition.fixture.js')).workflowMock);

beforeEach(() => vendors.reset());

const app = node('app');
const channel = node('channel', [], { color: 'blue', secret: 'sealed-1' });
const user = node('user', ['app', 'channel']);
const recordedPlan = planOf([app, channel, user]);

function amend(from: Standing, to: Plan): Transition {
  return new Transition({ from, to, changed: () => undefined });
}

/** What stands, by its key, with its body as text. */
function bodies(): Record<string, string> {
  return Object.fromEntries([...vendors.objects].map(([key, { body }]) => [key, JSON.stringify(body)]));
}

describe('an amendment', () => {
  it('looks at and writes only what differs, and is told what stood before, secrets included', async () => {
    const from = vendors.standing(recordedPlan);
    const to = planOf([app, { ...channel, body: { color: 'blue', secret: 'sealed-2' } }, user]);
    const transition = amend(from, to);
    expect(await transition.apply(true)).toBeNull();
    expect(vendors.last('look').nodes.map(({ key }) => key)).toEqual(['egain.channel']);
    expect(vendors.last('channel.ensure')).toMatchObject({
      previous: { color: 'blue', secret: 'sealed-1' },
      knowledge: { recorded: { externalId: 'channel-2' }, made: null },
    });
    expect(vendors.calls()).toEqual(['look', 'channel.ensure']);
    expect(transition.resources()).toEqual(from.resources);
  });

  it('asks no vendor where all nodes are the same', async () => {
    const from = vendors.standing(recordedPlan);
    expect(await amend(from, planOf([app, channel, user], 'other labels')).apply(true)).toBeNull();
    expect(vendors.calls()).toEqual([]);
  });

  it('makes what is new first and removes what is gone last, dependants first', async () => {
    const from = vendors.standing(recordedPlan);
    const to = planOf([app, node('desk'), node('agent', ['app', 'desk'])]);
    const transition = amend(from, to);
    expect(await transition.apply(true)).toBeNull();
    expect(vendors.calls()).toEqual(['look', 'desk.ensure', 'agent.ensure', 'user.remove', 'channel.remove']);
    expect(transition.resources().map(({ key }) => key)).toEqual(['egain.app', 'egain.desk', 'egain.agent']);
  });

  it('removes nothing while something that the new plan wants does not stand', async () => {
    const from = vendors.standing(recordedPlan);
    vendors.failing.set('desk.ensure', refused());
    expect(await amend(from, planOf([app, node('desk')])).apply(true)).toMatchObject({ step: 'egain.desk' });
    expect(vendors.calls()).toEqual(['look', 'desk.ensure']);
  });

  it('brings what refers to an object that had vanished to the new one', async () => {
    const from = vendors.standing(recordedPlan);
    vendors.objects.delete('egain.channel');
    const to = planOf([app, { ...channel, body: { color: 'red' } }, user]);
    expect(await amend(from, to).apply(true)).toBeNull();
    expect(vendors.calls()).toEqual(['look', 'channel.ensure', 'user.ensure']);
    expect(vendors.objects.get('egain.user')?.body).toMatchObject({
      channelId: vendors.objects.get('egain.channel')?.id,
    });
  });

  it('waits for a condition only where something that it hangs on has changed', async () => {
    const ready = { ...node('ready', ['channel']), waits: true };
    const from = vendors.standing(planOf([app, channel, ready]));
    from.resources = from.resources.filter(({ key }) => key !== 'egain.ready');
    const other = { ...app, body: { color: 'red' } };
    expect(await amend(from, planOf([other, channel, ready])).apply(true)).toBeNull();
    expect(vendors.calls()).toEqual(['look', 'app.ensure']);
    const changed = { ...channel, body: { color: 'red' } };
    expect(await amend(from, planOf([app, changed, ready])).apply(true)).toBeNull();
    expect(vendors.calls()).toEqual(['look', 'channel.ensure', 'ready.ensure']);
  });

  it('goes on with a corrected plan after it was held, from what it has done by then', async () => {
    const from = vendors.standing(recordedPlan);
    const red = { ...channel, body: { color: 'red' } };
    const transition = amend(from, planOf([app, red, user, node('desk')]));
    vendors.failing.set('desk.ensure', refused());
    expect(await transition.apply(false)).toMatchObject({ step: 'egain.desk' });
    vendors.failing.clear();
    vendors.calls();
    await transition.replan(planOf([app, channel, user, node('hall')]));
    expect(vendors.calls()).toEqual([]); // what is dropped goes last
    expect(await transition.apply(false)).toBeNull();
    expect(vendors.calls()).toEqual(['look', 'channel.ensure', 'hall.ensure', 'desk.remove']);
    expect(vendors.objects.get('egain.channel')?.body).toEqual(channel.body);
  });
});

describe('the undo of an amendment', () => {
  it('writes the recorded bodies and secrets, removes what is new, and leaves alone what was not written', async () => {
    const from = vendors.standing(recordedPlan);
    const before = bodies();
    const to = planOf([
      app,
      { ...channel, body: { color: 'red', secret: 'sealed-2' } },
      user,
      node('desk'),
      node('end', ['desk']),
    ]);
    vendors.failing.set('end.ensure', refused(true));
    const transition = amend(from, to);
    await transition.apply(true);
    vendors.calls();
    expect(await transition.undo()).toEqual([]);
    expect(vendors.calls()).toEqual(['channel.ensure', 'end.remove', 'desk.remove']);
    expect(bodies()).toEqual(before);
    expect(transition.standing()).toEqual(from.resources);
  });

  it('tells what the amendment wrote as what stands, and that it leads back', async () => {
    const from = vendors.standing(recordedPlan);
    const to = planOf([app, { ...channel, body: { color: 'red', secret: 'sealed-2' } }, user, node('end')]);
    vendors.failing.set('end.ensure', refused());
    const transition = amend(from, to);
    await transition.apply(true);
    await transition.undo();
    expect(vendors.last('channel.ensure')).toMatchObject({
      back: true,
      node: { body: channel.body },
      previous: { color: 'red', secret: 'sealed-2' },
    });
    const { goal, knowledge } = vendors.last('end.remove');
    expect({ goal, recorded: knowledge.recorded }).toEqual({ goal: 'keep', recorded: null });
  });

  it('waits for a write that never answered before it leads back over it', async () => {
    const from = vendors.standing(recordedPlan);
    vendors.failing.set('channel.ensure', refused(true));
    const transition = amend(from, planOf([app, { ...channel, body: { color: 'red' } }, user]));
    await transition.apply(true);
    vendors.failing.clear();
    expect(await transition.undo()).toEqual([]);
    const { knowledge, previous } = vendors.last('channel.ensure');
    expect(knowledge.inFlightSince).not.toBeNull();
    expect(previous).toMatchObject({ color: 'red' });
  });

  it('makes removed objects again, and brings what refers to them to the new ids', async () => {
    const from = vendors.standing(planOf([app, channel, user, node('gone', ['user'])]));
    const transition = amend(from, planOf([app]));
    vendors.failing.set('channel.remove', refused());
    expect(await transition.apply(true)).toMatchObject({ code: 'CONFLICT', step: 'egain.channel' });
    expect([...vendors.objects.keys()]).toEqual(['egain.app', 'egain.channel']);
    vendors.failing.clear();
    expect(await transition.undo()).toEqual([]);
    const user2 = vendors.objects.get('egain.user');
    expect(user2?.id).not.toBe('user-3');
    expect(vendors.objects.get('egain.gone')?.body).toEqual({ userId: user2?.id });
    const ids = Object.fromEntries(transition.standing().map(({ key, externalId }) => [key, externalId]));
    expect(ids).toEqual(Object.fromEntries([...vendors.objects].map(([key, { id }]) => [key, id])));
  });

  it('waits for a removal that failed before it says that the object stands', async () => {
    const from = vendors.standing(recordedPlan);
    const transition = amend(from, planOf([app, channel]));
    vendors.failing.set('user.remove', refused(true));
    await transition.apply(true);
    vendors.failing.clear();
    vendors.calls();
    expect(await transition.undo()).toEqual([]);
    expect(vendors.last('user.ensure').knowledge.inFlightSince).not.toBeNull();
  });

  it('says what could not be put back, and tries just that again', async () => {
    const from = vendors.standing(recordedPlan);
    const to = planOf([{ ...app, body: { color: 'red' } }, { ...channel, body: { color: 'red' } }, user, node('end')]);
    vendors.failing.set('end.ensure', refused());
    const transition = amend(from, to);
    await transition.apply(false);
    vendors.failing.set('channel.ensure', refused());
    expect(await transition.undo()).toMatchObject([{ key: 'egain.channel', externalId: 'channel-2' }]);
    vendors.failing.clear();
    vendors.calls();
    expect(await transition.undo()).toEqual([]);
    expect(vendors.calls()).toEqual(['channel.ensure']);
  });

  it('keeps what stood before the amendment though it is not recorded', async () => {
    const from = vendors.standing(recordedPlan);
    vendors.put('egain.desk', {}); // a leftover that somebody accepted
    vendors.failing.set('end.ensure', refused());
    const transition = amend(from, planOf([app, channel, user, node('desk'), node('end')]));
    await transition.apply(false);
    await transition.undo();
    const { goal, knowledge } = vendors.last('desk.remove');
    expect(goal).toBe('keep');
    expect(knowledge.looked?.before).toEqual([vendors.objects.get('egain.desk')?.id ?? 'desk-4']);
  });
});
