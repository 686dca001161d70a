import { describe, expect, it } from 'vitest';
import { Problem } from '../problems/problem.js';
import { readJsonBody } from './json-body.js';

function refusal(body: string | Buffer): Problem {
  try {
    readJsonBody(Buffer.from(body as string));
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('it was taken');
}

it('takes what is JSON, with a byte order mark or without', () => {
  expect(readJsonBody(Buffer.from('\uFEFF{"a":["ü",null,1e3]}'))).toEqual({ a: ['ü', null, 1_000] });
});

describe('a body that is not JSON', () => {
  it.each([
    { reason: 'an empty one is named so', body: '', detail: 'The body is empty: send JSON.' },
    {
      reason: 'the place is told, and none of the text',
      body: '{\n  "password": "secret"\n  "b": 1 }',
      detail: 'The body is not valid JSON, line 3, column 3: a comma or } was expected here.',
    },
    {
      reason: 'half of it ends where more was expected',
      body: '{"password": "sec',
      detail:
        'The body is not valid JSON, line 1, column 14: this text is not closed, or holds a line break, a control character or an unknown escape.',
    },
    {
      reason: 'Windows-1252 is named by the line that it shows in',
      body: Buffer.from('{\n"a": "x",\n"b": "Café"}', 'latin1'),
      detail: 'The body is not UTF-8 text (line 3): save it as UTF-8 and send it as it is.',
    },
    {
      reason: 'UTF-16 is no UTF-8 either',
      body: Buffer.from('\uFEFF{"a":1}', 'utf16le'),
      detail: 'The body is not UTF-8 text (line 1): save it as UTF-8 and send it as it is.',
    },
  ])('$reason', ({ body, detail }) => {
    expect(refusal(body)).toMatchObject({ slug: 'malformed-json', status: 400, detail });
  });
});

describe('a body that is JSON and not taken', () => {
  it.each([
    {
      reason: 'a key that is there twice is no choice of ours',
      body: '{"spec":{"tenant":"acme","tenant":"globex"}}',
      errors: [{ pointer: '/spec/tenant', message: 'is there twice in its object: keep one of them' }],
    },
    {
      reason: 'a key that may reach a prototype has no place',
      body: '{"a/b":{"__proto__":{"admin":true}}}',
      errors: [{ pointer: '/a~1b/__proto__', message: 'is not a known field: leave it out' }],
    },
    {
      reason: 'what is nested beyond any sense is not followed down',
      body: `{"manifest":${'['.repeat(3_000)}`,
      errors: [{ pointer: `/manifest${'/0'.repeat(64)}`, message: 'is nested deeper than 64 levels' }],
    },
    {
      reason: 'a pointer is never as long as the body',
      body: `{"a":{"${'k'.repeat(1_000_000)}":{"b":1,"b":2}}}`,
      errors: [{ pointer: '/a', message: 'is there twice in its object: keep one of them' }],
    },
  ])('$reason', ({ body, errors }) => {
    const problem = refusal(body);
    expect(problem).toMatchObject({ slug: 'invalid-request', status: 400, extras: { errors } });
  });
});
