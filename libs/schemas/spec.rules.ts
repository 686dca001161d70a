import { createHash } from 'node:crypto';
import { CHAINS, type Chain, type Vendor } from '#libs/contracts/index.js';
import { EGAIN_KEYS, LIVEPERSON_KEYS, SINCH_KEYS } from '#libs/planning/index.js';
import { closestOf, type Hints } from '#libs/text/closest.js';
import { isBlank } from '#libs/text/text-faults.js';
import { has, objectAt, objectsAt, textAt } from './raw.js';
import { createReport, type Report, type RuleFindings } from './rules.js';
import { signingKeyBytes } from './spec.schema.js';

/** Sections of a spec by chain: those that it needs and those that it may have. Each belongs to the vendor of its name. */
const SECTIONS: Readonly<Record<Chain, { needed: readonly Vendor[]; optional: readonly Vendor[] }>> = {
  egain: { needed: ['egain'], optional: ['sinch'] },
  liveperson: { needed: ['liveperson'], optional: [] },
};

const VENDOR_SECTIONS = ['egain', 'sinch', 'liveperson'] as const;

/**
 * Rules of the spec as a whole: chain, sections, connections, and the node keys that it names. Those are judged only in a `whole`
 * document: a node of a list that was cut out is not known.
 */
export function specRules(spec: unknown, hints: Hints, whole: boolean): RuleFindings {
  const report = createReport();
  const chain = CHAINS.find((name) => name === textAt(spec, 'chain'));
  if (chain) chainRules(chain, spec, report);
  if (whole) adoptRules(spec, report, hints);
  notifyRules(spec, report);
  return report;
}

function chainRules(chain: Chain, spec: unknown, report: Report): void {
  const { needed, optional } = SECTIONS[chain];
  for (const vendor of VENDOR_SECTIONS) {
    const allowed = needed.includes(vendor) || optional.includes(vendor);
    if (!allowed && has(spec, vendor)) report.error([vendor], `does not belong to the chain ${chain}: leave it out`);
    if (needed.includes(vendor) && !has(spec, vendor)) {
      report.error([vendor], `is missing: the chain ${chain} needs this section`);
    }
    connectionRules(vendor, allowed && (needed.includes(vendor) || has(spec, vendor)), spec, report);
  }
}

function connectionRules(vendor: Vendor, used: boolean, spec: unknown, report: Report): void {
  const named = has(spec, 'connections', vendor);
  if (used && !named && has(spec, 'connections')) {
    report.error(['connections', vendor], `is missing: name the ${vendor} connection to use`);
  }
  if (!used && named) report.warn(['connections', vendor], `is not used: the spec has no ${vendor} section`);
}

function adoptRules(spec: unknown, report: Report, hints: Hints): void {
  const adopt = objectAt(spec)['adopt'];
  if (!Array.isArray(adopt)) return;
  const unknown = unknownKey(nodeKeys(spec), hints);
  for (const [index, key] of adopt.entries()) {
    if (typeof key !== 'string' || isBlank(key)) continue;
    if (key === SINCH_KEYS.channels) {
      report.error(['adopt', index], 'names a condition, not an object: there is nothing to take over');
      continue;
    }
    const message = unknown(key);
    if (message !== undefined) report.error(['adopt', index], message);
  }
}

/** Most node keys that a message lists. */
const KEYS_NAMED = 20;

/** Judges node keys by those of the plan; undefined for one that it has. */
function unknownKey(keys: readonly string[], hints: Hints): (key: string) => string | undefined {
  const known = new Set(keys);
  const closest = closestOf(keys);
  const more = keys.length > KEYS_NAMED ? ` and ${keys.length - KEYS_NAMED} more` : '';
  return (key) => {
    if (known.has(key)) return undefined;
    const hint = hints.next(() => {
      const near = closest(key);
      return near === undefined ? `known are ${keys.slice(0, KEYS_NAMED).join(', ')}${more}` : `did you mean ${near}?`;
    });
    return `names no node of this spec's plan${hint === undefined ? '' : `; ${hint}`}`;
  };
}

/** Standard Webhooks asks for keys of 24 to 64 bytes; another one still signs. */
function notifyRules(spec: unknown, report: Report): void {
  for (const { index, item } of objectsAt(spec, 'notify')) {
    const bytes = signingKeyBytes(textAt(item, 'secret') ?? '');
    if (bytes !== undefined && (bytes < 24 || bytes > 64)) {
      report.warn(['notify', index, 'secret'], `is a key of ${bytes} bytes: 24 to 64 are advised`);
    }
  }
}

/** Keys of the nodes that a spec would be planned into, as far as it can be read. */
function nodeKeys(spec: unknown): string[] {
  const types = objectsAt(spec, 'egain', 'channels').flatMap(({ item }) => textAt(item, 'type') ?? []);
  const targets = objectsAt(spec, 'sinch', 'webhooks').flatMap(({ item }) => textAt(item, 'target') ?? []);
  return [
    ...(has(spec, 'egain', 'authentication') ? [EGAIN_KEYS.authentication] : []),
    ...(has(spec, 'egain') ? [EGAIN_KEYS.clientApplication, EGAIN_KEYS.orchestration] : []),
    ...(has(spec, 'egain', 'bot') ? [EGAIN_KEYS.botClientApplication, EGAIN_KEYS.botParticipant] : []),
    ...types.flatMap((type) => [EGAIN_KEYS.channel(type), EGAIN_KEYS.account(type)]),
    ...(has(spec, 'sinch') ? [SINCH_KEYS.app] : []),
    ...targets.map((target) => SINCH_KEYS.webhook(target, sha256)),
    ...(has(spec, 'liveperson') ? [LIVEPERSON_KEYS.app] : []),
  ];
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
