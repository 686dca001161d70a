export type { Clock } from './clock.js';
export { KeptReadings } from './kept.js';
export type { Listed, Listing, PageOptions, Pages } from './listing.js';
export type { ReadingMeter } from './meter.js';
export type { Question, ReadingFault, ReadingState } from './question.js';
export type { RepeatTimes } from './reading.js';
export { Readings, type ReadingsOptions } from './readings.js';
