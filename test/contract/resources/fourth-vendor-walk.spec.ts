import '#test/fourth-vendor/register.js';
import { planOf } from '#test/factories/index.js';
import { parleyConnections, parleySpec } from '#test/fourth-vendor/story.js';
import { walkPlan } from './walk.js';

const plan = planOf(parleySpec());

// What a person does has no API, and is not walked.
walkPlan({ ...plan, nodes: plan.nodes.filter(({ person }) => person === undefined) }, parleyConnections);
