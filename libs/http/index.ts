export * from './authorized-http.js';
export type { CallMeter, CallSubject } from './call-meter.js';
export * from './http-connection.js';
export * from './http-fault.js';
export { LANES, type Lane } from './pacer.js';
export * from './token-cache.js';
