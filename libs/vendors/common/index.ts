export * from './client-credentials.js';
export * from './differences.js';
export * from './fault-table.js';
export * from './retry-after.js';
export * from './scrub.js';
export * from './secret-fields.js';
export * from './text.js';
export * from './vendor-api.js';
