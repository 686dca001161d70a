export { Claims } from './claims.js';
export * from './join.js';
export * from './judgement.js';
export * from './object-table.js';
export * from './scan.js';
export * from './scan-pages.js';
export * from './scope.js';
export * from './sweep.js';
