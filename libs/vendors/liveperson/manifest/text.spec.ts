import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import { CONVERSATION_CHANGE, CONVERSATION_CHANGE_ALIAS, validateManifest } from './index.js';
import { connector, webhook } from './manifest.fixture.js';

const HOOKS = '/capabilities/webhooks';
const withHooks = (hooks: JsonObject): JsonObject => connector({ capabilities: { webhooks: hooks } });

describe('the bytes that a person approves', () => {
  it.each([
    { reason: 'odd spacing stays', text: '{\r\n\t"description" : "d",  "client_name":"a" }\r\n\n' },
    { reason: 'escapes stay escapes', text: '{"client_name":"\\u0061\\/b","description":"\\ud83d\\ude00 é"}' },
    {
      reason: 'numbers stay as they are written',
      text: '{"client_name":"a","description":"","enabled_for_profiles":[1.0,2e1]}',
    },
  ])('$reason', ({ text }) => {
    expect(validateManifest(text)).toMatchObject({
      ok: true,
      errors: [],
      text,
      manifest: JSON.parse(text) as JsonObject,
    });
  });

  it('are kept of a text that is refused, too', () => {
    expect(validateManifest('\uFEFF{ "client_name": 7 }').text).toBe('\uFEFF{ "client_name": 7 }');
    expect(validateManifest('{').text).toBe('{');
  });

  it('are two-space JSON in the order given for an object', () => {
    const { text } = validateManifest({ scope: 'msg.consumer', client_name: 'a', capabilities: {} });
    expect(text).toBe('{\n  "scope": "msg.consumer",\n  "client_name": "a",\n  "capabilities": {}\n}');
  });

  it('do not depend on how often they are made', () => {
    const { text } = validateManifest(connector());
    expect(validateManifest(text).text).toBe(text);
  });
});

describe('the alias of the conversation change (D13)', () => {
  const given = withHooks({
    [CONVERSATION_CHANGE_ALIAS]: webhook({ max_retries: 1 }),
    'ms.MessagingEventNotification.ContentEvent': webhook(),
  });
  const wanted = withHooks({
    [CONVERSATION_CHANGE]: webhook({ max_retries: 1 }),
    'ms.MessagingEventNotification.ContentEvent': webhook(),
  });

  it('is rewritten in an object, in its place, with a warning', () => {
    const before = structuredClone(given);
    const verdict = validateManifest(given);
    expect(verdict).toMatchObject({ ok: true, manifest: wanted, text: JSON.stringify(wanted, null, 2) });
    expect(verdict.warnings).toEqual([
      {
        pointer: `${HOOKS}/${CONVERSATION_CHANGE_ALIAS}`,
        message: expect.stringContaining(CONVERSATION_CHANGE) as string,
      },
    ]);
    expect(given).toEqual(before);
  });

  it('is an error that names the cure in a text, whose bytes are not touched', () => {
    const text = JSON.stringify(given);
    expect(validateManifest(text)).toEqual({
      ok: false,
      text,
      warnings: [],
      errors: [
        {
          pointer: `${HOOKS}/${CONVERSATION_CHANGE_ALIAS}`,
          message: expect.stringContaining(`write ${CONVERSATION_CHANGE}`) as string,
        },
      ],
    });
  });

  it('is looked at like any other webhook', () => {
    const { errors } = validateManifest(withHooks({ [CONVERSATION_CHANGE_ALIAS]: { endpoint: 'ftp://a.com' } }));
    expect(errors.map(({ pointer }) => pointer)).toEqual([`${HOOKS}/${CONVERSATION_CHANGE_ALIAS}/endpoint`]);
  });
});

