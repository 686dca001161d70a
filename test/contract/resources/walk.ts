import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import type { Connection } from '#libs/config/connections.js';
import type { EnsureResult, Plan, PlanNode } from '#libs/contracts/index.js';
import { dependants } from '#libs/planning/index.js';
import { PlanRunner } from '#test/support/plan-runner.js';
import { startSandbox } from '#test/support/sandbox.js';

/** The connections of a plan over a sandbox at an address, and what must be tidied up after. */
export interface WalkConnections {
  connections: Connection[];
  remove?: () => void;
}

/**
 * Walks every resource of a plan, by its first node, through do, undo, lost replies and repeats against the sandbox: a new resource is
 * walked without a line here.
 */
export function walkPlan(plan: Plan, connect: (url: string) => WalkConnections): void {
  const walked = plan.nodes.filter(
    (node, i) => plan.nodes.findIndex((n) => n.resource === node.resource && n.vendor === node.vendor) === i,
  );

  let sandbox: Sandbox;
  let connected: WalkConnections;

  beforeAll(async () => {
    const started = await startSandbox();
    sandbox = started.sandbox;
    connected = connect(started.url);
  });

  afterAll(async () => {
    await sandbox.close();
    connected.remove?.();
  });

  /** All that the vendors hold, as text: equal texts are equal byte for byte. What LivePerson deletes softly is gone. */
  function vendorState(): string {
    const { objects } = sandbox.state({ ledger: false });
    return JSON.stringify(objects, (kind, held: unknown) => (kind === 'deletedApp' ? undefined : held));
  }

  function writesSince(seq: number): string[] {
    const writes = ['create', 'update', 'delete'];
    return sandbox
      .state({ objects: false, since: seq })
      .ledger.filter((entry) => writes.includes(entry.operation))
      .map((entry) => `${entry.operation} ${entry.resource}`);
  }

  describe.each(walked.map((node) => ({ name: `${node.vendor}.${node.resource}`, node })))('$name', ({ node }) => {
    let runner: PlanRunner;
    let before: string;
    const needed: { node: PlanNode; made: EnsureResult }[] = [];

    beforeEach(async () => {
      sandbox.reset();
      runner = new PlanRunner(plan, connected.connections);
      await runner.look();
      needed.length = 0;
      for (const other of plan.nodes) {
        if (!dependants(plan, other.key).includes(node.key)) continue;
        needed.push({ node: other, made: await runner.ensure(other) });
      }
      before = vendorState();
    });

    afterEach(() => runner.close());

    it('do twice: the second changes nothing', async () => {
      const first = await runner.ensure(node);
      const { seq } = sandbox.state({ ledger: false, objects: false });
      const standing = vendorState();
      const second = await runner.ensure(node, 2);
      expect(second.externalId).toBe(first.externalId);
      expect(writesSince(seq)).toEqual([]);
      expect(vendorState()).toBe(standing);
    });

    it('do, then undo: nothing is left, and what was there before is as it was', async () => {
      const made = await runner.ensure(node);
      await runner.remove(node, made);
      expect(vendorState()).toBe(before);
    });

    it('undo twice: the second is quiet', async () => {
      await runner.remove(node, await runner.ensure(node));
      const { seq } = sandbox.state({ ledger: false, objects: false });
      await runner.remove(node, null);
      expect(writesSince(seq)).toEqual([]);
      expect(vendorState()).toBe(before);
    });

    it('the reply of do is lost: undo finds the object all the same', async () => {
      if (!runner.resource(node).exists) return; // a condition makes nothing that could be lost
      sandbox.setFaults([
        {
          match: { vendor: node.vendor, resource: node.resource, operation: 'create' },
          nth: 1,
          effect: { kind: 'reset-after' },
        },
        {
          // Always: a call of a list that fails once is made again.
          match: { vendor: node.vendor, resource: node.resource, operation: 'list' },
          effect: { kind: 'status', status: 503 },
        },
      ]);
      await expect(runner.ensure(node)).rejects.toMatchObject({ fault: { retryable: true } });
      sandbox.setFaults([]);
      await runner.remove(node, null, true);
      expect(vendorState()).toBe(before);
    });

    it('the reply of do is lost: doing it again takes the object, and makes no second', async () => {
      if (!runner.resource(node).exists) return;
      sandbox.setFaults([
        {
          match: { vendor: node.vendor, resource: node.resource, operation: 'create' },
          nth: 1,
          effect: { kind: 'reset-after' },
        },
      ]);
      const { seq } = sandbox.state({ ledger: false, objects: false });
      const made = await runner.ensure(node);
      expect(made.outcome).toBe('created');
      expect(writesSince(seq)).toEqual([`create ${node.resource}`]);
      await runner.remove(node, made);
      expect(vendorState()).toBe(before);
    });

    it('undo of everything it needs leaves the vendors as they were before the first call', async () => {
      const made = await runner.ensure(node);
      await runner.remove(node, made);
      for (const each of [...needed].reverse()) await runner.remove(each.node, each.made);
      sandbox.setFaults([]);
      const left = vendorState();
      sandbox.reset();
      expect(left).toBe(vendorState());
    });
  });
}
