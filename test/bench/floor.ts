import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { connectionTaskQueue, type Plan } from '#libs/contracts/index.js';
import type { Graph } from './floor.workflow.js';
import { timed } from './measure.js';
import { connectHere } from './native.js';
import type { BenchSystem } from './system.js';

const WORKFLOWS = fileURLToPath(new URL('./floor.workflow.js', import.meta.url));
const PREFIX = 'floor';

/** What Temporal itself takes for a job. */
export interface Floor {
  /** Runs the graph of a plan with steps that only wait, in clear, without heartbeats or vendors; milliseconds. */
  run(plan: Plan): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Workers of its own beside those of the system, which are idle meanwhile: one for the workflows and one for each connection.
 * Each step waits `waitMs`.
 */
export async function startFloor(system: BenchSystem, waitMs: number): Promise<Floor> {
  const { namespace, client, connections } = system;
  const connection = await connectHere(system);
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger('ERROR') });
  const common = { connection, namespace };
  const workers = [
    await Worker.create({ ...common, taskQueue: PREFIX, workflowBundle }),
    ...(await Promise.all(
      connections.map(({ vendor, name }) =>
        Worker.create({
          ...common,
          taskQueue: queueOf(vendor, name),
          activities: { wait: () => (waitMs > 0 ? pause(waitMs) : Promise.resolve()) },
        }),
      ),
    )),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  const plain = new Client({ connection: client.connection, namespace });
  return {
    run: async (plan) => {
      const { ms } = await timed(() =>
        plain.workflow.execute('floorAccount', {
          taskQueue: PREFIX,
          workflowId: `${PREFIX}-${randomUUID()}`,
          args: [graphOf(plan)],
        }),
      );
      return ms;
    },
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

function graphOf(plan: Plan): Graph {
  const nodes = plan.nodes.map(({ key, vendor, connection, needs }) => ({
    key,
    queue: queueOf(vendor, connection),
    needs: [...needs],
  }));
  return { nodes, queues: [...new Set(nodes.map(({ queue }) => queue))], jobId: `${PREFIX}-job-${randomUUID()}` };
}

function queueOf(vendor: Plan['nodes'][number]['vendor'], connection: string): string {
  return `${PREFIX}/${connectionTaskQueue(vendor, connection)}`;
}
