export * from './cron.js';
export * from './time-zone.js';
export * from './times.js';
export * from './warnings.js';
