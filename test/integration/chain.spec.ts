import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JobStatus, PlanNode } from '#libs/contracts/index.js';
import { chain12Spec, planOf } from '#test/factories/index.js';
import { othersAtVendors, ownedAtVendors, startEngine, type Engine } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

let engine: Engine;
let before: string;
let count = 0;

/** Every node that makes something, once for each kind of resource. */
const nodes = planOf(chain12Spec()).nodes.filter((node) => node.waits !== true);
const ACCOUNT = { tenant: 'acme', account: 'support' };

beforeAll(async () => {
  engine = await startEngine(inject('temporal'));
});
afterAll(() => engine.stop());
beforeEach(() => {
  engine.sandbox.reset();
  before = othersAtVendors(engine.sandbox, 'acme.support');
  count += 1;
});

/** A tenant of its own for each test: the Temporal server is shared, the sandbox is not. */
function spec(change: Parameters<typeof chain12Spec>[0] = {}): ReturnType<typeof chain12Spec> {
  return chain12Spec({ ...ACCOUNT, tenant: `chain${String(count)}`, ...change });
}

function standing(id: string): string[] {
  return ownedAtVendors(engine.sandbox, id).sort();
}

describe('the whole chain', () => {
  it('stands once, every node exactly once, and changes nothing else', async () => {
    const job = await engine.start(spec());
    expect(await job.reached('succeeded', 'rolled-back')).toBe('succeeded');
    expect(standing(job.id)).toEqual(nodes.map((node) => `${node.vendor}.${node.resource}`).sort());
    expect(othersAtVendors(engine.sandbox, job.id)).toBe(before);
    const { memo } = await until(async () => {
      const description = await job.account.describe();
      return description.memo?.['state'] === 'live' ? description : undefined;
    }, 'the account to be live');
    expect(memo).toMatchObject({ runId: job.runId, specHash: job.plan.specHash });
  });
});

describe.each(nodes.map((node) => ({ key: node.key, node })))('$key', ({ node }) => {
  it('refused for good: all that was made is undone', async () => {
    refuseCreate(node);
    const job = await engine.start(spec());
    await endsWith(job, 'rolled-back');
    expect(standing(job.id)).toEqual([]);
    expect(othersAtVendors(engine.sandbox, job.id)).toBe(before);
  });

  it('refused for good although it took effect: its object is undone too', async () => {
    refuseCreate(node, true);
    const job = await engine.start(spec());
    await endsWith(job, 'rolled-back');
    expect(standing(job.id)).toEqual([]);
    expect(othersAtVendors(engine.sandbox, job.id)).toBe(before);
  });

  it('cancelled while it is created: the open call is settled first, then all is undone', async () => {
    engine.sandbox.setFaults([
      {
        match: { vendor: node.vendor, resource: node.resource, operation: 'create' },
        effect: { kind: 'delay', ms: 300 },
      },
    ]);
    const job = await engine.start(spec());
    const open = (): boolean => engine.sandbox.state({ objects: false, ledger: false }).pending > 0;
    await until(() => (open() ? true : undefined), `${node.key} to be created`);
    await job.cancel();
    await endsWith(job, 'cancelled');
    await engine.sandbox.settled();
    expect(standing(job.id)).toEqual([]);
    expect(othersAtVendors(engine.sandbox, job.id)).toBe(before);
  });
});

async function endsWith(job: Awaited<ReturnType<Engine['start']>>, status: JobStatus): Promise<void> {
  expect(await job.reached('succeeded', 'rolled-back', 'cancelled', 'rollback-incomplete')).toBe(status);
  await job.ended();
}

function refuseCreate(node: PlanNode, apply = false): void {
  const body = { code: '403-105', developerMessage: 'refused by the test', details: [] };
  engine.sandbox.setFaults([
    {
      match: { vendor: node.vendor, resource: node.resource, operation: 'create' },
      effect: { kind: 'status', status: 403, body, apply },
    },
  ]);
}
