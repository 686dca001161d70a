import {
  isHandedOff,
  type LookFinding,
  type PlanNode,
  type PreviewInput,
  type PreviewResult,
} from '#libs/contracts/index.js';
import { fillRefs } from '#libs/planning/index.js';
import { closing } from './closing.js';
import { byConnection, lookAt, type LookFacts } from './interpreter/look.js';
import { readStepFailure } from './interpreter/step-failure.js';

/** The look of a dry run: what stands at the vendors for each node of a plan. Writes nothing; a vendor's fault ends it at once. */
export async function previewPlan({ plan, known }: PreviewInput): Promise<PreviewResult> {
  const { tenant, account, installation } = plan;
  const facts: LookFacts = {
    resolved: (node) => ({ ...node, body: fillRefs(node.body, {}), account: { tenant, account }, installation }),
    texts: plan.texts,
    recordedOn: (vendor, connection) =>
      known.filter((each) => each.vendor === vendor && each.connection === connection),
  };
  const how = { summary: 'what stands already', urgency: 5 as const, once: true };
  const results = await Promise.all(
    byConnection(plan.nodes).map(async (each) => {
      try {
        return await lookAt(each, facts, tenant, how);
      } catch (error) {
        const failure = readStepFailure(error);
        throw closing(failure.code, failure.message);
      }
    }),
  );
  return { findings: [...results.flat(), ...plan.nodes.filter(isHandedOff).map(byPerson)] };
}

/** Where a person works the engine cannot look: what stands there is for that person to tell. */
function byPerson({ key }: PlanNode): LookFinding {
  const reason = 'a person is asked to do it; what stands already is not looked at';
  return { key, status: 'missing', externalId: null, before: [], action: 'create', reason };
}