describe('a text that is no manifest', () => {
  it.each([
    { reason: 'nothing', text: '', problem: 'line 1, column 1: the text ends where a value was expected' },
    {
      reason: 'no end',
      text: '{\n  "a": 1',
      problem: 'line 2, column 9: the text ends where a comma or } was expected',
    },
    {
      reason: 'no comma',
      text: '{\r\n  "a": 1\r\n  "b": 2 }',
      problem: 'line 3, column 3: a comma or } was expected here',
    },
    { reason: 'a trailing comma', text: '{ "a": [1, 2,\n] }', problem: 'line 2, column 1: a comma stands before' },
    { reason: 'a trailing comma', text: '{ "a": 1, }', problem: 'line 1, column 11: a comma stands before' },
    { reason: 'a comment', text: '{ // x\n }', problem: 'line 1, column 3: JSON has no comments' },
    { reason: 'single quotes', text: "{ 'a': 1 }", problem: 'column 3: a key in double quotes' },
    { reason: 'no colon', text: '{ "a" 1 }', problem: 'column 7: a colon' },
    { reason: 'no value', text: '{ "a": }', problem: 'column 8: a value' },
    { reason: 'no JSON number', text: '{ "a": 01 }', problem: 'column 8: a value' },
    { reason: 'no JSON number', text: '{ "a": 1. }', problem: 'column 8: a value' },
    { reason: 'no JSON word', text: '{ "a": True }', problem: 'column 8: a value' },
    { reason: 'an open text', text: '{ "a": "x\n" }', problem: 'column 8: this text is not closed' },
    { reason: 'an unknown escape', text: '{ "a": "\\x41" }', problem: 'column 8: this text is not closed' },
    { reason: 'something behind it', text: '{} {}', problem: 'column 4: nothing may follow' },
    { reason: 'beyond any sense', text: '['.repeat(100_000), problem: 'nested deeper than 64' },
  ])('$reason: $text', ({ text, problem }) => {
    expect(validateManifest(text)).toEqual({
      ok: false,
      text,
      warnings: [],
      errors: [{ pointer: '', message: expect.stringContaining(problem) as string }],
    });
  });

  it.each(['[]', '"a"', '7', 'null', 'true'])('%s is JSON but no object', (text) => {
    expect(validateManifest(text).errors).toEqual([
      { pointer: '', message: expect.stringContaining('JSON object') as string },
    ]);
  });

  it('with a byte order mark is refused, and what is behind it is looked at all the same', () => {
    const { errors } = validateManifest('\uFEFF{ "client_name": 7 }');
    expect(errors).toEqual([
      { pointer: '', message: expect.stringContaining('byte order mark') as string },
      { pointer: '/client_name', message: 'must be a text: put the number in quotes' },
    ]);
  });

  it('with a key twice is refused at each of them, escaped ones too', () => {
    const { errors } = validateManifest(
      '{"client_name":"a","client\\u005fname":"b","capabilities":{"webhooks":{},"webhooks":{}},"redirect_uris":[{"a/b":1,"a/b":2}]}',
    );
    const twice = errors.filter(({ message }) => message.includes('twice'));
    expect(twice.map(({ pointer }) => pointer)).toEqual([
      '/client_name',
      '/capabilities/webhooks',
      '/redirect_uris/0/a~1b',
    ]);
  });

  it('may not hold a reference to a secret: nobody would resolve it', () => {
    const reference = { header_name: 'X-Key', header_value: { env: 'GANGWAY_SECRET_KEY' } };
    const manifest = withHooks({ [CONVERSATION_CHANGE]: webhook({ headers: [reference] }) });
    expect(validateManifest(JSON.stringify(manifest)).errors).toEqual([
      {
        pointer: `${HOOKS}/${CONVERSATION_CHANGE}/headers/0/header_value`,
        message: expect.stringContaining('given as an object') as string,
      },
    ]);
  });
});

describe('an object', () => {
  it('that is nested beyond any sense is refused without following it down', () => {
    let deep: JsonObject = {};
    for (let level = 0; level < 100_000; level++) deep = { a: deep };
    expect(validateManifest({ client_name: 'a', capabilities: deep })).toEqual({
      ok: false,
      text: '',
      warnings: [],
      errors: [{ pointer: '', message: 'is nested deeper than 64 levels' }],
    });
  });
});
