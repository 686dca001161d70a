import { ApplicationFailure } from '@temporalio/common';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CheckInput, Provisioned } from '#libs/contracts/index.js';
import {
  accepted,
  answers,
  asked,
  command,
  fetched,
  GIVEN,
  KEY,
  made,
  missing,
  people,
  plan,
  reset,
  states,
  until,
} from './handoff.fixture.js';
import { job } from './handoff-job.fixture.js';

vi.mock('@temporalio/workflow', async () => (await import('./handoff.fixture.js')).workflowMock);

beforeEach(() => {
  vi.useRealTimers();
  reset();
});

describe('a step of a person', () => {
  it('is asked for, checked, and asked for again while the answer is wrong or could not be checked', async () => {
    const { transition, desk, reply } = job(plan('handoff'));
    const running = transition.apply(true);
    await until(desk, 'install');
    answers.set('check', () => ({ state: 'refused', message: 'It is mistyped.' }));
    reply(GIVEN);
    expect(await until(desk, 'install', 1)).toMatchObject({
      note: expect.stringMatching(/^The answer of .* was not accepted: It is mistyped/) as string,
    });
    answers.set('check', () => {
      throw ApplicationFailure.create({ type: 'VENDOR_UNAVAILABLE', message: 'LivePerson is away.' });
    });
    reply(GIVEN);
    expect(await until(desk, 'install', 2)).toMatchObject({
      note: expect.stringMatching(/LivePerson is away/) as string,
    });
    answers.set('check', () => accepted());
    reply(GIVEN);
    expect(await running).toBeNull();
    expect(transition.resources()).toMatchObject([
      { key: KEY, externalId: 'app-1', ownership: 'created', level: 'verified' },
    ]);
    expect(asked.map(({ type, queue }) => `${queue} ${type}`)).toEqual(
      [1, 2, 3].map(() => 'liveperson/lp-handoff liveperson.app.check'),
    );
    expect(states()).toEqual(['open', 'checking', 'open', 'checking', 'open', 'checking', 'accepted']);
  });

  it('ignores what does not fit: another hand-off, a form that was not asked for, a second answer', async () => {
    const { transition, desk, reply } = job(plan('handoff'));
    const running = transition.apply(true);
    const { id } = await until(desk, 'install');
    reply({ handoff: id + 1, ...GIVEN });
    reply({ done: true });
    reply(GIVEN);
    reply({ rejected: true });
    expect(await running).toBeNull();
  });

  it('holds the job, whatever the spec says, when nobody answers in time; one timer at a time', async () => {
    const { transition, desk } = job(plan('handoff', { dueInMs: 60, remindEveryMs: 25 }));
    vi.useFakeTimers({ toFake: ['Date'] });
    people.hurried = (to) => vi.setSystemTime(to);
    expect(await transition.apply(true)).toMatchObject({ step: KEY, code: 'NOT_READY', then: 'hold' });
    expect(desk.current).toMatchObject({ state: 'overdue', reminders: 2 });
    expect(people.timers).toBe(3);
    people.hurried = null;
    vi.useRealTimers();
    const again = transition.apply(true);
    expect(await until(desk, 'install')).toMatchObject({ id: 2, reminders: 0 });
    expect(await again).toMatchObject({ then: 'hold' });
    expect(await transition.undo()).toEqual([]);
    expect(states().at(-1)).toBe('skipped');
    expect(asked).toEqual([]);
  });

  it('ends the job for good when the person refuses, and asks for no removal of what was never made', async () => {
    const { transition, desk, reply } = job(plan('handoff'));
    const running = transition.apply(true);
    await until(desk, 'install');
    fetched(desk);
    reply({ rejected: true });
    expect(await running).toMatchObject({ then: 'reject', message: 'Rejected by ops: as it is' });
    expect(await transition.undo()).toEqual([]);
    expect(states().at(-1)).toBe('rejected');
  });
});

describe('the undo of a step of a person', () => {
  it('asks for the removal of what stands, and believes it once the vendor refuses the credentials', async () => {
    const { transition, desk, reply } = job(plan('handoff'));
    const running = transition.apply(true);
    await until(desk, 'install');
    reply(GIVEN);
    await running;
    const undoing = transition.undo();
    const { hint } = await until(desk, 'remove');
    expect(hint).toMatch(/app-1/);
    answers.set('check', () => ({ state: 'refused', message: 'It still gets tokens.' }));
    reply({ done: true });
    await until(desk, 'remove', 1);
    answers.set('check', () => accepted());
    reply({ done: true });
    expect(await undoing).toEqual([]);
    const checks = asked.map(({ input }) => input as CheckInput).filter(({ kind }) => kind === 'remove');
    expect(checks[0]).toMatchObject({
      values: null,
      known: { externalId: 'app-1', issued: { clientSecret: 'sealed' } },
    });
  });

  it('leaves to an operator what nobody confirms', async () => {
    const { transition, desk, reply } = job(plan('handoff', { dueInMs: 40 }));
    const running = transition.apply(true);
    await until(desk, 'install');
    reply(GIVEN);
    await running;
    expect(await transition.undo()).toMatchObject([
      { key: KEY, externalId: 'app-1', reason: expect.stringMatching(/^NOT_READY/) as string },
    ]);
    const again = transition.undo();
    await until(desk, 'remove');
    reply({ rejected: true });
    expect(await again).toMatchObject([{ reason: expect.stringMatching(/^PERMISSION_DENIED: Rejected/) as string }]);
  });

  it('takes an answer that was not right for a sign that the file is in place, fetched or not', async () => {
    const { transition, desk, reply } = job(plan('handoff', { dueInMs: 40 }));
    answers.set('check', () => ({ state: 'refused', message: 'It is mistyped.' }));
    const running = transition.apply(true);
    await until(desk, 'install');
    reply(GIVEN);
    expect(await running).toMatchObject({ then: 'hold' });
    answers.set('check', () => accepted());
    const undoing = transition.undo();
    await until(desk, 'remove');
    reply({ done: true });
    expect(await undoing).toEqual([]);
  });

  it('takes a file that was fetched in the last moment for one that may be in place', async () => {
    const { transition, desk, reply } = job(plan('handoff', { dueInMs: 40 }));
    await transition.apply(true);
    const { id } = desk.current ?? { id: 0 };
    const undoing = transition.undo();
    desk.take(command('handoff-fetched', { handoff: id })); // after undo has looked, before it has ended
    await until(desk, 'remove');
    reply({ done: true });
    expect(await undoing).toEqual([]);
  });
});

