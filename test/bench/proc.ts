import { existsSync, readFileSync } from 'node:fs';
import { childrenOf } from '#scripts/lib/processes.mjs';

/** Clock ticks a second in which Linux tells processor time: 100 on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Why a figure is unknown elsewhere. */
export const LINUX_ONLY = 'told by Linux alone';

/** Resident memory of a process in MB, now and at its highest; null where the system does not tell. */
export function residentMB(pid: number): { now: number | null; highest: number | null } {
  const text = read(pid, 'status') ?? '';
  const field = (name: string): number | null => {
    const kB = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
    return kB === undefined ? null : (Number(kB) * 1_024) / 1e6;
  };
  return { now: field('VmRSS'), highest: field('VmHWM') };
}

/** Processor time that a process has used so far, in milliseconds; null where the system does not tell. */
export function processorMs(pid: number): number | null {
  return ticksMs(pid, OWN);
}

/** The same of a process with all that it has started, those that have ended among them: the backends of a database come and go. */
export function familyProcessorMs(pid: number): number | null {
  const own = ticksMs(pid, [...OWN, ...ENDED_CHILDREN]);
  if (own === null) return null;
  return childrenOf(pid).reduce((sum, child) => sum + (ticksMs(child, OWN) ?? 0), own);
}

/** Places of ticks in user and system mode behind the name, of the process and of its children that have ended. */
const OWN = [11, 12];
const ENDED_CHILDREN = [13, 14];

function ticksMs(pid: number, places: readonly number[]): number | null {
  // The name in brackets may hold blanks; what follows it begins with the third field.
  const fields = read(pid, 'stat')?.split(') ').at(-1)?.split(' ');
  if (fields === undefined) return null;
  return (places.reduce((sum, place) => sum + Number(fields[place] ?? 0), 0) * 1_000) / TICKS_PER_SECOND;
}

function read(pid: number, name: string): string | undefined {
  const file = `/proc/${pid}/${name}`;
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
