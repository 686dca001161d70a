import { ApplicationFailure } from '@temporalio/common';
import type { ActivityOptions } from '@temporalio/workflow';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EnsureInput, EnsureResult, LookInput, Plan, PlanNode, RemoveInput } from '#libs/contracts/index.js';
import { Saga } from './saga.js';

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
    const saga = await heldAt('egain.last.ensure', plan('egain-one'));
    asked.length = 0;
    await saga.replan(plan('egain-two'));
    expect(calls()).toEqual(['egain/egain-one egain.last.remove', 'egain/egain-one egain.first.remove']);
    asked.length = 0;
    failing.clear();
    expect(await saga.apply(false)).toBeNull();
    const steps = ['egain.look', 'egain.first.ensure', 'egain.last.ensure'];
    expect(calls()).toEqual(steps.map((step) => `egain/egain-two ${step}`));
    for (const { input } of asked.slice(1)) expect(input).toMatchObject({ known: null, first: true });
  });

  it('tells what was written before, so that corrected secrets reach the vendor', async () => {
    const saga = await heldAt('egain.last.ensure', plan('egain-one', { password: 'sealed-1' }));
    await saga.replan(plan('egain-one', { password: 'sealed-2' }));
    failing.clear();
    asked.length = 0;
    expect(await saga.apply(false)).toBeNull();
    const inputs = asked.map(({ input }) => input as EnsureInput);
    expect(inputs.map(({ applied }) => applied)).toEqual([{ password: 'sealed-1' }, {}]);
    expect(inputs[0]?.known).toMatchObject({ externalId: 'id of egain.first' });
  });

  it('holds what could not be undone against nobody for ever: a retry, or an undo, does it again', async () => {
    for (const next of ['retry', 'undo'] as const) {
      const saga = await heldAt('egain.last.ensure', plan('egain-one'));
      failing.clear();
      failing.set('egain.first.remove', refused(false));
      await saga.replan(plan('egain-two'));
      expect(await saga.apply(false)).toMatchObject({ step: 'egain.first', code: 'CONFLICT' });
      expect(saga.leftovers()).toMatchObject([{ key: 'egain.first' }]);
      failing.clear();
      asked.length = 0;
      if (next === 'retry') expect(await saga.apply(false)).toBeNull();
      else expect(await saga.undo()).toEqual([]);
      expect(calls()).toContain('egain/egain-one egain.first.remove');
      expect(saga.leftovers()).toEqual([]);
    }
  });

  it('still undoes what it opened again, by its recorded id and after a create that may land', async () => {
    landsUntil = new Date(Date.now() + 60_000).toISOString();
    const saga = await heldAt('egain.last.ensure', plan('egain-one'));
    await saga.replan(plan('egain-one', { color: 'blue' }));
    failing.set('egain.first.ensure', refused(false));
    expect(await saga.apply(false)).toMatchObject({ step: 'egain.first' });
    expect(await saga.undo()).toEqual([]);
    const first = asked.find(({ type }) => type === 'egain.first.remove')?.input as RemoveInput;
    expect(first.made).toMatchObject({ externalId: 'id of egain.first', origin: 'created' });
    expect(first.mayBeInFlightSince).not.toBeNull();
  });
});

describe('a step that is scheduled again', () => {
  it('keeps in mind that a create of its former scheduling may land', async () => {
    const saga = new Saga(plan('egain-one'), [], () => undefined);
    failing.set('egain.first.ensure', refused(true));
    await saga.apply(false);
    failing.set('egain.first.ensure', refused(false)); // refused before it came to its create
    await saga.apply(false);
    await saga.undo();
    const { input } = asked.find(({ type }) => type === 'egain.first.remove') ?? {};
    expect((input as RemoveInput).mayBeInFlightSince).not.toBeNull();
  });
});

describe('a removal that failed', () => {
  it('is told again what it was removing, and what was issued for it', async () => {
    const saga = await heldAt('egain.last.ensure', plan('egain-one'));
    const removing = [{ id: 'id of egain.first', issued: { secret: 'sealed' } }];
    const details = [{ unclear: false, removing }];
    failing.set(
      'egain.first.remove',
      ApplicationFailure.create({ type: 'VENDOR_UNAVAILABLE', message: 'no', details }),
    );
    expect(await saga.undo()).toMatchObject([{ key: 'egain.first' }]);
    failing.clear();
    asked.length = 0;
    expect(await saga.undo()).toEqual([]);
    expect(asked).toMatchObject([{ type: 'egain.first.remove', input: { removing } }]);
  });
});

async function heldAt(type: string, first: Plan): Promise<Saga> {
  const saga = new Saga(first, [], () => undefined);
  failing.set(type, refused(false));
  expect(await saga.apply(false)).toMatchObject({ code: 'PERMISSION_DENIED' });
  return saga;
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
    origin: 'created',
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
