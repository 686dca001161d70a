import type { JsonObject, OnboardingSpec } from '#libs/contracts/index.js';
import { bareCalls } from '../bare-calls.js';
import type { Figure, Report } from '../figures.js';
import { nextSpec } from '../jobs.js';
import { LiveAccount, type Cost } from '../live-account.js';
import { interleaved, median, timed } from '../measure.js';
import type { Bench, Section } from '../section.js';

/** Latency of every vendor call in milliseconds, and rounds by default. */
const DELAYS = [
  { delayMs: 0, rounds: 8 },
  { delayMs: 100, rounds: 4 },
];
const AT_ONCE = 16;
/** Of the onboarding's time at 100 ms, for an amendment of one field. */
const MOST_TIMES_ONBOARDING = 0.6;
/** Of the bare deletes' time at 100 ms. */
const MOST_TIMES_DELETES = 1.3;
const MOST_MS_UNCHANGED = 30;
const MOST_EVENTS_OBSERVE = 40;

/** One account from its onboarding to its end: what each operation took. */
interface Life {
  onboard: number;
  field: Cost;
  secret: Cost;
  channel: Cost;
  same: Pick<Cost, 'ms' | 'calls'>;
  observe: Cost;
  repair: Cost;
  offboard: Cost;
}

/** What a live account's operations take beside its onboarding, and its end beside the same deletes made bare. */
export const lifecycle: readonly Section[] = [
  ...DELAYS.map(
    ({ delayMs, rounds }) =>
      (bench: Bench) =>
        lives(bench, delayMs, bench.rounds ?? rounds),
  ),
  amendsAtOnce,
];

async function lives({ system, progress }: Bench, delayMs: number, rounds: number): Promise<Report[]> {
  const bare = bareCalls(system.connections, system.planning);
  const deletes: number[] = [];
  const found: Life[] = [];
  const candidates = {
    life: async () => void found.push(await live(system)),
    deletes: async () => void deletes.push(await bare.removal(nextSpec())),
  };
  try {
    progress(`lifecycle at ${delayMs} ms: warming up`);
    await interleaved(1, candidates);
    found.splice(0);
    deletes.splice(0);
    await system.vendors.setDelay(delayMs);
    await interleaved(rounds, candidates, (done) => progress(`lifecycle at ${delayMs} ms: ${done}/${rounds} rounds`));
  } finally {
    await system.vendors.setDelay(0);
    await bare.close();
    await system.vendors.sweep();
  }
  const title = `A live account of 12 nodes, vendors answer after ${delayMs} ms (${rounds} rounds)`;
  return [{ title, figures: figuresOf(found, median(deletes), delayMs), notes: [] }];
}

async function live(system: Bench['system']): Promise<Life> {
  const account = await LiveAccount.onboard(system);
  const same = await account.putSame();
  const field = await account.amend((spec) => (accountOf(spec, 0)['address'] = '+15550199'));
  const secret = await account.amend((spec) => {
    accountOf(spec, 0)['address'] = '+15550199';
    const authentication = spec.egain?.authentication;
    if (authentication) authentication['basicAuth'] = { username: 'hub', password: 'another-password' };
  });
  const channel = await account.amend((spec) => {
    const [, second] = spec.egain?.channels ?? [];
    if (second) second.type = `${second.type}-desk`;
  });
  const observe = await account.perform({ kind: 'reconcile', mode: 'observe' });
  const repair = await account.perform({ kind: 'reconcile', mode: 'repair' });
  const offboard = await account.perform({ kind: 'offboard' });
  return { onboard: account.onboardedMs, field, secret, channel, same, observe, repair, offboard };
}

function accountOf(spec: OnboardingSpec, n: number): JsonObject {
  return spec.egain?.channels[n]?.account ?? {};
}

function figuresOf(found: readonly Life[], deletes: number, delayMs: number): Figure[] {
  const p50 = (of: (life: Life) => number): number => median(found.map(of));
  const slow = delayMs === 100;
  const [first] = found;
  const ms = (name: string, of: (life: Life) => Cost): Figure[] => [
    { name: `${name}, p50`, value: p50((life) => of(life).ms), unit: 'ms', note: first ? summary(of(first)) : '' },
  ];
  const ratio = (name: string, value: number, atMost: number): Figure => ({
    name,
    value,
    unit: 'x',
    ...(slow ? { aim: { atMost } } : {}),
  });
  const count = (name: string, of: (life: Life) => number, atMost: number): Figure => ({
    name,
    value: Math.max(...found.map(of)),
    unit: '',
    aim: { atMost },
  });
  return [
    { name: 'onboarding, p50', value: p50(({ onboard }) => onboard), unit: 'ms' },
    ...ms('amend of one field', ({ field }) => field),
    ratio(
      '  amend of one field / onboarding',
      p50(({ field, onboard }) => field.ms / onboard),
      MOST_TIMES_ONBOARDING,
    ),
    count('  vendor writes of one field', ({ field }) => field.writes.length, 1),
    ...ms('amend of one secret', ({ secret }) => secret),
    count('  vendor writes of one secret', ({ secret }) => secret.writes.length, 1),
    ...ms('amend of a channel with its account', ({ channel }) => channel),
    {
      name: 'PUT of the same spec, p50',
      value: p50(({ same }) => same.ms),
      unit: 'ms',
      ...(slow ? {} : { aim: { atMost: MOST_MS_UNCHANGED } }),
    },
    count('  its vendor calls', ({ same }) => same.calls, 0),
    ...ms('observe', ({ observe }) => observe),
    count('  its events, account and operation', ({ observe }) => observe.events, MOST_EVENTS_OBSERVE),
    ...ms('repair of nothing', ({ repair }) => repair),
    ...ms('offboard', ({ offboard }) => offboard),
    { name: '  the same deletes made bare along the critical path, p50', value: deletes, unit: 'ms' },
    ratio('  offboard / bare deletes', p50(({ offboard }) => offboard.ms) / deletes, MOST_TIMES_DELETES),
  ];
}

function summary({ writes, calls, events }: Cost): string {
  return `${writes.length} writes of ${calls} vendor calls, ${events} events`;
}

/** Amendments of one field, one on each of many accounts at once. */
async function amendsAtOnce({ system, progress }: Bench): Promise<Report[]> {
  progress(`lifecycle: ${AT_ONCE} amendments at once`);
  const accounts: LiveAccount[] = [];
  for (let i = 0; i < AT_ONCE; i += 1) accounts.push(await LiveAccount.onboard(system));
  const { ms } = await timed(() =>
    Promise.all(accounts.map((each) => each.amend((spec) => (accountOf(spec, 0)['address'] = '+15550188')))),
  );
  await Promise.all(accounts.map((each) => each.perform({ kind: 'offboard' })));
  await system.vendors.sweep();
  const figures: Figure[] = [{ name: `${AT_ONCE} at once`, value: (AT_ONCE * 1_000) / ms, unit: 'jobs/s' }];
  return [{ title: 'Amendments of one field', figures, notes: ['vendors answer at once'] }];
}
