import { ApplicationFailure } from '@temporalio/common';
import type { ActivityOptions } from '@temporalio/workflow';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EnsureInput, EnsureResult, LookInput, Plan, PlanNode, RemoveInput } from '#libs/contracts/index.js';
import { Transition } from './transition.js';

/** What the vendors' activities are asked and answer, by `{resource}.{verb}`. */
const asked: { type: string; queue: string; input: unknown }[] = [];
const failing = new Map<string, ApplicationFailure>();
let landsUntil: string | null = null;

vi.mock('@temporalio/workflow', () => ({
  CancellationScope: class {
    static current(): object {
      return { consideredCancelled: false };
    }
    run<T>(run: () => Promise<T>): Promise<T> {
      return run();
    }
    cancel(): void {
      throw new Error('nothing is cancelled here');
    }
  },
  scheduleActivity: (type: string, [input]: [unknown], { taskQueue }: ActivityOptions): Promise<unknown> => {
    asked.push({ type, queue: taskQueue ?? '', input });
    const error = failing.get(type);
    if (error !== undefined) return Promise.reject(error);
    return Promise.resolve(answerOf(type, input));
  },
}));

beforeEach(() => {
  asked.length = 0;
  failing.clear();
  landsUntil = null;
});

describe('a corrected plan', () => {
  it('undoes on the former connection what moves to another one, and starts afresh there', async () => {
    const transition = await heldAt('egain.last.ensure', plan('egain-one'));
    asked.length = 0;
    await transition.replan(plan('egain-two'));
    expect(calls()).toEqual(['egain/egain-one egain.last.remove', 'egain/egain-one egain.first.remove']);
    asked.length = 0;
    failing.clear();
    expect(await transition.apply(false)).toBeNull();
    const steps = ['egain.look', 'egain.first.ensure', 'egain.last.ensure'];
    expect(calls()).toEqual(steps.map((step) => `egain/egain-two ${step}`));
    for (const { input } of asked.slice(1))
      expect(input).toMatchObject({ knowledge: { made: null, recorded: null }, first: true });
  });

  it('tells what was written before, so that corrected secrets reach the vendor', async () => {
    const transition = await heldAt('egain.last.ensure', plan('egain-one', { password: 'sealed-1' }));
    await transition.replan(plan('egain-one', { password: 'sealed-2' }));
    failing.clear();
    asked.length = 0;
    expect(await transition.apply(false)).toBeNull();
    const inputs = asked.map(({ input }) => input as EnsureInput);
    expect(inputs.map(({ previous }) => previous)).toEqual([{ password: 'sealed-1' }, {}]);
    expect(inputs[0]?.knowledge.made).toMatchObject({ externalId: 'id of egain.first' });
  });

  it('holds what could not be undone against nobody for ever: a retry, or an undo, does it again', async () => {
    for (const next of ['retry', 'undo'] as const) {
      const transition = await heldAt('egain.last.ensure', plan('egain-one'));
      failing.clear();
      failing.set('egain.first.remove', refused(false));
      await transition.replan(plan('egain-two'));
      expect(await transition.apply(false)).toMatchObject({ step: 'egain.first', code: 'CONFLICT' });
      expect(transition.leftovers()).toMatchObject([{ key: 'egain.first' }]);
      failing.clear();
      asked.length = 0;
      if (next === 'retry') expect(await transition.apply(false)).toBeNull();
      else expect(await transition.undo()).toEqual([]);
      expect(calls()).toContain('egain/egain-one egain.first.remove');
      expect(transition.leftovers()).toEqual([]);
    }
  });

  it('still undoes what it opened again, by its recorded id and after a create that may land', async () => {
    landsUntil = new Date(Date.now() + 60_000).toISOString();
    const transition = await heldAt('egain.last.ensure', plan('egain-one'));
    await transition.replan(plan('egain-one', { color: 'blue' }));
    failing.set('egain.first.ensure', refused(false));
    expect(await transition.apply(false)).toMatchObject({ step: 'egain.first' });
    expect(await transition.undo()).toEqual([]);
    const first = asked.find(({ type }) => type === 'egain.first.remove')?.input as RemoveInput;
    expect(first.knowledge.made).toMatchObject({ externalId: 'id of egain.first', outcome: 'created' });
    expect(first.knowledge.inFlightSince).not.toBeNull();
  });
});

describe('a step that is scheduled again', () => {
  it('keeps in mind that a create of its former scheduling may land', async () => {
    const transition = new Transition({ from: null, to: plan('egain-one'), changed: () => undefined });
    failing.set('egain.first.ensure', refused(true));
    await transition.apply(false);
    failing.set('egain.first.ensure', refused(false)); // refused before it came to its create
    await transition.apply(false);
    await transition.undo();
    const { input } = asked.find(({ type }) => type === 'egain.first.remove') ?? {};
    expect((input as RemoveInput).knowledge.inFlightSince).not.toBeNull();
  });
});

describe('a removal that failed', () => {
  it('is told again what it was removing, and what was issued for it', async () => {
    const transition = await heldAt('egain.last.ensure', plan('egain-one'));
    const removing = [{ id: 'id of egain.first', issued: { secret: 'sealed' } }];
    const details = [{ unclear: false, removing }];
    failing.set(
      'egain.first.remove',
      ApplicationFailure.create({ type: 'VENDOR_UNAVAILABLE', message: 'no', details }),
    );
    expect(await transition.undo()).toMatchObject([{ key: 'egain.first' }]);
    failing.clear();
    asked.length = 0;
    expect(await transition.undo()).toEqual([]);
    expect(asked).toMatchObject([{ type: 'egain.first.remove', input: { knowledge: { removing } } }]);
  });
});

async function heldAt(type: string, first: Plan): Promise<Transition> {
  const transition = new Transition({ from: null, to: first, changed: () => undefined });
  failing.set(type, refused(false));
  expect(await transition.apply(false)).toMatchObject({ code: 'PERMISSION_DENIED' });
  return transition;
}

function calls(): string[] {
  return asked.map(({ type, queue }) => `${queue} ${type}`);
}

function refused(unclear: boolean): ApplicationFailure {
  return ApplicationFailure.create({ type: 'PERMISSION_DENIED', message: 'refused', details: [{ unclear }] });
}

function answerOf(type: string, input: unknown): unknown {
  if (type.endsWith('.look')) {
    const { nodes } = input as LookInput;
    const missing = { status: 'missing', externalId: null, before: [], action: 'create', reason: '' };
    return { findings: nodes.map(({ key }) => ({ key, ...missing })) };
  }
  if (type.endsWith('.remove')) return { outcome: 'removed', removed: [], message: '' };
  const { node } = input as EnsureInput;
  const externalId = `id of ${node.key}`;
  const result: EnsureResult = {
    externalId,
    ownership: 'created',
    outcome: 'created',
    outputs: { id: externalId },
    settle: false,
    inFlightUntil: landsUntil,
    message: '',
  };
  return result;
}

/** Two nodes, the second of which needs the first. */
function plan(connection: string, body: PlanNode['body'] = {}): Plan {
  const node = (resource: string, needs: string[]): PlanNode => ({
    key: `egain.${resource}`,
    vendor: 'egain',
    resource,
    connection,
    title: resource,
    needs,
    adopt: false,
    marker: '',
    body,
  });
  return {
    version: 1,
    tenant: 'acme',
    account: 'support',
    chain: 'egain',
    installation: 'test',
    onFailure: 'hold',
    notify: [],
    nodes: [node('first', []), node('last', ['egain.first'])],
    spec: {},
    texts: [],
    planHash: '',
    specHash: '',
  };
}