const STOOD: Provisioned = { id: 'app-7', ownership: 'created', issued: {} };

describe('a step that becomes one of a person', () => {
  it.each([
    { reason: 'refused at the look: nothing was tried', verb: 'look', details: {}, hint: null, removal: false },
    {
      reason: 'refused at once: nothing was made',
      verb: 'ensure',
      details: { unclear: false },
      hint: null,
      removal: false,
    },
    {
      reason: 'an unclear create',
      verb: 'ensure',
      details: { unclear: true },
      hint: /may have made it already/,
      removal: true,
    },
    {
      reason: 'made, and not verified',
      verb: 'ensure',
      details: { provisioned: STOOD },
      hint: /id app-7/,
      removal: true,
    },
  ])('$reason', async ({ verb, details, hint, removal }) => {
    const { transition, desk, reply } = job(plan('api'));
    answers.set('look', () => ({ findings: [missing()] }));
    answers.set(verb, () => {
      throw ApplicationFailure.create({
        type: 'PERMISSION_DENIED',
        message: 'no',
        details: [{ ...details, personCan: true }],
      });
    });
    expect(await transition.apply(true)).toMatchObject({ then: 'hold' });
    const before = asked.length;
    await transition.replan(plan('handoff'));
    expect(asked).toHaveLength(before); // nothing is undone: what there is is handed over
    const running = transition.apply(true);
    const task = await until(desk, 'install');
    if (hint) expect(task.hint).toMatch(hint);
    else expect(task.hint).toBeNull();
    if (details.provisioned !== undefined) {
      answers.set('check', () => ({ state: 'refused', message: 'It is another one.' }));
      reply(GIVEN);
      await until(desk, 'install', 1);
      expect(asked.at(-1)?.input).toMatchObject({ kind: 'install', known: { externalId: STOOD.id } });
      answers.set('check', () => accepted());
    }
    reply({ rejected: true });
    expect(await running).toMatchObject({ then: 'reject' });
    const undoing = transition.undo();
    if (removal) {
      await until(desk, 'remove');
      reply({ done: true });
    }
    expect(await undoing).toEqual([]);
  });

  it('is undone where it was when the other connection reaches another account', async () => {
    const { transition } = job(plan('api'));
    answers.set('look', () => ({ findings: [missing()] }));
    answers.set('ensure', () => {
      throw ApplicationFailure.create({ type: 'PERMISSION_DENIED', message: 'no', details: [{ unclear: true }] });
    });
    answers.set('remove', () => ({ outcome: 'absent', removed: [], message: '' }));
    await transition.apply(true);
    await transition.replan({
      ...plan('handoff'),
      nodes: plan('handoff').nodes.map((node) => ({ ...node, place: 'elsewhere' })),
    });
    expect(asked.at(-1)).toMatchObject({ type: 'liveperson.app.remove', queue: 'liveperson/lp-api' });
  });
});

describe('a secret that the vendor does not show', () => {
  it('is supplied by a person once the object stands, and added to what is recorded', async () => {
    const { transition, desk, reply } = job(plan('api'));
    answers.set('look', () => ({ findings: [missing()] }));
    answers.set('ensure', () => made({ issued: { clientId: 'sealed' }, lacks: ['clientSecret'] }));
    const running = transition.apply(true);
    expect(await until(desk, 'secret')).toMatchObject({ hint: 'Its id is app-1.' });
    reply(GIVEN);
    expect(await running).toBeNull();
    expect(transition.resources()).toMatchObject([
      { externalId: 'app-1', issued: { clientId: 'sealed', clientSecret: 'sealed' } },
    ]);
    const [{ input } = { input: undefined }] = asked.slice(-1);
    expect(input).toMatchObject({ kind: 'secret', known: { externalId: 'app-1' } } satisfies Partial<CheckInput>);
  });

  it('that nobody has goes back by the API', async () => {
    const { transition, desk, reply } = job(plan('api'));
    answers.set('look', () => ({ findings: [missing()] }));
    answers.set('ensure', () => made({ lacks: ['clientSecret'] }));
    answers.set('remove', () => ({ outcome: 'removed', removed: ['app-1'], message: '' }));
    const running = transition.apply(true);
    await until(desk, 'secret');
    reply({ rejected: true });
    expect(await running).toMatchObject({ then: 'reject' });
    expect(await transition.undo()).toEqual([]);
    expect(asked.at(-1)).toMatchObject({
      type: 'liveperson.app.remove',
      input: { knowledge: { made: { externalId: 'app-1' } } },
    });
  });
});
