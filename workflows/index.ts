export { account } from './account.workflow.js';
export { amendAccount } from './amend-account.workflow.js';
export { notify } from './notify.workflow.js';
export { offboardAccount } from './offboard-account.workflow.js';
export { onboardAccount } from './onboard-account.workflow.js';
export { previewPlan } from './preview-plan.workflow.js';
export { reconcileAccount } from './reconcile-account.workflow.js';
