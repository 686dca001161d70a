import { createHash } from 'node:crypto';
import { nameOf, type Chain, type Target } from './chain.js';
import { FAULTS, type Fault, type Persistence } from './faults.js';
import { expectationOf, type Expectation } from './rules.js';

/** One experiment: one fault on one kind of call of one job. */
export interface Cell {
  id: string;
  chain: Chain;
  target: Target;
  fault: Fault;
  persistence: Persistence;
  expected: Expectation;
}

const WRITES = ['create', 'update', 'delete'];

/** Every cell, in an order that mixes what is slow and what is quick; the same for the same seed. */
export function cellsOf(chains: readonly Chain[], seed: number): Cell[] {
  const cells = chains.flatMap((chain) =>
    chain.targets.flatMap((target) =>
      FAULTS.flatMap((fault) =>
        canMeet(fault, target)
          ? fault.persistences.map((persistence) => cellOf(chain, target, fault, persistence))
          : [],
      ),
    ),
  );
  const place = new Map(cells.map((cell) => [cell, drawOf(seed, cell.id)]));
  return cells.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
}

/** About `count` cells over the whole matrix, every fault, resource and operation of each direction at least once. */
export function quickSlice(cells: readonly Cell[], count: number): Cell[] {
  const stride = Math.max(1, Math.floor(cells.length / count));
  const chosen = new Set(cells.filter((_, i) => i % stride === 0));
  const covered = new Set([...chosen].flatMap(facetsOf));
  for (const cell of cells) {
    if (facetsOf(cell).every((facet) => covered.has(facet))) continue;
    chosen.add(cell);
    for (const facet of facetsOf(cell)) covered.add(facet);
  }
  return cells.filter((cell) => chosen.has(cell));
}

/** 0 to 1, the same for the same seed and name. */
export function drawOf(seed: number, name: string): number {
  return (
    createHash('sha256')
      .update(`${String(seed)} ${name}`)
      .digest()
      .readUInt32BE() /
    2 ** 32
  );
}

function canMeet({ writesOnly, only }: Fault, target: Target): boolean {
  if (only) return only.includes(nameOf(target));
  return writesOnly !== true || WRITES.includes(target.operation);
}

function cellOf(chain: Chain, target: Target, fault: Fault, persistence: Persistence): Cell {
  return {
    id: `${target.vendor}.${target.resource} ${target.operation} / ${fault.id} ${persistence} / ${wayOf(target)}`,
    chain,
    target,
    fault,
    persistence,
    expected: expectationOf(target, fault, persistence),
  };
}

function wayOf({ direction, standing, byPerson }: Target): string {
  if (byPerson) return 'done by a person';
  return direction === 'back' && standing === 'nothing' ? 'back' : `${direction} with ${standing} there`;
}

function facetsOf({ target, fault, persistence }: Cell): string[] {
  return [
    `${fault.id} ${target.direction}`,
    `${fault.kind} ${persistence}`,
    `${target.vendor} ${target.operation} ${target.direction} ${target.standing}`,
    `${target.vendor}.${target.resource} ${target.direction}`,
    target.standing,
    ...(target.byPerson ? [`by a person ${fault.kind}`, `by a person ${target.resource}`] : []),
  ];
}
