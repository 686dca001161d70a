import os from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

const SAMPLE_MS = 1_000;
/** What the bench's own parts use while they have nothing to do is well below. */
const BUSY_FROM = 0.15;

/** How much of all processors was in use over a second: 0 to 1. */
export async function share(sampleMs = SAMPLE_MS): Promise<number> {
  const before = times();
  await pause(sampleMs);
  const after = times();
  const all = after.all - before.all;
  return all === 0 ? 0 : 1 - (after.idle - before.idle) / all;
}

/** What to say of figures that are about to be taken; undefined on a machine that does nothing else. */
export function busyMark(used: number): string | undefined {
  if (used < BUSY_FROM) return undefined;
  return `taken on a busy machine: ${Math.round(used * 100)} % of its processors were in use before`;
}

function times(): { idle: number; all: number } {
  const each = os.cpus().map((cpu) => cpu.times);
  const total = (of: (time: os.CpuInfo['times']) => number): number => each.reduce((sum, time) => sum + of(time), 0);
  return {
    idle: total(({ idle }) => idle),
    all: total((time) => Object.values(time).reduce((sum, ms) => sum + ms, 0)),
  };
}
