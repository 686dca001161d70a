import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { JsonObject } from '#libs/contracts/index.js';
import { hostileBodies } from '#test/factories/index.js';
import { specDocument } from '#libs/schemas/parse-spec.js';
import { callsTo } from '#test/support/api.js';
import { openStreams, sendBody, stall } from '#test/support/hostile-client.js';
import type { Figure, Report } from '../figures.js';
import { nextSpec } from '../jobs.js';
import { median, spread } from '../measure.js';
import { LINUX_ONLY, residentMB } from '../proc.js';
import type { Bench } from '../section.js';
import type { BenchSystem } from '../system.js';

const ROUNDS = 3;
/** Connections that drip or do not read, of each kind. */
const STALLED = 70;
const STREAMS_A_READER = 50;
const PREVIEWS_AT_ONCE = 500;
const BODIES_AT_ONCE = 4;
/** How often the honest caller asks how far its job is; milliseconds. */
const ASK_EVERY_MS = 50;

/** What one round of the honest caller took; milliseconds. */
interface HonestRound {
  job: number;
  reads: number[];
}

/** What was done meanwhile, and what the worst answer to it was. */
interface Attack {
  bodies: number;
  plans: Map<string, number>;
  longestAnswer: number;
  stop(): Promise<void>;
}

/** What an honest caller notices of one that does all that is forbidden to it, and what that costs the API. */
export async function border({ system, progress, rounds = ROUNDS }: Bench): Promise<Report[]> {
  setMaxListeners(0);
  const quiet: HonestRound[] = [];
  for (let round = 0; round < rounds; round++) {
    progress(`border: alone, ${round + 1}/${rounds}`);
    quiet.push(await honestRound(system));
    await system.vendors.sweep();
  }
  const api = system.processes().find(({ name }) => name === 'API');
  const before = api ? residentMB(api.pid).now : null;
  progress('border: opening streams and connections that drip');
  const held = await holdOpen(system);
  const after = api ? residentMB(api.pid).now : null;
  const attack = startAttack(system);
  const beside: HonestRound[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      progress(`border: beside a hostile caller, ${round + 1}/${rounds}`);
      beside.push(await honestRound(system));
    }
  } finally {
    await attack.stop();
    held.leave();
  }
  await system.vendors.sweep();
  const alone = median(quiet.map(({ job }) => job));
  const besides = median(beside.map(({ job }) => job));
  const reads = percentile99(beside.flatMap((each) => each.reads));
  const memory: Figure = {
    name: 'memory of the API under streams and slow bodies',
    value: before === null || after === null ? null : after - before,
    unit: 'MB',
    aim: { atMost: 100 },
    note: before === null ? LINUX_ONLY : `${held.streams} streams, ${STALLED} bodies of which 0.5 MB has come`,
  };
  const answered = [...attack.plans].map(([how, count]) => `${count} x ${how}`).join(', ');
  return [
    {
      title: 'An honest caller beside a hostile one',
      figures: [
        { name: 'progress reads, p99', value: reads, unit: 'ms', aim: { atMost: 250 } },
        {
          name: 'its job, beside alone',
          value: besides / alone,
          unit: 'x',
          aim: { atMost: 1.5 },
          note: `${Math.round(alone)} ms alone`,
        },
        { name: 'the longest answer', value: attack.longestAnswer / 1_000, unit: 'kB', aim: { atMost: 256 } },
        memory,
      ],
      notes: [`${attack.bodies} bodies of up to 2 MB, ${PREVIEWS_AT_ONCE} plans at a time: ${answered}`],
    },
  ];
}

