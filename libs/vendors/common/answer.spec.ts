import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstObject, readBody, saysGone, tellsOfError, type AnswerBody } from './answer.js';
import { answerWith } from './answer.fixture.js';

function read(text: string | Buffer, contentType?: string): AnswerBody {
  return readBody(Buffer.from(text), contentType);
}

describe('a body', () => {
  const JSON_TEXT = '{"name":"Größe"}';
  const utf16 = Buffer.from(`\ufeff${JSON_TEXT}`, 'utf16le');
  const cases: { text: string | Buffer; type?: string; body: Partial<AnswerBody>; reason: string }[] = [
    { text: '', body: { form: 'empty' }, reason: 'nothing' },
    { text: '\ufeff', body: { form: 'empty' }, reason: 'a mark and nothing else' },
    { text: JSON_TEXT, body: { form: 'json', json: { name: 'Größe' } }, reason: 'JSON' },
    { text: `\ufeff${JSON_TEXT}`, body: { form: 'json', json: { name: 'Größe' } }, reason: 'JSON behind a mark' },
    { text: utf16, body: { form: 'json', json: { name: 'Größe' } }, reason: 'JSON in UTF-16, by its mark' },
    {
      text: Buffer.from(utf16).swap16(),
      body: { form: 'json', json: { name: 'Größe' } },
      reason: 'the same the other way round',
    },
    {
      text: Buffer.from(JSON_TEXT, 'latin1'),
      type: 'application/json; charset=ISO-8859-1',
      body: { form: 'json', json: { name: 'Größe' } },
      reason: 'JSON in the character set that its header names',
    },
    {
      text: Buffer.from(JSON_TEXT, 'latin1'),
      body: { form: 'unreadable' },
      reason: 'no UTF-8: a name would be altered',
    },
    {
      text: JSON_TEXT,
      type: 'text/plain; charset=klingon',
      body: { form: 'unreadable' },
      reason: 'a set nobody knows',
    },
    { text: '{"half":', body: { form: 'text' }, reason: 'broken JSON' },
    { text: 'Bad Gateway', body: { form: 'text', says: 'Bad Gateway' }, reason: 'plain text' },
    {
      text: ' \n<!DOCTYPE html><title>Access denied</title><style>a{}</style><h1>Blocked &amp; logged</h1><p>Ref&#32;18.2f',
      body: { form: 'page', says: 'Access denied Blocked & logged Ref 18.2f' },
      reason: 'a page, whatever its header says',
    },
    {
      text: '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
      type: 'application/json',
      body: { form: 'page', says: 'AccessDenied' },
      reason: 'XML',
    },
    { text: '['.repeat(1_000_000), body: { form: 'unreadable' }, reason: 'nested without end' },
    { text: `{"a":"${'['.repeat(1_000)}"}`, body: { form: 'json' }, reason: 'brackets in a text nest nothing' },
  ];
  it.each(cases)('is $body.form: $reason', ({ text, type, body }) => {
    expect(read(text, type)).toMatchObject(body);
  });

  it('gives no field that would alter the objects that are made of it', () => {
    const { json } = read('{"__proto__":{"id":"x"},"\\u005f_proto__":{"id":"y"},"name":"n"}');
    expect(Object.keys(json as object)).toEqual(['name']);
  });

  const said: { json: unknown; says: string | undefined; reason: string }[] = [
    { json: { message: 'plain' }, says: 'plain', reason: 'a message' },
    {
      json: { type: 'about:blank', title: 'Bad', status: 400, detail: 'No name' },
      says: 'No name',
      reason: 'RFC 9457',
    },
    { json: { title: 'Bad', status: 400 }, says: 'Bad', reason: 'RFC 9457 without its detail' },
    { json: { error: 'invalid_client', error_description: 'no client' }, says: 'no client', reason: 'RFC 6749' },
    { json: [{ code: 1, message: 'first' }, { message: 'second' }], says: 'first', reason: 'a list' },
    { json: { errors: [{ detail: 'in a list' }] }, says: 'in a list', reason: 'a list within' },
    { json: { error: { errors: [{ reason: 'deep' }] } }, says: 'deep', reason: 'several levels' },
    { json: 'a text', says: 'a text', reason: 'a bare text' },
    { json: { a: { b: 1 } }, says: undefined, reason: 'nothing that is said' },
    {
      json: { message: { message: { message: { message: { message: 'too deep' } } } } },
      says: undefined,
      reason: 'depth',
    },
  ];
  it.each(said)('says $says: $reason', ({ json, says }) => {
    expect(read(JSON.stringify(json)).says).toBe(says);
  });

  it('is read whatever it is', () => {
    const type = fc.option(fc.oneof(fc.string(), fc.constantFrom('text/html', 'application/json; charset=utf-16')), {
      nil: undefined,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
          fc.string().map((text) => Buffer.from(text)),
        ),
        type,
        (bytes, of) => {
          const { form, json } = readBody(Buffer.from(bytes), of);
          expect(form === 'json' || json === undefined).toBe(true);
        },
      ),
    );
  });
});

describe('JSON under a status of success', () => {
  const errors: { json: unknown; reason: string }[] = [
    { json: { code: '400-143', developerMessage: 'Required attribute missing' }, reason: "eGain's form" },
    { json: { code: '500-1' }, reason: "eGain's code alone" },
    { json: { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'no' } }, reason: "Sinch's form" },
    { json: { code: 7, message: 'denied' }, reason: 'the form of gRPC' },
    { json: { error: 'server_error' }, reason: 'RFC 6749' },
    { json: { type: 'about:blank', title: 'Oops', status: 502 }, reason: 'RFC 9457' },
    { json: { success: false }, reason: 'it says so' },
    { json: { errors: ['x'] }, reason: 'a list of errors' },
    { json: { apps: [], error: { message: 'partial' } }, reason: 'an error beside an empty list' },
  ];
  it.each(errors)('tells of an error: $reason', ({ json }) => {
    expect(tellsOfError(json)).toBe(true);
  });

  const fine: { json: unknown; reason: string }[] = [
    { json: {}, reason: 'nothing' },
    { json: undefined, reason: 'no JSON' },
    { json: [], reason: 'an empty list' },
    { json: { id: '1', status: 'ACTIVE' }, reason: 'an object' },
    { json: { id: '1', error: { message: 'an older one' } }, reason: 'an object that tells of an error of its own' },
    { json: { apps: [], errors: [], error: null, success: true }, reason: 'fields that say that there is none' },
    { json: { status: 'OK', code: 200, message: undefined }, reason: 'a good code' },
  ];
  it.each(fine)('tells of none: $reason', ({ json }) => {
    expect(tellsOfError(json)).toBe(false);
  });
});

it('the object of an answer is the first of a list', () => {
  expect(firstObject([{ a: 1 }, { b: 1 }])).toEqual({ a: 1 });
  expect([firstObject({ a: 1 }), firstObject([]), firstObject('x'), firstObject(undefined)]).toEqual([
    { a: 1 },
    undefined,
    undefined,
    undefined,
  ]);
});

it('only the API itself says that an object is gone', () => {
  expect(saysGone(answerWith(404, { code: '404-100' }))).toBe(true);
  expect(saysGone(answerWith(404))).toBe(true);
  expect(saysGone(answerWith(404, '<html>default backend - 404</html>'))).toBe(false);
  expect(saysGone(answerWith(410))).toBe(false);
  expect(saysGone(answerWith(410), [404, 410])).toBe(true);
});
