import type { HttpFaultKind } from './http-fault.js';
import type { Lane } from './pacer.js';

/** How a call ended: by the class of its status, with those told apart that somebody must act on, or by why no whole answer came. */
export type CallOutcome = '2xx' | '3xx' | '401' | '403' | '429' | '4xx' | '5xx' | HttpFaultKind;

/** One call to a vendor: what it was for, and how it ended. */
export interface ObservedCall {
  /** Resource name, or `token` and the like. */
  resource: string;
  /** `create`, `list`, ... */
  operation: string;
  /** In which it waited for its turn. */
  lane: Lane;
  outcome: CallOutcome;
}

/** Is told of each call once it has ended; must not throw. */
export type ObserveCall = (call: ObservedCall) => void;

/** The outcome that a status is counted as. */
export function outcomeOf(status: number): CallOutcome {
  if (status === 401 || status === 403 || status === 429) return `${status}`;
  if (status < 300) return '2xx';
  if (status < 400) return '3xx';
  return status < 500 ? '4xx' : '5xx';
}
