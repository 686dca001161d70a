import { Problem } from '../problems/problem.js';

/** How many dry runs may be open at once in a process. */
export interface PreviewLimits {
  caller: number;
  tenant: number;
}

export const PREVIEW_LIMITS: PreviewLimits = { caller: 10, tenant: 20 };

/** Seconds after which trying again makes sense: no look takes longer than its deadline. */
const RETRY_AFTER = '5';

/** Counts the dry runs that are open: of each caller, and for each tenant, whoever asks. */
export class PreviewPlaces {
  private readonly taken = new Map<string, number>();

  constructor(private readonly limits: PreviewLimits = PREVIEW_LIMITS) {}

  /** Takes a place. Returns how to give it back, which may be done more than once. @throws {Problem} `too-many-previews` */
  take(caller: string, tenant: string): () => void {
    const { limits } = this;
    const [own, all] = [`caller ${caller}`, `tenant ${tenant}`];
    if (this.count(own) >= limits.caller) {
      throw tooMany(`You have ${limits.caller} plans open, as many as one caller may: wait until one has answered.`);
    }
    if (this.count(all) >= limits.tenant) {
      throw tooMany(`${limits.tenant} plans of ${tenant} are open, as many as one tenant may have: try again later.`);
    }
    for (const key of [own, all]) this.taken.set(key, this.count(key) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      for (const key of [own, all]) this.giveBack(key);
    };
  }

  /** Runs what takes a place. @throws {Problem} `too-many-previews` */
  async hold<T>(caller: string, tenant: string, run: () => Promise<T>): Promise<T> {
    const giveBack = this.take(caller, tenant);
    try {
      return await run();
    } finally {
      giveBack();
    }
  }

  private count(key: string): number {
    return this.taken.get(key) ?? 0;
  }

  private giveBack(key: string): void {
    const left = this.count(key) - 1;
    if (left > 0) this.taken.set(key, left);
    else this.taken.delete(key);
  }
}

function tooMany(detail: string): Problem {
  return new Problem('too-many-previews', detail, { headers: { 'retry-after': RETRY_AFTER } });
}
