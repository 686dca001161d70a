import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ForeseenNode, Plan, PlanNode, Standing } from '#libs/contracts/index.js';
import { begin } from './begin.js';
import { Outlook } from './outlook.js';
import { node, planOf, vendors } from './transition.fixture.js';
import { Transition } from './transition.js';

vi.mock('@temporalio/workflow', async () => (await import('./transition.fixture.js')).workflowMock);

beforeEach(() => vendors.reset());

const app = node('app');
const channel = node('channel', [], { color: 'blue' });
const user = node('user', ['app', 'channel']);
const ready: PlanNode = { ...node('ready', ['channel']), body: {}, waits: true };

function foreseen(from: Standing | null, to: Plan, inLine: string[] = []): Promise<ForeseenNode[]> {
  return new Outlook(begin({ from, to }), { from, inLine }).look();
}

async function actions(from: Standing | null, to: Plan, inLine: string[] = []): Promise<Record<string, string>> {
  const told = await foreseen(from, to, inLine);
  return Object.fromEntries(told.map(({ key, action }) => [key.replace('egain.', ''), action]));
}

/** An account that stands by a plan; its conditions are no objects. */
function standing(plan: Plan): Standing {
  const from = vendors.standing(plan);
  const conditions = new Set(plan.nodes.filter(({ waits }) => waits === true).map(({ key }) => key));
  return { plan, resources: from.resources.filter(({ key }) => !conditions.has(key)) };
}

describe('what is foreseen of an amendment', () => {
  it('is nothing for a node that it does not touch, and a condition that hangs on none', async () => {
    const from = standing(planOf([app, channel, user, ready]));
    expect(await actions(from, planOf([{ ...app, body: { color: 'red' } }, channel, user, ready]))).toEqual({
      app: 'update',
      channel: 'unchanged',
      user: 'unchanged',
      ready: 'unchanged',
    });
    expect(vendors.calls()).toEqual(['look']);
  });

  it('is that a condition is waited for again where what it hangs on changes', async () => {
    const from = standing(planOf([channel, ready]));
    expect(await actions(from, planOf([{ ...channel, body: { color: 'red' } }, ready]))).toEqual({
      channel: 'update',
      ready: 'wait',
    });
  });

  it('is that what refers to an object which has vanished follows it to the new one', async () => {
    const from = standing(planOf([app, channel, user]));
    vendors.objects.delete('egain.channel');
    const told = await foreseen(from, planOf([app, { ...channel, body: { color: 'red' } }, user]));
    expect(told).toMatchObject([
      { action: 'unchanged' },
      { action: 'create' },
      { action: 'update', reason: 'refers to egain.channel, which will be another object' },
    ]);
  });

  it('is what the plans say where something in line changes a node first, and nobody looks', async () => {
    const red = { ...channel, body: { color: 'red' } };
    const from = standing(planOf([app, red]));
    from.resources = from.resources.filter(({ key }) => key !== 'egain.app');
    const inLine = ['egain.app', 'egain.channel', 'egain.user'];
    expect(await actions(from, planOf([app, red, user]), inLine)).toEqual({
      app: 'unchanged',
      channel: 'unchanged',
      user: 'create',
    });
    expect(await actions(from, planOf([app, channel]), inLine)).toMatchObject({ channel: 'update' });
    expect(vendors.calls()).toEqual([]);
  });
});

/** A plan of up to five nodes, each of which may need the ones before. */
const plans = fc
  .array(fc.record({ there: fc.boolean(), color: fc.constantFrom('red', 'blue'), needs: fc.boolean() }), {
    minLength: 5,
    maxLength: 5,
  })
  .map((parts) => {
    const nodes: PlanNode[] = [];
    for (const [n, { there, color, needs }] of parts.entries()) {
      if (!there) continue;
      const before = nodes.at(-1)?.resource;
      nodes.push(node(`n${String(n)}`, needs && before !== undefined ? [before] : [], { color }));
    }
    return planOf(nodes.length > 0 ? nodes : [node('n0')]);
  });

describe('what is foreseen', () => {
  it('is what is done: the same nodes are written, for any two plans and whatever has vanished', async () => {
    await fc.assert(
      fc.asyncProperty(plans, plans, fc.array(fc.nat(4), { maxLength: 2 }), async (before, after, vanished) => {
        vendors.reset();
        const from = standing(before);
        for (const n of vanished) vendors.objects.delete(`egain.n${String(n)}`);
        const told = await foreseen(from, after);
        const expected = told.filter(({ action }) => action !== 'unchanged').map(({ key }) => key);
        vendors.calls();
        const transition = new Transition({ from, to: after, changed: () => undefined });
        expect(await transition.apply(true)).toBeNull();
        const written = vendors.calls().filter((call) => call.endsWith('.ensure'));
        const keys = written.map((call) => `egain.${call.replace('.ensure', '')}`);
        expect([...new Set(keys)].sort()).toEqual(expected.sort());
      }),
      { numRuns: 300 },
    );
  });
});
