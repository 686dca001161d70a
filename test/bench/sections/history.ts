import type { Figure, Report } from '../figures.js';
import { jobSize } from '../job-history.js';
import { runJob } from '../jobs.js';
import type { Bench } from '../section.js';

/** Events and bytes that a job leaves in Temporal, encrypted as they are stored. */
export async function history({ system, progress }: Bench): Promise<Report[]> {
  progress('history: one job');
  const { job } = await runJob(system);
  const { account, operation } = await jobSize(system, job);
  await system.vendors.sweep();
  const kB = (bytes: number): number => bytes / 1_000;
  const figures: Figure[] = [
    { name: 'operation, events', value: operation.events, unit: '' },
    { name: 'operation, size', value: kB(operation.bytes), unit: 'kB' },
    { name: 'account’s run, events', value: account.events, unit: '' },
    { name: 'account’s run, size', value: kB(account.bytes), unit: 'kB' },
    { name: 'a job in all, events', value: operation.events + account.events, unit: '' },
    { name: 'a job in all, size', value: kB(operation.bytes + account.bytes), unit: 'kB' },
  ];
  return [{ title: 'History of one job of 12 nodes', figures, notes: [] }];
}
