export * from './contract.js';
export { ensure } from './ensure.js';
export { nodeFault } from './faults.js';
export { look, type ResourceLookup } from './look.js';
export { observe } from './observe.js';
export { remove } from './remove.js';
export { settle } from './settle.js';
export { FencedError, type HeartbeatChange, type StepContext } from './step-context.js';
export { inFlightMs, verifyPauseMs, verifyWithinMs, type Timing } from './timing.js';
