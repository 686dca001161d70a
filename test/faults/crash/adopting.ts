import { canonicalJson } from '#libs/planning/index.js';
import { standing } from '../matrix/checks.js';
import { recordEgainChain } from '../matrix/egain-chain.js';
import { oneOfEach, type Scene } from './round.js';

/** A person's object stands for everything that a job of `oneOfEach` wants, in another state; the spec takes all of them over. */
export async function adoptingScene(): Promise<Scene> {
  const chain = await recordEgainChain(oneOfEach);
  const shared = new Set(chain.objects.filter(({ resource }) => resource.shared).map(({ node }) => node.resource));
  const others: Scene['others'] = (sandbox, _id, changed) =>
    standing(sandbox).map((each) => {
      const taken = chain.takenOver?.(each, 'adopted');
      const { object } = (changed ? taken : undefined) ?? each;
      const fields = Object.entries(object).filter(([name]) => taken === undefined || name !== chain.setByWrites);
      return `${each.kind} ${canonicalJson(Object.fromEntries(fields))}`;
    });
  return {
    spec: (tenant) => ({ ...oneOfEach(tenant), adopt: true }),
    prepare: (sandbox, account) => chain.prepare(sandbox, 'adopted', account),
    writes: ({ resource }) => !shared.has(resource),
    done: (sandbox, id, before) => {
      const now = new Set(others(sandbox, id, false));
      return before.filter((text) => !now.has(text)).length;
    },
    others,
  };
}
