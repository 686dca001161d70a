import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EnsureInput, JsonObject, Plan, PlanNode, RemoveInput, Standing } from '#libs/contracts/index.js';
import { node, planOf, refused, vendors } from './transition.fixture.js';
import { Transition } from './transition.js';

vi.mock('@temporalio/workflow', async () => (await import('./transition.fixture.js')).workflowMock);

beforeEach(() => {
  vendors.reset();
  vendors.carried.set('egain.new', 'egain.old');
});

const app = node('app');
const old = line('old', { name: 'line', color: 'blue', secret: 'sealed-1' });
const successor = line('new', { name: 'line', color: 'red' });
const recordedPlan = planOf([app, old]);
const wantedPlan = planOf([app, successor]);

function amend(from: Standing, to: Plan): Transition {
  return new Transition({ from, to, changed: () => undefined });
}

/** One of a kind that carries over. */
function line(name: string, body: JsonObject): PlanNode {
  return { ...node(name, ['app'], body), resource: 'line' };
}

/** What was asked since the last call, as `new.ensure`. */
function steps(): string[] {
  return vendors.asked.splice(0).map(({ type, input }) => {
    const verb = type.slice(type.lastIndexOf('.') + 1);
    return verb === 'look' ? verb : `${(input as EnsureInput).node.key.replace('egain.', '')}.${verb}`;
  });
}

/** What was asked last of a node. */
function asked(step: string): EnsureInput & RemoveInput {
  const [key = '', verb = ''] = step.split('.');
  const found = vendors.asked.findLast(
    ({ type, input }) => type.endsWith(`.${verb}`) && (input as EnsureInput).node.key === `egain.${key}`,
  );
  if (!found) throw new Error(`${step} was not asked`);
  return found.input as EnsureInput & RemoveInput;
}

function standing(): Record<string, string> {
  return Object.fromEntries([...vendors.objects].map(([key, { id, body }]) => [key, `${id} ${JSON.stringify(body)}`]));
}

