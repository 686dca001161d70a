import { systemClock, type Clock } from './clock.js';
import { keptReadings, type KeptReadings } from './kept.js';
import type { Listed, Listing } from './listing.js';
import { NO_METER, type ReadingMeter } from './meter.js';
import type { Question } from './question.js';
import { Reading, type ReadingDeps, type RepeatTimes } from './reading.js';
import { weigh } from './weight.js';

/** How long after its end a reading serves a question that was open before it began, in milliseconds. */
const SERVES_MS = 60_000;
/** Deleted objects whose proof is still to come, at most; beyond that the oldest are forgotten, which only costs a reading. */
const MOST_DELETED = 10_000;

export interface ReadingsOptions {
  times: RepeatTimes;
  meter?: ReadingMeter | undefined;
  clock?: Clock;
  kept?: KeptReadings;
}

let count = 0;

/**
 * The only place where one connection's lists are read. Each list (a kind, or what of it belongs to one object) has at most one reading
 * at a time, which all share whose question was open when it began; who comes later shares the next. So however many ask at once, they
 * cost two readings, and what each gets is as good as a reading of its own.
 */
export class Readings {
  private readonly deps: ReadingDeps;
  private readonly kept: KeptReadings;
  /** Sets this connection's readings apart from others that are kept in the process. */
  private readonly id = `${(count += 1)}`;
  private readonly shelves = new Map<string, Shelf>();
  private readonly deleted = new Set<string>();

  constructor({ times, meter = NO_METER, clock = systemClock, kept = keptReadings }: ReadingsOptions) {
    this.deps = { times, meter, clock };
    this.kept = kept;
  }

  /**
   * Asks for everything in a list.
   * @returns all objects that stood from the first call of a reading, sent at or after `begunAfter`, to its last; others may be among them
   * @throws VendorError when the list could not be read; the signal's reason when that ends first
   */
  async whole<T extends Listed>(listing: Listing<T>, question: Question = {}): Promise<T[]> {
    const key = this.keyOf(listing.kind, listing.scope);
    const { clock, meter } = this.deps;
    const now = clock.now();
    const begunAfter = Math.min(question.begunAfter ?? now, now);
    question.signal?.throwIfAborted();
    const kept = this.kept.get(key);
    if (kept && kept.begunAt >= begunAfter && now - kept.endedAt <= (question.endedWithinMs ?? SERVES_MS)) {
      meter.shared(listing.kind);
      return [...(kept.items as readonly T[])]; // one key, one kind of item
    }
    const wait = (): Promise<readonly Listed[]> => this.shelfOf(listing, key).ask(listing, question, begunAfter);
    const items = await (question.whileWaiting ? question.whileWaiting(wait) : wait());
    return [...(items as readonly T[])];
  }

  /** We have deleted an object; `missing` must follow before it counts as gone. */
  removed(kind: string, id: string): void {
    this.deleted.add(nameOf(kind, id));
    for (const oldest of this.deleted) {
      if (this.deleted.size <= MOST_DELETED) break;
      this.deleted.delete(oldest);
    }
  }

  /**
   * The vendor says of an object that it is not there. One that we have deleted before is proved gone, and taken out of all readings
   * that began before: who asks since then need not wait for another. Of any other the word of one answer is not taken.
   */
  missing(kind: string, id: string): void {
    if (!this.deleted.delete(nameOf(kind, id))) return;
    const begin = this.keyOf(kind, undefined);
    this.kept.forget(begin, id);
    for (const [key, shelf] of this.shelves) if (key.startsWith(begin)) shelf.forget(id);
  }

  /** Lets go of all that is kept. */
  close(): void {
    this.kept.dropAll(`${this.id} `);
  }

  private shelfOf(listing: Listing<Listed>, key: string): Shelf {
    const known = this.shelves.get(key);
    if (known) return known;
    const shelf = new Shelf(this.deps, {
      ended: (items, begunAt) => this.keep(key, items, begunAt),
      idle: () => this.shelves.delete(key),
    });
    this.shelves.set(key, shelf);
    return shelf;
  }

  private async keep(key: string, items: readonly Listed[], begunAt: number): Promise<void> {
    const bytes = await weigh(items);
    this.kept.put(key, { items, begunAt, endedAt: this.deps.clock.now(), bytes });
  }

  private keyOf(kind: string, scope: string | undefined): string {
    return `${this.id} ${kind} ${scope ?? ''}`;
  }
}

interface ShelfEvents {
  /** A reading has ended well; its askers get it after this. */
  ended(items: readonly Listed[], begunAt: number): Promise<void>;
  /** Nothing runs and nobody waits. */
  idle(): void;
}

/** The reading of one list that runs, and the next one. */
class Shelf {
  private current: Reading<Listed> | undefined;
  private next: Reading<Listed> | undefined;

  constructor(
    private readonly deps: ReadingDeps,
    private readonly events: ShelfEvents,
  ) {}

  ask(listing: Listing<Listed>, question: Question, begunAfter: number): Promise<readonly Listed[]> {
    if (this.current?.serves(begunAfter) === true) {
      this.deps.meter.shared(listing.kind);
      return this.current.join(question);
    }
    if (this.next && !this.next.isAbandoned) this.deps.meter.shared(listing.kind);
    else this.next = new Reading(listing, this.deps);
    const answer = this.next.join(question);
    if (!this.current) this.advance();
    return answer;
  }

  forget(id: string): void {
    this.current?.forget(id);
  }

  private advance(): void {
    this.current = this.next;
    this.next = undefined;
    if (this.current === undefined) this.events.idle();
    else if (this.current.isAbandoned) this.advance();
    else void this.run(this.current);
  }

  /** Never rejects: what goes wrong is the askers'. */
  private async run(reading: Reading<Listed>): Promise<void> {
    let outcome: Parameters<Reading<Listed>['settle']>[0];
    try {
      const items = await reading.read();
      await this.events.ended(items, reading.begunAt);
      outcome = { items };
    } catch (error) {
      outcome = { error };
    }
    this.advance();
    reading.settle(outcome);
  }
}

function nameOf(kind: string, id: string): string {
  return `${kind} ${id}`;
}
