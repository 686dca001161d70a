import type { Chain, JsonObject, OnboardingSpec, Plan, PlanNode } from '#libs/contracts/index.js';
import { PlanningError, type PlanningContext } from './context.js';
import { planEgain } from './egain.plan.js';
import { inDependencyOrder } from './graph.js';
import { hashNodes, hashSpec } from './hash.js';
import { planLiveperson } from './liveperson.plan.js';
import { isSecretReference, mapSecrets } from './secrets.js';
import { planSinch } from './sinch.plan.js';
import { createTextStore } from './texts.js';

/** Turns a spec into nodes. Pure: the same spec and context give the same nodes. */
type ChainPlanner = (spec: OnboardingSpec, ctx: PlanningContext) => PlanNode[];

/** One line per chain. */
const PLANNERS: Readonly<Record<Chain, ChainPlanner>> = {
  egain: planEgainChain,
  liveperson: planLivepersonChain,
};

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
  const nodes = inDependencyOrder(PLANNERS[spec.chain](spec, ctx));
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

function planEgainChain(spec: OnboardingSpec, ctx: PlanningContext): PlanNode[] {
  if (!spec.egain) throw new PlanningError('/egain', 'The egain chain needs this section.');
  return [...planEgain(spec, spec.egain, ctx), ...(spec.sinch ? planSinch(spec, spec.sinch, ctx) : [])];
}

function planLivepersonChain(spec: OnboardingSpec, ctx: PlanningContext): PlanNode[] {
  if (!spec.liveperson) throw new PlanningError('/liveperson', 'The liveperson chain needs this section.');
  return planLiveperson(spec, spec.liveperson, ctx);
}

function replaceInline(spec: OnboardingSpec, replace: (secret: string, field: string) => string): OnboardingSpec {
  return mapSecrets(spec, (value, _pointer, field) => (isSecretReference(value) ? value : replace(value, field)));
}
