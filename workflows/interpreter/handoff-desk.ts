import { condition, upsertMemo } from '@temporalio/workflow';
import {
  answerFits,
  HANDOFF_MEMO,
  handoffInstruction,
  type Command,
  type Handoff,
  type HandoffAnswer,
  type HandoffKind,
  type HandoffState,
  type PersonPlan,
  type PlanNode,
} from '#libs/contracts/index.js';

/** After this many rejected answers to one hand-off the operation is held: each costs some events, and a history has an end. */
const REFUSALS_ALLOWED = 50;

/** A command that is for the desk. */
export type HandoffCommand = Extract<Command, { verb: 'handoff' | 'handoff-fetched' }>;

/** What is asked of a person. */
export interface HandoffTask {
  node: PlanNode;
  kind: HandoffKind;
  /** What the person must know besides the instruction. */
  hint: string | null;
}

/** How a hand-off ended. */
export type HandoffEnd<T> =
  | { state: 'accepted'; value: T }
  /** The person refuses. */
  | { state: 'rejected'; message: string }
  /** No right answer came in time. */
  | { state: 'overdue'; message: string };

/** What becomes of an answer. refused: the person is told why and asked again. */
export type Judgement<T> = { state: 'accepted'; value: T } | { state: 'refused'; message: string };

export interface HandoffListener {
  /** What `current` tells has changed. */
  changed(): void;
  /** It is time to remind of the task. */
  reminder(): void;
}

/**
 * Hands tasks to a person, one at a time. Each is a record in the job's memo, so that its whole course is in the history and is read
 * without a worker. A wait costs one timer at most, to the next reminder or to when the answer is due, and nothing else.
 */
export class HandoffDesk {
  /** The latest task; null: there was none. */
  current: Handoff | null = null;
  private person: PersonPlan | undefined;
  private answer: HandoffCommand | undefined;
  private busy = false;
  private count = 0;
  /** Keys of the nodes by the ids of their hand-offs, and those of which somebody has got the file. */
  private readonly keys = new Map<number, string>();
  private readonly taken = new Set<string>();

  constructor(private readonly listener: HandoffListener) {}

  /** Whether somebody has got the file of a node: what it asks for may have been done. */
  wasFetched(key: string): boolean {
    return this.taken.has(key);
  }

  /** Everything that the person is told now; undefined when none is asked. */
  get instruction(): string | undefined {
    return this.current?.state === 'open' ? handoffInstruction(this.person, this.current) : undefined;
  }

  /** A command for the desk. One that does not fit is dropped; the progress shows it as ignored. */
  take(command: HandoffCommand): void {
    const { verb, answer, at } = command;
    const key = this.keys.get((answer as HandoffAnswer | undefined)?.handoff ?? 0); // anything may come by a signal
    if (key === undefined) return;
    const current = this.current?.id === answer.handoff ? this.current : null;
    if (verb === 'handoff-fetched') {
      // Also when it comes as the task is called off: the file is out.
      this.taken.add(key);
      if (current) current.fetchedAt ??= at;
    } else if (current?.state === 'open' && answerFits(current.kind, answer)) {
      // Whoever has credentials has made something of it, whether or not they took the file from us.
      if (answer.values) this.taken.add(key);
      this.answer ??= command;
    }
  }

  /**
   * Asks until an answer is accepted, the person refuses or the time is over.
   * @throws CancelledFailure when the scope is cancelled: the task is called off
   */
  async ask<T>(
    { node, kind, hint }: HandoffTask,
    judge: (answer: HandoffAnswer) => Promise<Judgement<T>>,
  ): Promise<HandoffEnd<T>> {
    while (this.busy) await condition(() => !this.busy);
    this.busy = true;
    try {
      const handoff = this.open(node, kind, hint);
      return await this.dialog(handoff, node.person?.remindEveryMs ?? Infinity, judge);
    } finally {
      if (this.current && isUnderWay(this.current)) this.move('stopped');
      this.busy = false;
    }
  }

  /** Writes down that nobody has to take anything back. */
  skip(node: PlanNode, note: string): void {
    this.current = { ...this.fresh(node, 'remove', null), state: 'skipped', note };
    this.tell();
  }

  private async dialog<T>(
    handoff: Handoff,
    remindEveryMs: number,
    judge: (answer: HandoffAnswer) => Promise<Judgement<T>>,
  ): Promise<HandoffEnd<T>> {
    const reminders = { every: remindEveryMs, next: Date.now() + remindEveryMs };
    for (;;) {
      const command = await this.answered(handoff, reminders);
      if (!command) return this.overdue(`Nobody gave the answer that was due at ${handoff.dueAt}.`);
      if (command.answer.rejected) {
        const message = `Rejected by ${command.by}: ${command.reason}`;
        this.move('rejected', message);
        return { state: 'rejected', message };
      }
      this.move('checking');
      const judgement = await judge(command.answer);
      if (judgement.state === 'accepted') {
        this.move('accepted', null);
        return judgement;
      }
      handoff.refusals += 1;
      if (handoff.refusals === REFUSALS_ALLOWED) {
        return this.overdue(`${String(REFUSALS_ALLOWED)} answers were not right. The last one: ${judgement.message}`);
      }
      this.move('open', `The answer of ${command.by} was not accepted: ${judgement.message}`);
    }
  }

  /** Waits for an answer, with one timer at a time. Undefined when it was due before. */
  private async answered(
    handoff: Handoff,
    reminders: { every: number; next: number },
  ): Promise<HandoffCommand | undefined> {
    const dueAt = Date.parse(handoff.dueAt);
    this.answer = undefined;
    for (;;) {
      const left = Math.min(dueAt, reminders.next) - Date.now();
      if (left > 0) await condition(() => this.answer !== undefined, left);
      const answer = this.answer as HandoffCommand | undefined; // set by the handler while `condition` waited
      if (answer) return answer;
      const now = Date.now();
      if (now >= dueAt) return undefined;
      if (now < reminders.next) continue;
      while (reminders.next <= now) reminders.next += reminders.every;
      handoff.reminders += 1;
      this.tell();
      this.listener.reminder();
    }
  }

  private overdue(message: string): { state: 'overdue'; message: string } {
    this.move('overdue', message);
    return { state: 'overdue', message };
  }

  private open(node: PlanNode, kind: HandoffKind, hint: string | null): Handoff {
    this.person = node.person;
    this.current = this.fresh(node, kind, hint);
    this.keys.set(this.current.id, node.key);
    this.tell();
    return this.current;
  }

  private fresh({ key, person }: PlanNode, kind: HandoffKind, hint: string | null): Handoff {
    this.count += 1;
    const now = Date.now();
    return {
      id: this.count,
      key,
      kind,
      state: 'open',
      createdAt: new Date(now).toISOString(),
      dueAt: new Date(now + (person?.dueInMs ?? 0)).toISOString(),
      fetchedAt: null,
      reminders: 0,
      refusals: 0,
      hint,
      note: null,
    };
  }

  private move(state: HandoffState, note?: string | null): void {
    if (!this.current) return;
    this.current.state = state;
    if (note !== undefined) this.current.note = note;
    this.tell();
  }

  private tell(): void {
    upsertMemo({ [HANDOFF_MEMO]: { ...this.current } });
    this.listener.changed();
  }
}

function isUnderWay({ state }: Handoff): boolean {
  return state === 'open' || state === 'checking';
}
