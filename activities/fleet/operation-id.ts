import { createHash } from 'node:crypto';

/** Id of what a run over the fleet has an account do, the same for every attempt, in the form of a UUID. */
export function operationIdOf(run: string, what: string): string {
  const hex = createHash('sha256').update(`${run} ${what}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
