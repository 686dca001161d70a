import type { Lane } from './pacer.js';

/** What a call is about, for the counts. */
export interface CallSubject {
  /** Resource name (`channel`), or `token` and the like. */
  resource: string;
  /** `list`, `get`, `create`, `update`, `delete`, `token`, ... */
  operation: string;
}

/** Counts the calls of one connection. */
export interface CallMeter {
  /** A call has its turn and leaves. */
  called(call: CallSubject & { lane: Lane }): void;
}