/** Starts a job as a caller does, and asks how far it is until it has ended. */
async function honestRound({ apiUrl, keys }: BenchSystem): Promise<HonestRound> {
  const api = callsTo(apiUrl);
  const spec = nextSpec();
  const began = performance.now();
  const started = await api.start(specDocument(spec), { key: keys.honest });
  if (started.status !== 202) throw new Error(`the honest caller is refused: ${JSON.stringify(started.body)}`);
  const reads: number[] = [];
  for (;;) {
    const asked = performance.now();
    const { status, body } = await api.call('GET', `/v1/onboardings/${spec.tenant}.${spec.account}`, {
      key: keys.honest,
    });
    reads.push(performance.now() - asked);
    if (status !== 200) throw new Error(`the honest caller's job is answered ${status}`);
    if (body['closedAt'] !== null) {
      if (body['status'] !== 'succeeded')
        throw new Error(`the honest caller's job is ${JSON.stringify(body['status'])}`);
      return { job: performance.now() - began, reads };
    }
    await pause(ASK_EVERY_MS);
  }
}

/** Streams as many as the process has places for, and connections of each kind that keep it waiting. */
async function holdOpen({ apiUrl: url, keys }: BenchSystem): Promise<{ streams: number; leave: () => void }> {
  const api = callsTo(url);
  const spec: JsonObject = { ...specDocument(nextSpec()), tenant: 'hostile', account: 'held', onFailure: 'hold' };
  const nobody = { applications: { agentConfiguration: { agents: [{ id: '45a0b1c2-d3e4-4f50-8617-283940a5b6c7' }] } } };
  const held = { ...spec, egain: { ...(spec['egain'] as object), orchestration: nobody } };
  const started = await api.start(held, { key: keys.hostile });
  if (started.status !== 202 && started.status !== 409)
    throw new Error(`no job to follow: ${JSON.stringify(started.body)}`);
  const path = '/v1/onboardings/hostile.held/events';
  const streams = await Promise.all(keys.readers.map((key) => openStreams({ url, key }, path, STREAMS_A_READER)));
  const kinds = ['headers', 'body', 'answer'] as const;
  const stalled = kinds.flatMap((kind) =>
    Array.from({ length: STALLED }, () => stall({ url, key: keys.hostile }, kind)),
  );
  await pause(2_000); // what the connections send has to arrive before memory is read
  return {
    streams: streams.reduce((total, { opened }) => total + opened, 0),
    leave: () => {
      for (const each of stalled) each.leave();
      for (const each of streams) each.leave();
    },
  };
}

/** Sends bodies and asks for plans, again and again, until it is stopped. */
function startAttack({ apiUrl: url, keys }: BenchSystem): Attack {
  const hostile = { url, key: keys.hostile };
  const bodies = hostileBodies();
  const plan = JSON.stringify({ ...specDocument(nextSpec()), tenant: 'hostile', account: 'plans' });
  let over = false;
  const attack: Attack = { bodies: 0, plans: new Map(), longestAnswer: 0, stop: () => Promise.resolve() };
  const told = ({ bytes }: { bytes: number }): void => {
    attack.longestAnswer = Math.max(attack.longestAnswer, bytes);
  };
  const sending = async (lane: number): Promise<void> => {
    for (let at = lane; !over; at += 1) {
      told(await sendBody(hostile, '/v1/plans?offline=true', bodies[at % bodies.length]?.text ?? ''));
      attack.bodies += 1;
    }
  };
  const planning = async (): Promise<void> => {
    while (!over) {
      const answer = await sendBody(hostile, '/v1/plans', plan);
      told(answer);
      const how = answer.slug === '' ? String(answer.status) : `${answer.status} ${answer.slug}`;
      attack.plans.set(how, (attack.plans.get(how) ?? 0) + 1);
    }
  };
  const lanes = [
    ...Array.from({ length: BODIES_AT_ONCE }, (_, lane) => sending(lane * 7)),
    ...Array.from({ length: PREVIEWS_AT_ONCE }, planning),
  ];
  attack.stop = async () => {
    over = true;
    await Promise.all(lanes);
  };
  return attack;
}

function percentile99(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? spread(samples).max;
}
