import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Plan, Standing } from '#libs/contracts/index.js';
import { answers, asked, GIVEN, KEY, plan, reset, states, until } from './handoff.fixture.js';
import { job } from './handoff-job.fixture.js';

vi.mock('@temporalio/workflow', async () => (await import('./handoff.fixture.js')).workflowMock);

beforeEach(reset);

/** An account whose object a person has installed. */
function standing(dueInMs = 60_000): Standing {
  const recorded = plan('handoff', { dueInMs });
  const [{ key, vendor, resource, connection } = { key: '', vendor: 'liveperson', resource: '', connection: '' }] =
    recorded.nodes;
  const issued = { clientId: 'sealed', clientSecret: 'sealed' };
  const object = { key, vendor, resource, connection, externalId: 'app-1', ownership: 'created' as const };
  return { plan: recorded, resources: [{ ...object, issued, level: 'verified' }] };
}

/** A plan with another file for the person. */
function changed(file = 'another'): Plan {
  const { nodes, ...rest } = plan('handoff');
  return { ...rest, planHash: file, nodes: nodes.map((node) => ({ ...node, body: { file } })) };
}

describe('a person who is asked to change what stands', () => {
  it('is told its id, and what the account records follows the answer', async () => {
    const { transition, desk, reply } = job(changed(), standing());
    const running = transition.apply(true);
    await until(desk, 'update');
    reply(GIVEN);
    expect(await running).toBeNull();
    expect(asked.map(({ type }) => type)).toEqual(['liveperson.app.check']);
    expect(asked[0]?.input).toMatchObject({ kind: 'update', known: { externalId: 'app-1' } });
    expect(transition.resources()).toEqual(standing().resources);
  });

  it('and refuses is not asked on the way back, and what is recorded stays', async () => {
    const from = standing(2_000); // were the person asked all the same, that would end as a leftover
    const { transition, desk, reply } = job(changed(), from);
    const running = transition.apply(true);
    await until(desk, 'update');
    reply({ rejected: true });
    expect(await running).toMatchObject({ step: KEY, then: 'reject', message: 'Rejected by ops: as it is' });
    expect(transition.standing()).toEqual(from.resources);
    expect(await transition.undo()).toEqual([]);
    expect(states()).toEqual(['open', 'rejected']);
    expect(asked, 'nothing was done, so no vendor has anything to say').toEqual([]);
    expect(transition.standing()).toEqual(from.resources);
    expect(transition.runs[0]).toMatchObject({ touched: false, byRecord: true, leftover: null });
  });

  it('and refuses after an answer that was not right says by that that nothing was done', async () => {
    answers.set('check', () => ({ state: 'refused', message: 'It is mistyped.' }));
    const { transition, desk, reply } = job(changed(), standing());
    const running = transition.apply(true);
    await until(desk, 'update');
    reply(GIVEN);
    await until(desk, 'update', 1);
    reply({ rejected: true });
    expect(await running).toMatchObject({ then: 'reject' });
    const checks = asked.length;
    expect(await transition.undo()).toEqual([]);
    expect(states().at(-1)).toBe('rejected');
    expect(asked).toHaveLength(checks);
    expect(transition.standing()).toEqual(standing().resources);
  });

  it('and has done so is asked to put the former file back', async () => {
    const { transition, desk, reply } = job(changed(), standing());
    const running = transition.apply(true);
    await until(desk, 'update');
    reply(GIVEN);
    await running;
    const undoing = transition.undo();
    await until(desk, 'update');
    reply(GIVEN);
    expect(await undoing).toEqual([]);
    expect(transition.standing()).toEqual(standing().resources);
  });

  it('and refuses a corrected file after having put one in place is asked to put the recorded one back', async () => {
    const { transition, desk, reply } = job(changed(), standing());
    const first = transition.apply(true);
    await until(desk, 'update');
    reply(GIVEN);
    await first;
    await transition.replan(changed('a third'));
    const second = transition.apply(true);
    await until(desk, 'update');
    reply({ rejected: true });
    expect(await second).toMatchObject({ then: 'reject' });
    const undoing = transition.undo();
    await until(desk, 'update');
    reply(GIVEN);
    expect(await undoing).toEqual([]);
    expect(transition.standing()).toEqual(standing().resources);
  });

  it('and refuses to remove it in an offboarding leaves it to an operator, and it stays recorded', async () => {
    const from = standing();
    const { transition, desk, reply } = job(null, from);
    const leaving = transition.leave(() => false);
    await until(desk, 'remove');
    reply({ rejected: true });
    expect(await leaving).toMatchObject([{ key: KEY, externalId: 'app-1' }]);
    expect(transition.standing()).toEqual(from.resources);
  });
});
