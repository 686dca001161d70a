import { criticalPath } from '#libs/planning/index.js';
import { bareCalls, type BareTimes } from '../bare-calls.js';
import type { Figure, Report } from '../figures.js';
import { startFloor } from '../floor.js';
import { jobTimes, type JobTimes } from '../job-history.js';
import { nextSpec, runJob } from '../jobs.js';
import { interleaved, median } from '../measure.js';
import type { Bench, Section } from '../section.js';

/** Latency of every vendor call in milliseconds, and rounds by default: fewer where each takes longer. */
const DELAYS = [
  { delayMs: 0, rounds: 30 },
  { delayMs: 20, rounds: 15 },
  { delayMs: 100, rounds: 10 },
];
const WARM_UP_ROUNDS = 3;
/** Of the critical path at 100 ms. */
const MOST_TIMES_CRITICAL_PATH = 1.15;
const MOST_MS_PER_NODE = 10;
const MOST_FIXED_MS = 60;

/** One job with what its history tells, or one run of the bare calls. */
interface Sample {
  total: number;
  times?: JobTimes;
  bare?: BareTimes;
}

/** The time of a twelve-node chain against the same calls made bare, in turns; a section for each latency. */
export const chain: readonly Section[] = DELAYS.map(
  ({ delayMs, rounds }) =>
    (bench: Bench) =>
      chainAt(bench, delayMs, bench.rounds ?? rounds),
);

async function chainAt({ system, progress }: Bench, delayMs: number, rounds: number): Promise<Report[]> {
  const bare = bareCalls(system.connections, system.planning);
  const criticalNodes = criticalPath(system.plan(nextSpec())).length;
  const bareSample = async (times: BareTimes): Promise<Sample> => {
    await system.vendors.sweep();
    return { total: times.total, bare: times };
  };
  const floor = await startFloor(system, delayMs);
  const candidates = {
    job: async (): Promise<Sample> => {
      const { job, ms } = await runJob(system);
      const times = await jobTimes(system, job);
      await system.vendors.sweep();
      return { total: ms, times };
    },
    sequential: async (): Promise<Sample> => bareSample(await bare.sequential(nextSpec())),
    critical: async (): Promise<Sample> => bareSample(await bare.criticalPath(nextSpec())),
    floor: async (): Promise<Sample> => ({ total: await floor.run(system.plan(nextSpec())) }),
  };
  try {
    progress(`chain at ${delayMs} ms: warming up`);
    await interleaved(WARM_UP_ROUNDS, candidates);
    await system.vendors.setDelay(delayMs);
    const results = await interleaved(rounds, candidates, (done) =>
      progress(`chain at ${delayMs} ms: ${done}/${rounds} rounds`),
    );
    return [reportOf(delayMs, rounds, criticalNodes, results)];
  } finally {
    await system.vendors.setDelay(0);
    await bare.close();
    await floor.stop();
  }
}

function reportOf(
  delayMs: number,
  rounds: number,
  criticalNodes: number,
  { job, sequential, critical, floor }: Record<'job' | 'sequential' | 'critical' | 'floor', Sample[]>,
): Report {
  const p50 = (samples: Sample[]): number => median(samples.map(({ total }) => total));
  const bareLook = median(critical.flatMap(({ bare }) => bare?.look ?? []));
  const bareNodes = median(critical.flatMap(({ bare }) => bare?.nodes ?? []));
  const times = job.flatMap((sample) => sample.times ?? []);
  const ofNodes = median(times.map(nodesMs));
  const fixed = median(job.flatMap(({ total, times: of }) => (of ? total - nodesMs(of) : []))) - bareLook;
  const perNode = (ofNodes - bareNodes) / criticalNodes;
  const overCritical = p50(job) / p50(critical);
  const overSequential = p50(job) / p50(sequential);
  const figures: Figure[] = [
    { name: 'job, p50', value: p50(job), unit: 'ms' },
    { name: 'bare calls one after the other, p50', value: p50(sequential), unit: 'ms' },
    { name: 'bare calls along the critical path, p50', value: p50(critical), unit: 'ms' },
    {
      name: 'job / critical path',
      value: overCritical,
      unit: 'x',
      ...(delayMs === 100 ? { aim: { atMost: MOST_TIMES_CRITICAL_PATH } } : {}),
    },
    {
      name: 'job / one after the other',
      value: overSequential,
      unit: 'x',
      ...(delayMs === 100 ? { aim: { atMost: 1 } } : {}),
    },
    {
      name: 'engine, a node on the critical path',
      value: perNode,
      unit: 'ms',
      ...(delayMs === 0 ? { aim: { atMost: MOST_MS_PER_NODE } } : {}),
      note: `${criticalNodes} nodes`,
    },
    {
      name: 'engine, fixed per job (account, look, close)',
      value: fixed,
      unit: 'ms',
      ...(delayMs === 0 ? { aim: { atMost: MOST_FIXED_MS } } : {}),
    },
    {
      name: 'Temporal alone, p50',
      value: p50(floor),
      unit: 'ms',
      note: 'the same steps in clear; each only waits as long as one call takes',
    },
    { name: 'job / Temporal alone', value: p50(job) / p50(floor), unit: 'x' },
    ...phases(times, bareLook),
  ];
  return { title: `Chain of 12 nodes, vendors answer after ${delayMs} ms (${rounds} rounds)`, figures, notes: [] };
}

/** Where the time goes, by the server's clock. */
function phases(times: readonly JobTimes[], bareLook: number): Figure[] {
  const each = (name: string, of: (one: JobTimes) => number, note?: string): Figure => ({
    name: `  ${name}`,
    value: median(times.map(of)),
    unit: 'ms',
    ...(note === undefined ? {} : { note }),
  });
  const ensures = times.flatMap(({ steps }) => steps.filter(({ verb }) => verb === 'ensure'));
  return [
    each('start of the account to start of the operation', (t) => t.operation - t.accepted),
    each('to the look', (t) => lookSpan(t).from - t.operation),
    each('look', (t) => lookSpan(t).to - lookSpan(t).from, `bare ${bareLook.toFixed(1)} ms`),
    each('to the first node', (t) => nodeSpan(t).from - lookSpan(t).to),
    each('nodes', nodesMs),
    each('to the end of the operation', (t) => t.operationClosed - nodeSpan(t).to),
    each('to the end of the account’s run', (t) => t.accountClosed - t.operationClosed),
    { name: '  a node: waits for a worker', value: median(ensures.map((s) => s.started - s.scheduled)), unit: 'ms' },
    { name: '  a node: runs', value: median(ensures.map((s) => s.closed - s.started)), unit: 'ms' },
  ];
}

interface Span {
  from: number;
  to: number;
}

function lookSpan({ steps }: JobTimes): Span {
  return spanOf(steps.filter(({ verb }) => verb === 'look'));
}

function nodeSpan({ steps }: JobTimes): Span {
  return spanOf(steps.filter(({ verb }) => verb !== 'look'));
}

function nodesMs(times: JobTimes): number {
  const { from, to } = nodeSpan(times);
  return to - from;
}

function spanOf(steps: readonly { scheduled: number; closed: number }[]): Span {
  if (steps.length === 0) throw new Error('the job ran no such step');
  return { from: Math.min(...steps.map((s) => s.scheduled)), to: Math.max(...steps.map((s) => s.closed)) };
}
