export * from './chains.js';
export * from './planner.js';
export * from './redact.js';
export * from './secrets.js';
