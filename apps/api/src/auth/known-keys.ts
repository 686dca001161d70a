import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '#libs/config/api-keys.js';

interface Known {
  key: ApiKey;
  hash: Buffer;
  /** Milliseconds since 1970. */
  endsAt: number;
}

/** The API keys in force. They may change while the API runs: what `current` returns counts, and a new list is a new array. */
export class KnownKeys {
  private list: readonly ApiKey[] = [];
  private known: Known[] = [];

  constructor(
    private readonly current: () => readonly ApiKey[],
    private readonly now: () => number = Date.now,
  ) {}

  /** Returns the key in force of this text. Compares with every key, so that the time taken does not tell which one was near. */
  find(text: string): ApiKey | undefined {
    const hash = createHash('sha256').update(text, 'utf8').digest();
    const [match] = this.inForce().filter((each) => timingSafeEqual(each.hash, hash));
    return match?.key;
  }

  /** Whether a key that was found is still there, unchanged, and has not ended. */
  has(key: ApiKey): boolean {
    return this.inForce().some((each) => each.key === key || sameRights(each.key, key));
  }

  private inForce(): Known[] {
    const list = this.current();
    if (list !== this.list) {
      this.list = list;
      this.known = list.map((key) => ({ key, hash: Buffer.from(key.sha256, 'hex'), endsAt: endOf(key) }));
    }
    const now = this.now();
    return this.known.filter(({ endsAt }) => now < endsAt);
  }
}

function endOf({ notAfter }: ApiKey): number {
  return notAfter === undefined ? Infinity : Date.parse(notAfter);
}

function sameRights(one: ApiKey, other: ApiKey): boolean {
  const rights = ({ id, sha256, tenants, scopes }: ApiKey): string => JSON.stringify([id, sha256, tenants, scopes]);
  return rights(one) === rights(other);
}
