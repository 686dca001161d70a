import { MovableClock } from './clock.js';
import type { Desk, Mounted } from './dispatch.js';
import { FaultEngine } from './faults/engine.js';
import { Pending } from './faults/pending.js';
import { type FaultRuleInput, faultRules } from './faults/rules.js';
import type { JsonObject } from './json.js';
import { KnobBoard, type KnobChanges } from './knobs.js';
import { Ledger, type LedgerEntry } from './ledger.js';
import { parseOrRefuse } from './parsing.js';
import { ControlError, type Vendor, type VendorContext, type VendorModule } from './vendor.js';
import { type Knobs, vendorModules, type VendorName } from './vendors.js';

export interface SandboxOptions {
  /** Merged into the documented defaults; a reset comes back to these. */
  knobs?: KnobChanges;
  /** Foreign objects that are there before the first call; default true. */
  seed?: boolean;
  /** Told after every call that has changed what a vendor holds. */
  changed?: () => void;
}

/** What the vendors hold and what time it is, as it outlives the process; rules, knobs, tokens and the ledger do not. */
export interface KeptSandbox {
  /** What has been added to real time, in milliseconds. */
  clockOffset: number;
  vendors: Record<string, unknown>;
}

export interface SandboxState {
  /** The sandbox's time, RFC 3339. */
  at: string;
  /** Number of the last call. */
  seq: number;
  /** Delayed answers and late effects that are still to come. */
  pending: number;
  /** Every object by vendor and kind; empty when not asked for. */
  objects: Record<string, Record<string, JsonObject[]>>;
  /** Calls to the vendors, oldest first; empty when not asked for. */
  ledger: LedgerEntry[];
}

export interface ResetOptions {
  keepFaults?: boolean | undefined;
  keepKnobs?: boolean | undefined;
  /** That of the sandbox's options if left out. */
  seed?: boolean | undefined;
}

/** Everything that a test may do to the vendors. What cannot be done throws `ControlError`. */
export interface SandboxControls {
  clock: MovableClock;
  state(options?: { ledger?: boolean; objects?: boolean; since?: number }): SandboxState;
  /** Back to the beginning: objects, tokens, ledger, clock, pending effects; rules and knobs unless they are to be kept. */
  reset(options?: ResetOptions): void;
  /** Replaces the fault rules. */
  setFaults(rules: FaultRuleInput[]): void;
  faults(): ReturnType<FaultEngine['list']>;
  /** Merges into the knobs. */
  setKnobs(changes: KnobChanges): Knobs;
  knobs(): Knobs;
  /** Puts objects in place without checks; `scope` is an eGain tenant or a Sinch region. Returns their ids. */
  insert(vendor: string, kind: string, objects: JsonObject[], scope?: string): string[];
  /** Changes an object out of band by a merge patch (RFC 7396). */
  edit(vendor: string, kind: string, id: string, patch: JsonObject): JsonObject;
  /** Removes an object out of band. */
  remove(vendor: string, kind: string, id: string): void;
  /** Revokes the tokens of one vendor, or of all. */
  revokeTokens(vendor?: string): number;
  /** Resolves once no answer and no effect is pending. */
  settled(): Promise<void>;
  /** What the vendors hold; a structured clone can carry it. */
  keep(): KeptSandbox;
  /** Puts in place what `keep` has answered. A vendor that is new since then stays as it is. */
  restore(kept: KeptSandbox): void;
}

/** The vendors in memory, without a server in front of them. */
export function assemble(options: SandboxOptions): { desk: Desk; controls: SandboxControls } {
  const clock = new MovableClock();
  const board = new KnobBoard(options.knobs);
  const names = Object.keys(vendorModules) as VendorName[];
  const mounted = names.map((name) => mount(name, clock, board));
  const desk: Desk = {
    clock,
    mounted,
    faults: new FaultEngine(),
    pending: new Pending(),
    ledger: new Ledger(),
    changed: options.changed ?? (() => undefined),
  };
  const controls = controlsOf(desk, clock, board, options.seed ?? true);
  controls.reset();
  return { desk, controls };
}

function mount(name: VendorName, clock: MovableClock, board: KnobBoard): Mounted {
  // The list of vendors gives each its own knobs; TypeScript cannot follow that through a name held in a variable.
  const module = vendorModules[name] as unknown as VendorModule<Knobs[VendorName]>;
  const context: VendorContext<Knobs[VendorName]> = { clock, knobs: () => board.current[name] };
  return { name, prefixes: module.prefixes, vendor: module.create(context), knobs: context.knobs };
}

function controlsOf(desk: Desk, clock: MovableClock, board: KnobBoard, seeded: boolean): SandboxControls {
  const { mounted, faults, pending, ledger } = desk;
  const vendorOf = (name: string): Vendor => {
    const found = mounted.find((candidate) => candidate.name === name);
    if (found) return found.vendor;
    throw new ControlError(400, `vendor: one of ${mounted.map((known) => known.name).join(', ')}; not ${name}`);
  };
  return {
    clock,
    state: ({ ledger: withLedger = true, objects: withObjects = true, since = 0 } = {}) => ({
      at: new Date(clock.now()).toISOString(),
      seq: ledger.seq,
      pending: pending.size,
      objects: withObjects ? Object.fromEntries(mounted.map(({ name, vendor }) => [name, vendor.objects()])) : {},
      ledger: withLedger ? ledger.since(since) : [],
    }),
    reset: ({ keepFaults = false, keepKnobs = false, seed = seeded } = {}) => {
      pending.callOff();
      if (!keepFaults) faults.set([]);
      if (!keepKnobs) board.reset();
      clock.reset();
      ledger.clear();
      for (const { vendor } of mounted) vendor.reset({ seed });
    },
    setFaults: (rules) => faults.set(parseOrRefuse(faultRules, { rules }).rules),
    faults: () => faults.list(),
    setKnobs: (changes) => board.merge(changes),
    knobs: () => board.current,
    insert: (vendor, kind, objects, scope) => vendorOf(vendor).insert(kind, objects, scope),
    edit: (vendor, kind, id, patch) => vendorOf(vendor).edit(kind, id, patch),
    remove: (vendor, kind, id) => vendorOf(vendor).remove(kind, id),
    revokeTokens: (vendor) => {
      const vendors = vendor === undefined ? mounted.map((known) => known.vendor) : [vendorOf(vendor)];
      return vendors.reduce((count, known) => count + known.revokeTokens(), 0);
    },
    settled: () => pending.idle(),
    keep: () => ({
      clockOffset: clock.offset,
      vendors: Object.fromEntries(mounted.map(({ name, vendor }) => [name, vendor.keep()])),
    }),
    restore: ({ clockOffset, vendors }) => {
      clock.reset();
      clock.advance(clockOffset);
      for (const { name, vendor } of mounted) if (name in vendors) vendor.restore(vendors[name]);
    },
  };
}
