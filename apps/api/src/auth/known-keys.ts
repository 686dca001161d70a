import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '#libs/config/api-keys.js';

interface Known {
  key: ApiKey;
  hash: Buffer;
  /** Milliseconds since 1970. */
  endsAt: number;
}

/** What became of a key as the list was read again. */
export interface KeyChange {
  key: ApiKey;
  change: 'added' | 'changed' | 'removed';
}

export interface KnownKeysOptions {
  /** Told of each key that came, went or changed since the list was last looked at. */
  changed?: (change: KeyChange) => void;
  now?: () => number;
}

/** The API keys in force. They may change while the API runs: what `current` returns counts, and a new list is a new array. */
export class KnownKeys {
  private list: readonly ApiKey[];
  private known: Known[];

  constructor(
    private readonly current: () => readonly ApiKey[],
    private readonly options: KnownKeysOptions = {},
  ) {
    this.list = current();
    this.known = this.list.map(toKnown);
  }

  /**
   * Returns the key of this text, or that it has ended; undefined for none. Compares with every key, so that the time taken does not tell
   * which one was near.
   */
  find(text: string): ApiKey | 'ended' | undefined {
    const hash = createHash('sha256').update(text, 'utf8').digest();
    const [match] = this.all().filter((each) => timingSafeEqual(each.hash, hash));
    return match && (this.now() < match.endsAt ? match.key : 'ended');
  }

  /** Whether a key that was found is still there, unchanged, and has not ended. */
  has(key: ApiKey): boolean {
    const now = this.now();
    return this.all().some((each) => now < each.endsAt && (each.key === key || sameRights(each.key, key)));
  }

  private all(): Known[] {
    const list = this.current();
    if (list !== this.list) {
      const former = this.list;
      this.list = list;
      this.known = list.map(toKnown);
      for (const change of changesOf(former, list)) this.options.changed?.(change);
    }
    return this.known;
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}

function toKnown(key: ApiKey): Known {
  const endsAt = key.notAfter === undefined ? Infinity : Date.parse(key.notAfter);
  return { key, hash: Buffer.from(key.sha256, 'hex'), endsAt };
}

function changesOf(former: readonly ApiKey[], list: readonly ApiKey[]): KeyChange[] {
  const before = new Map(former.map((key) => [key.id, key]));
  const after = new Map(list.map((key) => [key.id, key]));
  return [
    ...former.filter(({ id }) => !after.has(id)).map((key) => ({ key, change: 'removed' as const })),
    ...list.flatMap((key): KeyChange[] => {
      const known = before.get(key.id);
      if (!known) return [{ key, change: 'added' }];
      return sameRights(known, key) && known.notAfter === key.notAfter ? [] : [{ key, change: 'changed' }];
    }),
  ];
}

function sameRights(one: ApiKey, other: ApiKey): boolean {
  const rights = ({ id, sha256, tenants, scopes }: ApiKey): string => JSON.stringify([id, sha256, tenants, scopes]);
  return rights(one) === rights(other);
}
