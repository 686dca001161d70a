import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BORDER_BUGS } from '../faults/planted/border.js';
import { PLANTED_BUGS } from '../faults/planted/bugs.js';
import { FLEET_BUGS } from '../faults/planted/fleet-bugs.js';
import { LIFECYCLE_BUGS } from '../faults/planted/lifecycle-bugs.js';
import { READING_BUGS } from '../faults/planted/reading-bugs.js';

const root = path.resolve(import.meta.dirname, '../..');

describe('the mistakes that are planted', () => {
  it.each([...PLANTED_BUGS, ...READING_BUGS, ...LIFECYCLE_BUGS, ...FLEET_BUGS, ...BORDER_BUGS])(
    'can be planted where they belong: $name',
    (bug) => {
      for (const { file, from, to } of bug.changes) {
        expect(fs.readFileSync(path.join(root, file), 'utf8').split(from), `${file}: ${from}`).toHaveLength(2);
        expect(to).not.toBe(from);
      }
    },
  );
});
