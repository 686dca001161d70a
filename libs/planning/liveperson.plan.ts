import type { LivepersonSpec, OnboardingSpec, PlanNode } from '#libs/contracts/index.js';
import type { PlanningContext } from './context.js';
import { LIVEPERSON_KEYS } from './keys.js';
import { createNodeFactory } from './node.js';

/**
 * The one node of the liveperson chain: the manifest, and its exact text where it was given as one. It gets no name and no marker of
 * ours: its bytes are what a person approves (`vendors/liveperson.md` section 6.4).
 */
export function planLiveperson(
  spec: OnboardingSpec,
  { manifest, text }: LivepersonSpec,
  ctx: PlanningContext,
): PlanNode[] {
  const factory = createNodeFactory(spec, ctx, 'liveperson', spec.connections.liveperson ?? '');
  return [
    factory.node({
      key: LIVEPERSON_KEYS.app,
      resource: 'app',
      title: 'LivePerson app',
      body: { manifest, ...(text === undefined ? {} : { text }) },
    }),
  ];
}
