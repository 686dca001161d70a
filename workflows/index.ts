export { account } from './account.workflow.js';
export { notify } from './notify.workflow.js';
export { onboardAccount } from './onboard-account.workflow.js';
export { previewPlan } from './preview-plan.workflow.js';
