import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { parseSpec } from '#libs/schemas/parse-spec.js';

const folder = path.resolve(import.meta.dirname, '../../examples');
const files = readdirSync(folder).filter((file) => /\.(ya?ml|json)$/.test(file));

describe('examples', () => {
  it('are there', () => {
    expect(files).toEqual(
      expect.arrayContaining(['egain-sinch.yaml', 'liveperson-handoff.yaml', 'liveperson.yaml', 'minimal.yaml']),
    );
  });

  it.each(files)('%s is a good spec, also where private addresses are refused', (file) => {
    const spec: unknown = parse(readFileSync(path.join(folder, file), 'utf8'));
    expect(parseSpec(spec, { allowPrivateUrls: false })).toMatchObject({ ok: true, warnings: [] });
  });
});
