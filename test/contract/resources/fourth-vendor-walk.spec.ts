import '#test/fourth-vendor/register.js';
import { planOf } from '#test/factories/index.js';
import { parleyConnections, parleySpec } from '#test/fourth-vendor/story.js';
import { walkPlan } from './walk.js';

const plan = planOf(parleySpec());

// What a person does is walked with one, in `test/integration/fourth-vendor.spec.ts`.
walkPlan({ ...plan, nodes: plan.nodes.filter(({ person }) => person === undefined) }, parleyConnections);
