import { createHash } from 'node:crypto';
import { FAULTS, type Fault, type Persistence } from './faults.js';
import type { RecordedChain, VendorCall } from './chain.js';
import { expectationOf, type Expectation } from './rules.js';

/**
 * What stands of the account when its job begins.
 * - `nothing`: everything is made
 * - `changed`: its whole chain, each object different from the plan: everything is updated
 * - `spares`: its whole chain and of each a second one: those are removed before success
 * - `shared`: somebody's object for every node that may use one
 */
export type Standing = 'nothing' | 'changed' | 'spares' | 'shared';

/** What a cell's fault hits, and on which way of a job. */
export interface Target extends VendorCall {
  direction: 'forward' | 'back';
  standing: Standing;
  /** Facts of the resource, which rules may ask for; a token has none of its own. */
  marked: boolean;
}

/** One experiment: one fault on one kind of call of one job. */
export interface Cell {
  id: string;
  target: Target;
  fault: Fault;
  persistence: Persistence;
  expected: Expectation;
}

const WRITES = ['create', 'update', 'delete'];

/** Every cell, in an order that mixes what is slow and what is quick; the same for the same seed. */
export function cellsOf(chain: RecordedChain, seed: number): Cell[] {
  const cells = targetsOf(chain).flatMap((target) =>
    FAULTS.flatMap((fault) =>
      fault.writesOnly && !WRITES.includes(target.operation)
        ? []
        : fault.persistences.map((persistence) => cellOf(target, fault, persistence)),
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

/** Every call of a full chain, by the way in which a job comes to make it. */
export function targetsOf({ objects, calls: { making, changing, removing } }: RecordedChain): Target[] {
  const target =
    (direction: Target['direction'], standing: Standing) =>
    (call: VendorCall): Target => ({
      ...call,
      direction,
      standing,
      marked:
        objects.find(({ node }) => node.vendor === call.vendor && node.resource === call.resource)?.resource.marked ??
        false,
    });
  const madeBy = new Set(making.map(nameOf));
  const shared = objects.filter(({ resource }) => resource.shared).map(({ node }) => `${node.vendor} ${node.resource}`);
  return [
    ...making.map(target('forward', 'nothing')),
    ...changing
      .filter((call) => ['get', 'update'].includes(call.operation) || !madeBy.has(nameOf(call)))
      .map(target('forward', 'changed')),
    ...removing.filter(({ operation }) => operation === 'delete').map(target('forward', 'spares')),
    ...[...new Set(shared)].map((name) => {
      const [vendor, resource] = name.split(' ');
      return target('forward', 'shared')({ vendor, resource, operation: 'get' } as VendorCall);
    }),
    ...removing.map(target('back', 'nothing')),
  ];
}

export function nameOf({ vendor, resource, operation }: VendorCall): string {
  return `${vendor} ${resource} ${operation}`;
}

function cellOf(target: Target, fault: Fault, persistence: Persistence): Cell {
  const { direction, standing } = target;
  const way = direction === 'back' ? 'back' : `forward with ${standing} there`;
  return {
    id: `${target.vendor}.${target.resource} ${target.operation} / ${fault.id} ${persistence} / ${way}`,
    target,
    fault,
    persistence,
    expected: expectationOf(target, fault, persistence),
  };
}

function facetsOf({ target, fault, persistence }: Cell): string[] {
  return [
    `${fault.id} ${target.direction}`,
    `${fault.kind} ${persistence}`,
    `${target.operation} ${target.direction}`,
    `${target.vendor}.${target.resource} ${target.direction}`,
    target.standing,
  ];
}
