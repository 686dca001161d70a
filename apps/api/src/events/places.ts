import { Problem } from '../problems/problem.js';

/** How many streams may be open at once. */
export interface StreamLimits {
  caller: number;
  process: number;
}

export const STREAM_LIMITS: StreamLimits = { caller: 50, process: 2_000 };

/** Seconds after which trying again makes sense: a stream ends when its job does, or its reader leaves. */
const RETRY_AFTER = '10';

/** Counts the places of streams: of each caller and of all. */
export class StreamPlaces {
  private readonly taken = new Map<string, number>();
  private all = 0;

  constructor(private readonly limits: StreamLimits = STREAM_LIMITS) {}

  /** Takes a place. Returns how to give it back, which may be done more than once. @throws {Problem} `too-many-streams` */
  take(caller: string): () => void {
    const own = this.taken.get(caller) ?? 0;
    if (own >= this.limits.caller) {
      throw tooMany(`You have ${own} streams open, as many as one caller may: close some.`);
    }
    if (this.all >= this.limits.process) {
      throw tooMany('As many streams are open as this process serves: try again later, or ask for the progress.');
    }
    this.taken.set(caller, own + 1);
    this.all += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.giveBack(caller);
    };
  }

  private giveBack(caller: string): void {
    const left = (this.taken.get(caller) ?? 1) - 1;
    if (left > 0) this.taken.set(caller, left);
    else this.taken.delete(caller);
    this.all -= 1;
  }
}

function tooMany(detail: string): Problem {
  return new Problem('too-many-streams', detail, { headers: { 'retry-after': RETRY_AFTER } });
}
