import { sectionOf, type JsonObject, type OnboardingSpec, type Plan, type PlanNode } from '#libs/contracts/index.js';
import {
  createTextStore,
  hashNodes,
  hashSpec,
  inDependencyOrder,
  isSecretReference,
  PlanningError,
  type PlanningContext,
} from '#libs/planning/index.js';
import { vendorModule } from '#libs/vendors/registry.js';
import { CHAIN_PARTS, CHAINS } from './chains.js';
import { mapSecrets } from './secrets.js';

/** How inline secrets are treated; references are left alone. */
export interface SecretHandling {
  /** Seals an inline secret for its field of the spec (`Located.field`); may give another text each time. */
  seal: (secret: string, field: string) => string;
  /** Stands in for an inline secret in the hashes: the same text for the same secret, under a key that rotation keeps. */
  hmac: (secret: string) => string;
}

/**
 * The plan of a validated spec. Its secrets stand in the plan as they stand in the spec, and its hashes are taken over them: use
 * `planWithSecrets` for everything that leaves the process. Throws `PlanningError` when the connection lacks what the spec relies on.
 */
export function planOnboarding(spec: OnboardingSpec, ctx: PlanningContext): Plan {
  const nodes = inDependencyOrder(planChain(spec, ctx));
  const store = createTextStore();
  return {
    version: 1,
    tenant: spec.tenant,
    account: spec.account,
    chain: spec.chain,
    installation: ctx.installation,
    onFailure: spec.onFailure,
    notify: spec.notify,
    nodes: nodes.map((node) => ({ ...node, body: store.intern(node.body) })),
    spec: store.intern(spec as unknown as JsonObject),
    texts: store.texts,
    planHash: hashNodes(nodes, ctx.sha256),
    specHash: hashSpec(spec, ctx.sha256),
  };
}

/**
 * The plan as it is started and kept: inline secrets sealed, hashes taken with each inline secret replaced by its HMAC. So the same
 * spec hashes alike although sealing never gives the same text twice, and a changed secret changes the hash.
 */
export function planWithSecrets(spec: OnboardingSpec, ctx: PlanningContext, { seal, hmac }: SecretHandling): Plan {
  const hashed = planOnboarding(replaceInline(spec, hmac), ctx);
  const sealed = planOnboarding(replaceInline(spec, seal), ctx);
  return { ...sealed, planHash: hashed.planHash, specHash: hashed.specHash };
}

/** The nodes of all sections of the chain, those that it needs first. */
function planChain(spec: OnboardingSpec, ctx: PlanningContext): PlanNode[] {
  const chain = CHAIN_PARTS.find(({ name }) => name === spec.chain);
  if (!chain) throw new PlanningError('/chain', `There is no chain of this name: use ${CHAINS.join(', ')}.`);
  return [...chain.needed, ...chain.optional].flatMap((vendor) => {
    const section = sectionOf(spec, vendor);
    if (section !== undefined) return vendorModule(vendor).plan(spec, section, ctx);
    if (!chain.needed.includes(vendor)) return [];
    throw new PlanningError(`/${vendor}`, `The ${chain.name} chain needs this section.`);
  });
}

function replaceInline(spec: OnboardingSpec, replace: (secret: string, field: string) => string): OnboardingSpec {
  return mapSecrets(spec, (value, _pointer, field) => (isSecretReference(value) ? value : replace(value, field)));
}
