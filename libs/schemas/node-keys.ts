import { createHash } from 'node:crypto';
import { EGAIN_KEYS, LIVEPERSON_KEYS, SINCH_KEYS } from '#libs/planning/index.js';
import { closestOf, type Hints } from '#libs/text/closest.js';
import { has, objectsAt, textAt } from './raw.js';

/** Most node keys that a message lists. */
const KEYS_NAMED = 20;

/** The nodes that a spec would be planned into, as far as it can be read: key -> resource. Conditions are no objects, and left out. */
export function nodesOf(spec: unknown): Map<string, string> {
  const types = objectsAt(spec, 'egain', 'channels').flatMap(({ item }) => textAt(item, 'type') ?? []);
  const targets = objectsAt(spec, 'sinch', 'webhooks').flatMap(({ item }) => textAt(item, 'target') ?? []);
  const when = (there: boolean, ...nodes: [string, string][]): [string, string][] => (there ? nodes : []);
  return new Map([
    ...when(has(spec, 'egain', 'authentication'), [EGAIN_KEYS.authentication, 'egain.authentication']),
    ...when(
      has(spec, 'egain'),
      [EGAIN_KEYS.clientApplication, 'egain.clientApplication'],
      [EGAIN_KEYS.orchestration, 'egain.orchestration'],
    ),
    ...when(
      has(spec, 'egain', 'bot'),
      [EGAIN_KEYS.botClientApplication, 'egain.clientApplication'],
      [EGAIN_KEYS.botParticipant, 'egain.participant'],
    ),
    ...types.flatMap((type): [string, string][] => [
      [EGAIN_KEYS.channel(type), 'egain.channel'],
      [EGAIN_KEYS.account(type), 'egain.account'],
    ]),
    ...when(has(spec, 'sinch'), [SINCH_KEYS.app, 'sinch.app']),
    ...targets.map((target): [string, string] => [SINCH_KEYS.webhook(target, sha256), 'sinch.webhook']),
    ...when(has(spec, 'liveperson'), [LIVEPERSON_KEYS.app, 'liveperson.app']),
  ]);
}

/** Judges node keys by those of the plan: what is wrong with one; undefined for one that the plan has. */
export function keyJudge(nodes: ReadonlyMap<string, string>, hints: Hints): (key: string) => string | undefined {
  const keys = [...nodes.keys()];
  const closest = closestOf(keys);
  const more = keys.length > KEYS_NAMED ? ` and ${keys.length - KEYS_NAMED} more` : '';
  return (key) => {
    if (nodes.has(key)) return undefined;
    if (key === SINCH_KEYS.channels) return 'names a condition, not an object';
    if (keys.length === 0) return "names no node of this spec's plan, which has none";
    const hint = hints.next(() => {
      const near = closest(key);
      return near === undefined ? `known are ${keys.slice(0, KEYS_NAMED).join(', ')}${more}` : `did you mean ${near}?`;
    });
    return `names no node of this spec's plan${hint === undefined ? '' : `; ${hint}`}`;
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
