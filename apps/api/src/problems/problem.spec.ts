import { expect, it } from 'vitest';
import { invalid } from './problem.js';
import { problemText } from './problem-text.js';

it('shows the first 100 findings and counts the rest', () => {
  const findings = Array.from({ length: 5_000 }, (_, index) => ({ pointer: `/adopt/${index}`, message: 'is wrong' }));
  const body = invalid('invalid-spec', findings).body('/v1/plans', 'trace');
  expect(body).toMatchObject({ errors: findings.slice(0, 100), moreErrors: 4_900 });
  expect(invalid('invalid-spec', findings.slice(0, 100)).body('/', 't')).not.toHaveProperty('moreErrors');
});

it('shows no more of an address than its beginning, and no query', () => {
  const text = problemText(invalid('invalid-request', []), `/v1/${'a'.repeat(10_000)}?secret=1`, 'trace');
  expect((JSON.parse(text) as { instance: string }).instance).toHaveLength(500);
  expect(text).not.toContain('secret');
});

it('tells a place with a name of any length by the place that holds it', () => {
  const pointer = `/labels/${'x'.repeat(1_900_000)}`;
  const body = invalid('invalid-spec', [{ pointer, message: 'is not a known field' }]).body('/v1/plans', 'trace');
  expect(body['errors']).toEqual([
    { pointer: '/labels', message: 'holds a name that is longer than 1000 characters, which is not a known field' },
  ]);
});
