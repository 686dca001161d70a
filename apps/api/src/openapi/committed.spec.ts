import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { renderDescription } from './render.js';

// The failure converter is a file of the build; the description needs no payloads.
vi.mock('#libs/temporal/data-converter.js', () => ({
  createDataConverter: () => ({}),
  loadedDataConverter: () => ({}),
}));

it('is what is committed as apps/api/openapi.json: else run `npm run openapi` and commit it', async () => {
  const committed = readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8');
  expect(JSON.parse(await renderDescription())).toEqual(JSON.parse(committed));
});
