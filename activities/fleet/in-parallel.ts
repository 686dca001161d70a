/** Does something with each of some items, so many at a time. @throws the first fault, once what was begun has ended */
export async function inParallel<T>(
  items: readonly T[],
  atATime: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const rest = [...items];
  const faults: unknown[] = [];
  const line = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined && faults.length === 0; item = rest.shift()) {
      await run(item).catch((error: unknown) => faults.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, line));
  if (faults.length > 0) throw faults[0];
}
