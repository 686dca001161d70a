import { Worker } from '@temporalio/worker';
import { TemporalStepContext } from '#activities/temporal-step-context.js';
import { connectionTaskQueue, connectionActivityType, type LookResult } from '#libs/contracts/index.js';
import { createDataConverter } from '#libs/temporal/data-converter.js';
import { startJob } from '#test/support/engine.js';
import type { Report } from '../figures.js';
import { nextSpec } from '../jobs.js';
import { spread, timed } from '../measure.js';
import { connectHere } from '../native.js';
import type { Bench } from '../section.js';

const CREATES = 300;
const WARM_UP_CREATES = 50;
/** Connections that no worker of the system serves: their steps come to the worker here. */
const CONNECTIONS = { egain: 'egain-fence', sinch: 'sinch-fence' };

/** What the fence costs before a create: its intent, awaited at the server, by the very code of the activities. */
export async function fence({ system, progress }: Bench): Promise<Report[]> {
  progress('fence');
  const { settings, namespace, client } = system;
  const native = await connectHere(system);
  const took: number[] = [];
  const timing = system.connections[0]?.timing;
  if (!timing) throw new Error('there is no connection');
  let measured = (): void => undefined;
  const done = new Promise<void>((resolve) => (measured = resolve));
  const look = async (): Promise<LookResult> => {
    const step = new TemporalStepContext(
      timing,
      (body) => body,
      (text) => text,
      '',
    );
    try {
      for (let create = -WARM_UP_CREATES; create < CREATES; create++) {
        const { ms } = await timed(() => step.confirm({ phase: 'posting', settled: false }));
        if (create >= 0) took.push(ms);
      }
    } finally {
      await step.end();
      measured();
    }
    return { findings: [] };
  };
  const worker = await Worker.create({
    connection: native,
    namespace,
    dataConverter: createDataConverter(settings.keyRing, namespace),
    taskQueue: connectionTaskQueue('egain', CONNECTIONS.egain),
    activities: { [connectionActivityType('egain', 'look')]: look },
  });
  const spec = { ...nextSpec(), connections: CONNECTIONS };
  try {
    await worker.runUntil(async () => {
      const job = await startJob(client, namespace, spec, system.plan(spec));
      await done;
      // Its other steps have no worker: it is of no further use.
      await job.account.terminate('measured');
      await job.operation().terminate('measured');
    });
  } finally {
    await native.close();
  }
  const { p50, p95 } = spread(took);
  return [
    {
      title: `The fence before a create (${took.length} times, one after the other)`,
      figures: [
        { name: 'cost per create, p50', value: p50, unit: 'ms' },
        { name: 'cost per create, p95', value: p95, unit: 'ms' },
      ],
      notes: [],
    },
  ];
}
