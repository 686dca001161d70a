import { MARK_BYTES, NAME_BYTES } from '#libs/contracts/index.js';

const NAME_WORDS = NAME_BYTES / 4;
const PRINT_WORDS = (MARK_BYTES - NAME_BYTES) / 4;
/** Slots in use at most, of all: beyond that probing gets long. */
const FULL = 0.7;

/**
 * Which objects are recorded, by whom, and how they looked, in typed arrays: 25 bytes a slot. Several accounts may record one object. Open
 * addressing, linear probing; nothing is ever taken out.
 */
export class ObjectTable {
  private names: Uint32Array;
  private prints: Uint32Array;
  /** Number of the account, from 1; 0: the slot is empty. */
  private owners: Uint32Array;
  private seenBits: Uint8Array;
  private slots: number;
  private used = 0;

  constructor(expected = 16) {
    this.slots = slotsFor(expected);
    this.names = new Uint32Array(this.slots * NAME_WORDS);
    this.prints = new Uint32Array(this.slots * PRINT_WORDS);
    this.owners = new Uint32Array(this.slots);
    this.seenBits = new Uint8Array(this.slots);
  }

  /** Number of records. */
  get size(): number {
    return this.used;
  }

  /** An account, by its number from 0, records an object that looked so; all marks are `MARK_BYTES` long. */
  add(mark: Uint8Array, owner: number): void {
    if (this.used >= this.slots * FULL) this.grow();
    const words = wordsOf(mark);
    this.put(words, 0, words, NAME_WORDS, owner + 1, 0);
    this.used++;
  }

  /**
   * An object was listed: marks it as seen for all who record it.
   * @returns the accounts that record it, each with whether it looked the same; `print` undefined: nobody can tell
   */
  see(name: Uint8Array, print: Uint8Array | undefined): { owner: number; same: boolean }[] {
    const words = wordsOf(name);
    const prints = print && wordsOf(print);
    const found: { owner: number; same: boolean }[] = [];
    for (let slot = this.slotOf(words, 0); this.owners[slot] !== 0; slot = (slot + 1) % this.slots) {
      if (!this.isNamed(slot, words, 0)) continue;
      this.seenBits[slot] = 1;
      found.push({ owner: (this.owners[slot] ?? 0) - 1, same: prints !== undefined && this.looks(slot, prints) });
    }
    return found;
  }

  /** Whether an account records the object, whether or not it was seen. */
  isUnseen(name: Uint8Array, owner: number): boolean {
    const words = wordsOf(name);
    for (let slot = this.slotOf(words, 0); this.owners[slot] !== 0; slot = (slot + 1) % this.slots) {
      if (this.owners[slot] === owner + 1 && this.isNamed(slot, words, 0)) return this.seenBits[slot] === 0;
    }
    return false;
  }

  /** The accounts of which an object was not seen, each once. */
  ownersOfUnseen(): Set<number> {
    const owners = new Set<number>();
    for (let slot = 0; slot < this.slots; slot++) {
      const owner = this.owners[slot] ?? 0;
      if (owner !== 0 && this.seenBits[slot] === 0) owners.add(owner - 1);
    }
    return owners;
  }

  private put(
    from: Uint32Array,
    nameAt: number,
    prints: Uint32Array,
    printAt: number,
    owner: number,
    seen: number,
  ): void {
    let slot = this.slotOf(from, nameAt);
    while (this.owners[slot] !== 0) slot = (slot + 1) % this.slots;
    this.names.set(from.subarray(nameAt, nameAt + NAME_WORDS), slot * NAME_WORDS);
    this.prints.set(prints.subarray(printAt, printAt + PRINT_WORDS), slot * PRINT_WORDS);
    this.owners[slot] = owner;
    this.seenBits[slot] = seen;
  }

  private grow(): void {
    const { names, prints, owners, seenBits, slots } = this;
    this.slots = slots * 2;
    this.names = new Uint32Array(this.slots * NAME_WORDS);
    this.prints = new Uint32Array(this.slots * PRINT_WORDS);
    this.owners = new Uint32Array(this.slots);
    this.seenBits = new Uint8Array(this.slots);
    for (let slot = 0; slot < slots; slot++) {
      const owner = owners[slot] ?? 0;
      if (owner !== 0) this.put(names, slot * NAME_WORDS, prints, slot * PRINT_WORDS, owner, seenBits[slot] ?? 0);
    }
  }

  /** Names are hashes, so their first word is as good as any. */
  private slotOf(words: Uint32Array, at: number): number {
    return (words[at] ?? 0) % this.slots;
  }

  private isNamed(slot: number, words: Uint32Array, at: number): boolean {
    for (let i = 0; i < NAME_WORDS; i++) if (this.names[slot * NAME_WORDS + i] !== words[at + i]) return false;
    return true;
  }

  private looks(slot: number, prints: Uint32Array): boolean {
    for (let i = 0; i < PRINT_WORDS; i++) if (this.prints[slot * PRINT_WORDS + i] !== prints[i]) return false;
    return true;
  }
}

function slotsFor(expected: number): number {
  return Math.max(16, Math.ceil(expected / FULL) + 1);
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.byteLength >> 2 }, (_, i) => view.getUint32(i * 4));
}
