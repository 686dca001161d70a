import type { Engine } from '#libs/history/engine.js';
import type { LocatedJob } from '#libs/history/locate.js';
import { Follower, type Listener } from './follower.js';

interface Followed {
  follower: Follower;
  /** Told when the follower is through; with an error when it broke. */
  ends: Set<(error?: unknown) => void>;
}

/** The followers of this replica, one per job, however many read it. */
export class Followers {
  private readonly followed = new Map<string, Followed>();

  constructor(private readonly engine: Engine) {}

  /** Joins a job's follower, or starts it. `ended` is told once, unless the reader leaves before. Returns the function by which to leave. */
  join(located: LocatedJob, after: number, listener: Listener, ended: (error?: unknown) => void): () => void {
    const key = `${located.operation?.runId ?? located.account?.runId ?? ''}/${located.runId}`;
    const known = this.followed.get(key);
    const { follower, ends } = known ?? this.add(key, located);
    ends.add(ended);
    const leave = follower.join(listener, after);
    if (!known) follower.start();
    return () => {
      ends.delete(ended);
      leave();
      // One that nobody reads stops; whoever comes now needs a new one.
      if (ends.size === 0 && this.followed.get(key)?.follower === follower) this.followed.delete(key);
    };
  }

  /** Ends every stream of this replica. */
  stop(): void {
    for (const { follower } of this.followed.values()) follower.stop();
  }

  private add(key: string, located: LocatedJob): Followed {
    const ends: Followed['ends'] = new Set();
    const follower: Follower = new Follower(this.engine, located, (error) => {
      if (this.followed.get(key)?.follower === follower) this.followed.delete(key);
      for (const end of [...ends]) end(error);
    });
    const followed = { follower, ends };
    this.followed.set(key, followed);
    return followed;
  }
}
