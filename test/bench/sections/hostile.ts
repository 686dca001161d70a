import { hostileBodies } from '#test/factories/index.js';
import type { Figure, Report } from '../figures.js';
import type { Bench } from '../section.js';

const ROUNDS = 3;
/** `docs/http.md`: no body keeps the other callers waiting for longer. */
const MOST_WAIT_MS = 250;

/**
 * How long other callers of the API wait while it judges a body that is made to cost much: probes go out one after the other, and the
 * longest wait is told. The best of the rounds counts, as everything shares this machine.
 */
export async function hostile({ system, progress, rounds = ROUNDS }: Bench): Promise<Report[]> {
  const { hostile: key } = system.keys;
  const figures: Figure[] = [];
  for (const { name, text } of hostileBodies()) {
    const waits: number[] = [];
    for (let round = 0; round < rounds; round++) {
      progress(`hostile: ${name}, ${round + 1}/${rounds}`);
      waits.push(await longestWait(system.apiUrl, key, text));
    }
    const note = `${Math.round(text.length / 1_000)} kB`;
    figures.push({ name, value: Math.min(...waits), unit: 'ms', aim: { atMost: MOST_WAIT_MS }, note });
  }
  return [
    {
      title: 'Hostile bodies: the longest wait of another caller while one is judged',
      figures,
      notes: [`GET /healthz beside POST /v1/plans?offline=true, the best of ${rounds} rounds`],
    },
  ];
}

/** The longest answer time of `/healthz` from before a body is sent until it is answered. */
async function longestWait(url: string, key: string, body: string): Promise<number> {
  let judged = false;
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const verdict = fetch(`${url}/v1/plans?offline=true`, { method: 'POST', headers, body })
    .then(async (answer) => {
      await answer.arrayBuffer();
      if (answer.status >= 500) throw new Error(`a hostile body is answered ${answer.status}`);
    })
    .finally(() => (judged = true));
  verdict.catch(() => undefined); // it is awaited below
  let longest = 0;
  do {
    const began = performance.now();
    await (await fetch(`${url}/healthz`)).arrayBuffer();
    longest = Math.max(longest, performance.now() - began);
  } while (!judged);
  await verdict;
  return longest;
}
