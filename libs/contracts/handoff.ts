import type { Issued, OwnedResource, VerificationLevel } from './ownership.js';
import type { ResolvedNode } from './steps.js';
import type { PlanNode } from './plan.js';

/** What a person can be asked for at a vendor. `secret`: only for what the vendor issued and does not show. */
export const HANDOFF_KINDS = ['install', 'update', 'remove', 'secret'] as const;
export type HandoffKind = (typeof HANDOFF_KINDS)[number];

/** When the answer of a person is due unless the spec says so (`docs/vendors/liveperson.md` §7.2): 30 days, in milliseconds. */
export const DEFAULT_DUE_MS = 30 * 86_400_000;

/** So many reminders of one task are enough: each is kept in the job's history. */
export const MOST_REMINDERS = 200;

/** What a person does at a node, as its planner says it. */
export interface PersonPlan {
  /**
   * The instruction for each kind of task; what is absent the engine does itself. In our own words, since they are shown in many
   * places: no secret and nothing that a customer wrote.
   */
  asks: { [kind in HandoffKind]?: string };
  /** Who is asked, as the spec says. */
  contact?: string;
  /** Milliseconds until an answer is due. */
  dueInMs: number;
  /** Milliseconds between reminders. Absent: none. */
  remindEveryMs?: number;
}

/**
 * open: the person is asked. checking: an answer has come. accepted: it was right. rejected: the person refuses. overdue: no right
 * answer came in time. stopped: nobody is asked any more, since the job goes back. skipped: there is nothing to take back.
 */
export const HANDOFF_STATES = ['open', 'checking', 'accepted', 'rejected', 'overdue', 'stopped', 'skipped'] as const;
export type HandoffState = (typeof HANDOFF_STATES)[number];

/** Name in a job's memo under which its latest hand-off is kept: every change of it is an event of the history. */
export const HANDOFF_MEMO = 'handoff';

/** A task that was handed to a person. Times are RFC 3339 UTC. */
export interface Handoff {
  /** Counts the hand-offs of a job, from 1: an answer names the one that it is for. */
  id: number;
  /** Key of the node. */
  key: string;
  kind: HandoffKind;
  state: HandoffState;
  createdAt: string;
  dueAt: string;
  /** When the file was first fetched; null: never. */
  fetchedAt: string | null;
  /** How many reminders have been due. */
  reminders: number;
  /** How many answers were not accepted. */
  refusals: number;
  /** What the person must know besides the instruction; null: nothing. */
  hint: string | null;
  /** Why the last answer was not accepted, or how it ended; null: nothing to say. */
  note: string | null;
}

/** What a person answers, as the command carries it. Exactly one of `values`, `done` and `rejected` is there. */
export interface HandoffAnswer {
  /** `Handoff.id`. */
  handoff: number;
  /** What the vendor issued, by name; every value is sealed. */
  values?: Issued;
  /** The task is done, and there is nothing to hand back. */
  done?: true;
  /** The person refuses; the command's reason says why. */
  rejected?: true;
}

/** Input of a resource's `check`: whether what a person answered is right. */
export interface CheckInput {
  node: ResolvedNode;
  kind: HandoffKind;
  /** What the person handed back, sealed; null when the task is only said to be done. */
  values: Issued | null;
  /** What is recorded of the object; null: nothing. */
  known: Pick<OwnedResource, 'externalId' | 'issued'> | null;
}

/** refused: the person is told why, and asked again. */
export type CheckResult =
  | { state: 'accepted'; externalId: string; issued: Issued; level: VerificationLevel; message: string }
  | { state: 'refused'; message: string };

/** Whether a person brings a node to stand, and takes it away, in place of the engine. */
export function isHandedOff({ person }: Pick<PlanNode, 'person'>): boolean {
  return person?.asks.install !== undefined;
}

/**
 * Whether a corrected plan may have a node on another connection without its object being undone first: only what the engine did
 * itself may become a hand-off, at the same account of the vendor.
 */
export function mayBecomeHandoff(from: PlanNode, to: PlanNode): boolean {
  return from.place !== undefined && from.place === to.place && !isHandedOff(from) && isHandedOff(to);
}

/** Whether an answer is one that a kind of task can have. */
export function answerFits(kind: HandoffKind, { values, done }: HandoffAnswer): boolean {
  if (done) return kind === 'remove' || kind === 'update';
  return values === undefined || kind !== 'remove';
}

/** Everything that the person of a hand-off is told, in sentences. */
export function handoffInstruction(person: PersonPlan | undefined, { kind, hint, note }: Handoff): string {
  return [person?.asks[kind], hint, note].filter((part) => part != null).join(' ');
}
