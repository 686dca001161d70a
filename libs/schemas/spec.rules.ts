import { isJsonObject, type JsonValue, type Vendor } from '#libs/contracts/index.js';
import { CHAIN_PARTS, resourceSecrets, VENDORS, type ChainParts } from '#libs/onboarding/index.js';
import type { Hints } from '#libs/text/closest.js';
import { isBlank } from '#libs/text/text-faults.js';
import { pathReader } from '#libs/fields/field-paths.js';
import { fieldsOf } from './node-fields.js';
import { keyJudge, nodesOf, type NodeResource } from './node-keys.js';
import { has, objectAt, objectsAt, textAt } from '#libs/fields/raw.js';
import { createReport, type Report, type RuleFindings } from '#libs/fields/rules.js';
import { signingKeyBytes } from './spec.schema.js';

/**
 * Rules of the spec as a whole: chain, sections, connections, and the node keys that it names. Those are judged only in a `whole`
 * document: a node of a list that was cut out is not known.
 */
export function specRules(spec: unknown, hints: Hints, whole: boolean): RuleFindings {
  const report = createReport();
  const chain = CHAIN_PARTS.find(({ name }) => name === textAt(spec, 'chain'));
  if (chain) chainRules(chain, spec, report);
  if (whole) nodeRules(spec, report, hints);
  notifyRules(spec, report);
  return report;
}

function chainRules({ name, needed, optional }: ChainParts, spec: unknown, report: Report): void {
  for (const vendor of VENDORS) {
    const allowed = needed.includes(vendor) || optional.includes(vendor);
    if (!allowed && has(spec, vendor)) report.error([vendor], `does not belong to the chain ${name}: leave it out`);
    if (needed.includes(vendor) && !has(spec, vendor)) {
      report.error([vendor], `is missing: the chain ${name} needs this section`);
    }
    connectionRules(vendor, allowed && (needed.includes(vendor) || has(spec, vendor)), spec, report);
  }
}

function connectionRules(vendor: Vendor, used: boolean, spec: unknown, report: Report): void {
  const named = has(spec, 'connections', vendor);
  if (used && !named && isJsonObject(objectAt(spec)['connections'])) {
    report.error(['connections', vendor], `is missing: name the ${vendor} connection to use`);
  }
  if (!used && named) report.warn(['connections', vendor], `is not used: the spec has no ${vendor} section`);
}

/** Lists of node keys, and fields of nodes. */
function nodeRules(spec: unknown, report: Report, hints: Hints): void {
  const { adopt, ignoreDrift } = objectAt(spec);
  const nodes = nodesOf(spec);
  const judge = keyJudge(nodes, hints);
  for (const [index, key] of (Array.isArray(adopt) ? adopt : []).entries()) {
    const message = typeof key === 'string' && !isBlank(key) ? judge(key) : undefined;
    if (message !== undefined) report.error(['adopt', index], message);
  }
  for (const [key, paths] of Object.entries(isJsonObject(ignoreDrift) ? ignoreDrift : {})) {
    const node = nodes.get(key);
    if (node === undefined || node.waits) report.error(['ignoreDrift', key], judge(key) ?? 'names no node');
    else if (Array.isArray(paths)) ignoredPaths(node, key, paths, report);
  }
}

function ignoredPaths(
  { vendor, resource }: NodeResource,
  key: string,
  paths: readonly JsonValue[],
  report: Report,
): void {
  const tree = fieldsOf(vendor, resource);
  if (!tree) return;
  const targetOf = pathReader(
    tree,
    resourceSecrets(vendor, resource).map((pattern) => pattern.replace(/^manifest\./, '')),
  );
  for (const [index, path] of paths.entries()) {
    if (typeof path !== 'string' || isBlank(path)) continue; // the schema says what is wrong
    const target = targetOf(path);
    const which = `its path ${index + 1}`;
    if (target === 'nothing') {
      report.error(
        ['ignoreDrift', key],
        `${which} leads to no field of a ${resource}: write it as in a plan's changes`,
      );
    } else if (target === 'secret') {
      report.error(['ignoreDrift', key], `${which} leads to a secret, whose drift is never told: take it out`);
    }
  }
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
