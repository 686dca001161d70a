import { describe, expect, it } from 'vitest';
import { PreviewPlaces } from './places.js';

/** A dry run that lasts until it is ended. */
function open(places: PreviewPlaces, caller: string, tenant: string): { ended: Promise<void>; end: () => void } {
  let end = (): void => undefined;
  const until = new Promise<void>((resolve) => (end = resolve));
  return { ended: places.hold(caller, tenant, () => until), end };
}

describe('places of dry runs', () => {
  it('are as many as one caller may have, and given back', async () => {
    const places = new PreviewPlaces({ caller: 2, tenant: 10 });
    const runs = [open(places, 'ci', 'acme'), open(places, 'ci', 'globex')];
    await expect(open(places, 'ci', 'other').ended).rejects.toMatchObject({ slug: 'too-many-previews', status: 429 });
    runs[0]?.end();
    await runs[0]?.ended;
    const next = open(places, 'ci', 'acme');
    for (const run of [...runs, next]) run.end();
    await Promise.all([...runs, next].map(({ ended }) => ended));
  });

  it('are as many as one tenant may have, whoever asks, and another tenant has its own', async () => {
    const places = new PreviewPlaces({ caller: 10, tenant: 2 });
    const runs = [open(places, 'a', 'acme'), open(places, 'b', 'acme')];
    await expect(open(places, 'c', 'acme').ended).rejects.toMatchObject({ slug: 'too-many-previews' });
    const other = open(places, 'c', 'globex');
    for (const run of [...runs, other]) run.end();
    await Promise.all([...runs, other].map(({ ended }) => ended));
  });

  it('are given back by one that fails', async () => {
    const places = new PreviewPlaces({ caller: 1, tenant: 1 });
    const fails = (): Promise<void> => places.hold('ci', 'acme', () => Promise.reject(new Error('no worker')));
    await expect(fails()).rejects.toThrow('no worker');
    await expect(fails()).rejects.toThrow('no worker');
  });
});
