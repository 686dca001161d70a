export * from './access.js';
export * from './read-account.js';
export * from './read-registry.js';