describe('a dropped object that cannot stand beside its successor', () => {
  it('is told to the look, becomes the new node by one write, and is not removed', async () => {
    const from = vendors.standing(recordedPlan);
    const transition = amend(from, wantedPlan);
    expect(await transition.apply(true)).toBeNull();
    expect(vendors.last('look').dropped).toEqual([
      { key: 'egain.old', resource: 'line', externalId: 'old-2', body: { ...old.body, appId: 'app-1' } },
    ]);
    expect(asked('new.ensure')).toMatchObject({
      previous: { color: 'blue', secret: 'sealed-1' },
      knowledge: { recorded: null, carried: { key: 'egain.new', externalId: 'old-2' } },
    });
    expect(steps()).toEqual(['look', 'new.ensure']);
    expect(transition.resources().map(({ key, externalId }) => [key, externalId])).toEqual([
      ['egain.app', 'app-1'],
      ['egain.new', 'old-2'],
    ]);
    expect(transition.standing(), 'one object is recorded once').toEqual(transition.resources());
  });

  it('is removed as ever where nothing carries it', async () => {
    vendors.carried.clear();
    const transition = amend(vendors.standing(recordedPlan), wantedPlan);
    expect(await transition.apply(true)).toBeNull();
    expect(steps()).toEqual(['look', 'new.ensure', 'old.remove']);
  });

  it('is not offered where the account has only taken it over, or shares it', async () => {
    for (const ownership of ['adopted', 'shared'] as const) {
      const transition = amend(vendors.standing(recordedPlan, { line: { ownership } }), wantedPlan);
      await transition.apply(true);
      expect(vendors.last('look').dropped).toBeUndefined();
    }
  });

  it('goes back to what is recorded, once its successor is taken back and without its own id being removed', async () => {
    const from = vendors.standing(recordedPlan);
    const before = standing();
    const transition = amend(from, planOf([app, successor, node('end')]));
    vendors.failing.set('end.ensure', refused());
    await transition.apply(true);
    steps();
    expect(await transition.undo()).toEqual([]);
    expect(asked('old.ensure')).toMatchObject({
      back: true,
      previous: { color: 'red', name: 'line', secret: 'sealed-1' },
      knowledge: { recorded: { externalId: 'old-2' } },
    });
    expect(asked('new.remove')).toMatchObject({
      goal: 'keep',
      knowledge: { carried: { externalId: 'old-2' }, held: ['old-2'] },
    });
    expect(steps()).toEqual(['new.remove', 'old.ensure', 'end.remove']);
    expect(standing()).toEqual(before);
    expect(transition.standing()).toEqual(from.resources);
  });

  it('waits on the way back for a write of its successor that never answered', async () => {
    const from = vendors.standing(recordedPlan);
    vendors.failing.set('line.ensure', refused(true));
    const transition = amend(from, wantedPlan);
    await transition.apply(true);
    expect(transition.standing(), 'what did not answer is still recorded as it was').toEqual(from.resources);
    vendors.failing.clear();
    steps();
    expect(await transition.undo()).toEqual([]);
    expect(asked('old.ensure').knowledge.inFlightSince).not.toBeNull();
    expect(asked('new.remove').knowledge.inFlightSince).not.toBeNull();
    expect(steps()).toEqual(['new.remove', 'old.ensure']);
  });

  it('is not touched when its successor never came to its turn', async () => {
    const from = vendors.standing(recordedPlan);
    const first = node('first');
    const transition = amend(from, planOf([app, first, { ...successor, needs: ['egain.app', 'egain.first'] }]));
    vendors.failing.set('first.ensure', refused());
    await transition.apply(true);
    steps();
    expect(await transition.undo()).toEqual([]);
    expect(steps()).toEqual(['first.remove']);
    expect(transition.standing()).toEqual(from.resources);
  });

  it('comes back in a held operation when the corrected plan wants it again', async () => {
    const from = vendors.standing(recordedPlan);
    const transition = amend(from, planOf([app, successor, node('end')]));
    vendors.failing.set('end.ensure', refused());
    await transition.apply(false);
    vendors.failing.clear();
    await transition.replan(recordedPlan);
    steps();
    expect(await transition.apply(false)).toBeNull();
    expect(asked('old.ensure')).toMatchObject({ previous: { color: 'red' } });
    expect(steps()).toContain('new.remove');
    expect(transition.resources()).toEqual(from.resources);
  });

  it('is looked at again when the look of another connection has failed', async () => {
    const from = vendors.standing(recordedPlan);
    const elsewhere = { ...node('elsewhere'), connection: 'egain-other' };
    const transition = amend(from, planOf([app, successor, elsewhere]));
    vendors.unreadable.add('egain-other');
    expect(await transition.apply(false)).toMatchObject({ step: 'egain.elsewhere' });
    vendors.unreadable.clear();
    expect(await transition.apply(false)).toBeNull();
    expect(asked('new.ensure').knowledge.carried?.externalId).toBe('old-2');
    expect(steps().slice(-2)).toEqual(['new.ensure', 'elsewhere.ensure']);
  });

  it('is brought to a corrected successor from all that may stand of it', async () => {
    const from = vendors.standing(recordedPlan);
    vendors.failing.set('line.ensure', refused(true));
    const transition = amend(from, wantedPlan);
    await transition.apply(false);
    vendors.failing.clear();
    await transition.replan(planOf([app, line('new', { name: 'line', size: 'L' })]));
    expect(await transition.apply(false)).toBeNull();
    expect(asked('new.ensure')).toMatchObject({
      previous: { color: 'red', name: 'line', secret: 'sealed-1' },
      knowledge: { carried: { externalId: 'old-2' } },
    });
  });

  it('goes to another successor when the corrected plan has that instead', async () => {
    vendors.carried.set('egain.other', 'egain.old');
    const from = vendors.standing(recordedPlan);
    const transition = amend(from, planOf([app, successor, node('end')]));
    vendors.failing.set('end.ensure', refused());
    await transition.apply(false);
    vendors.failing.clear();
    const other = node('other', ['app'], { name: 'line', size: 'L' });
    await transition.replan(planOf([app, other]));
    expect(await transition.apply(false)).toBeNull();
    expect(asked('other.ensure')).toMatchObject({
      previous: { color: 'red', name: 'line' },
      knowledge: { carried: { externalId: 'old-2' } },
    });
    expect(asked('new.remove').knowledge.carried?.externalId).toBe('old-2');
    expect(transition.resources().map(({ key, externalId }) => [key, externalId])).toEqual([
      ['egain.app', 'app-1'],
      ['egain.other', 'old-2'],
    ]);
  });

  it('is removed itself when the corrected plan has neither', async () => {
    const from = vendors.standing(recordedPlan);
    const transition = amend(from, planOf([app, successor, node('end')]));
    vendors.failing.set('end.ensure', refused());
    await transition.apply(false);
    vendors.failing.clear();
    await transition.replan(planOf([app]));
    steps();
    expect(await transition.apply(false)).toBeNull();
    expect(asked('old.remove')).toMatchObject({
      goal: 'remove',
      knowledge: { recorded: { externalId: 'old-2' } },
    });
    expect(steps()).toEqual(['end.remove', 'new.remove', 'old.remove']);
  });
});
