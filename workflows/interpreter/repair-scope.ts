import { isHandedOff, type Standing } from '#libs/contracts/index.js';
import type { Inspection } from './inspect.js';

/** What a repair may do. */
export interface RepairMandate {
  /** Whether a person asked for it, and not a run over the fleet. */
  person: boolean;
  /** Whether the secrets of all that the account made are written again. */
  rewriteSecrets: boolean;
}

/** Keys of what is missing or changed, as far as a repair may bring it back by itself. */
export function repairable(
  found: Inspection['found'],
  { plan, resources }: Standing,
  { person, rewriteSecrets }: RepairMandate,
): Set<string> {
  const all = rewriteSecrets ? resources.filter(({ ownership }) => ownership === 'created') : [];
  const keys = found.flatMap(({ key, kind }) => {
    if (kind !== 'missing' && kind !== 'changed') return [];
    const node = plan.nodes.find((each) => each.key === key);
    const recorded = resources.find((each) => each.key === key);
    if (!node || (!person && isHandedOff(node))) return [];
    return !person && kind === 'missing' && recorded?.ownership === 'adopted' ? [] : [key];
  });
  return new Set([...keys, ...all.map(({ key }) => key)]);
}

/** Duplicates that may go: of kinds to which nothing can refer only when a person asked, as a copy made by hand may carry traffic. */
export function removable(found: Inspection['found'], { plan }: Standing, { person }: RepairMandate): Set<string> {
  const keys = found.filter(({ kind }) => kind === 'duplicate').map(({ key }) => key);
  const referredTo = (key: string): boolean => plan.nodes.some(({ needs }) => needs.includes(key));
  return new Set(keys.filter((key) => person || referredTo(key)));
}
