import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { HeldSlot, WorkSlots } from './work-slots.js';

let slots: WorkSlots;
let log: string[];
beforeEach(() => {
  slots = new WorkSlots(2);
  log = [];
});

/** A step that begins to work as soon as it may. */
function step(name: string, priority?: number): { slot: HeldSlot; cancellation: AbortController } {
  const cancellation = new AbortController();
  const slot = new HeldSlot(slots, cancellation.signal, priority);
  slot.take().then(
    () => log.push(name),
    () => log.push(`${name} cancelled`),
  );
  return { slot, cancellation };
}

/** Something to wait for. */
function waiting(): { promise: Promise<void>; end: () => void; fail: (error: Error) => void } {
  let end = (): void => undefined;
  let fail = (_error: Error): void => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { promise, end, fail };
}

describe('steps of a connection', () => {
  it('work so many at a time; the one with the smaller number goes first, and of equal ones who came first', async () => {
    const [first, second] = [step('first'), step('second')];
    step('late', 4);
    step('soon', 2);
    step('soon too', 2);
    await setImmediate();
    expect(log).toEqual(['first', 'second']);
    first.slot.end();
    second.slot.end();
    await setImmediate();
    expect(log.slice(2)).toEqual(['soon', 'soon too']);
  });

  it('that wait for a list let others work, and go on when there is a slot again', async () => {
    const steps = [step('a'), step('b')];
    await setImmediate();
    step('c');
    const list = waiting();
    const [a] = steps;
    const over = a?.slot.whileWaiting(() => list.promise).then(() => log.push('a goes on'));
    await setImmediate();
    expect(log).toEqual(['a', 'b', 'c']);
    list.end();
    await setImmediate();
    expect(log, 'both slots are taken').toEqual(['a', 'b', 'c']);
    steps[1]?.slot.end();
    await over;
    expect(log.at(-1)).toBe('a goes on');
  });

  it('that wait for several lists hold a slot again when the last of them is there', async () => {
    const one = step('one');
    await setImmediate();
    const [quick, slow] = [waiting(), waiting()];
    const both = Promise.all([quick, slow].map(({ promise }) => one.slot.whileWaiting(() => promise)));
    quick.end();
    step('two');
    step('three');
    await setImmediate();
    expect(log).toEqual(['one', 'two', 'three']);
    slow.end();
    await setImmediate();
    step('four');
    await setImmediate();
    expect(log).toHaveLength(3);
    void both;
  });

  it('that end while a list is still waited for take no slot afterwards', async () => {
    const ending = step('ending');
    await setImmediate();
    const [failing, slow] = [waiting(), waiting()];
    const waits = [failing, slow].map(({ promise }) => ending.slot.whileWaiting(() => promise));
    failing.fail(new Error('it cannot be read'));
    await expect(Promise.all(waits)).rejects.toThrow('it cannot be read');
    ending.slot.end();
    slow.end();
    await Promise.allSettled(waits);
    for (const name of ['a', 'b', 'c']) step(name);
    await setImmediate();
    expect(log).toEqual(['ending', 'a', 'b']);
  });

  it('that are cancelled while they wait for a slot leave the line', async () => {
    const working = [step('a'), step('b')];
    const cancelled = step('c');
    step('d');
    await setImmediate();
    cancelled.cancellation.abort(new Error('cancelled'));
    await setImmediate();
    working[0]?.slot.end();
    await setImmediate();
    expect(log).toEqual(['a', 'b', 'c cancelled', 'd']);
  });
});
