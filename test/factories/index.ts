export * from './canaries.js';
export * from './edit.js';
export * from './liveperson.js';
export * from './plans.js';
export * from './sinch-credentials.js';
export * from './specs.js';
export * from './hostile-bodies.js';
