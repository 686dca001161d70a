import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { JsonValue } from '#libs/contracts/index.js';
import { alterEvery, alterOne, alterOwn } from './alter.js';

/** An answer as it goes out. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** Sent so far, then nothing more comes, or the connection breaks. */
  stops?: 'hangs' | 'breaks';
}

/** What a hostile vendor makes of a good answer of its own. */
export interface Attack {
  /** For the one who reads a failed run. */
  name: string;
  apply(good: RawAnswer): RawAnswer;
}

const STATUSES = [
  200, 201, 204, 206, 301, 302, 307, 308, 400, 401, 403, 404, 405, 409, 410, 412, 418, 429, 451, 500, 503,
];

/** Values that somebody might trust: steps up, breaks of lines, escapes, marks of direction, huge and odd ones. */
const VALUES: readonly JsonValue[] = [
  ...[
    '',
    ' ',
    '.',
    '..',
    '../../other',
    'a/b',
    '/absolute',
    'a?b=c#d',
    '%2e%2e%2f',
    '%00',
    '%E0%A4%A',
    'https://evil.example/',
  ],
  ...[
    'a\r\nX-Evil: 1',
    'a\nb',
    '\u001b[31mred',
    '\u0000',
    '\u202Eevil',
    '\u200B',
    '\ud83d',
    '__proto__',
    'constructor',
    'gw:x:y.z:n',
  ],
  ...[
    'x'.repeat(70_000),
    'ﷺ'.repeat(1_000),
    '<script>alert(1)</script>',
    '{"$ref":"egain.channel.id"}',
    '[gw:test1:acme.support:egain.x]',
  ],
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    -1e-308,
    2 ** 60,
    [],
    {},
    [[]],
    [null],
    ['..'],
    { id: '..' },
    { $ref: 'x.id' },
  ],
];

const value: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.jsonValue() as fc.Arbitrary<JsonValue> },
);

/** Fields that the engine goes by. */
const GONE_BY = [
  ...[
    'id',
    'client_id',
    'app_id',
    'name',
    'client_name',
    'display_name',
    'type',
    'target',
    'description',
    'created',
    'modified',
  ],
  ...[
    'count',
    'paginationInfo',
    'apps',
    'webhooks',
    'state',
    'status',
    'code',
    'error',
    'deleted',
    'access_token',
    'expires_in',
  ],
  ...['bearer', 'baseURI', 'service', 'client_secret', 'channel_credentials', 'capabilities'],
];

/** Puts a value in place of one that stands somewhere in the good answer, or of each field of a name; which, a number decides. */
const altered = fc
  .tuple(
    fc.nat(10_000),
    value,
    fc.constantFrom('every', 'every', 'replace', 'drop', 'repeat'),
    fc.constantFrom(...GONE_BY),
  )
  .map(([at, put, how, name]): Attack => ({
    name: `${how} ${how === 'every' ? name : String(at)} ${JSON.stringify(put).slice(0, 60)}`,
    apply: (good) => {
      const json = parsed(good.body);
      if (json === undefined) return good;
      return { ...good, body: bytes(how === 'every' ? alterEvery(json, name, put) : alterOne(json, at, put, how)) };
    },
  }));

/** Ids that lead elsewhere, in the objects that the engine takes for its own. */
const misled = fc
  .tuple(
    fc.constantFrom('id', 'client_id', 'app_id'),
    fc.constantFrom(
      ...[
        '..',
        '.',
        '../../admin',
        'a/b',
        '%2e%2e',
        'a\r\nb',
        '..;/',
        '\\..\\x',
        '?x=1',
        '#x',
        'x'.repeat(5_000),
        '\u202Eid',
      ],
    ),
  )
  .map(([name, id]): Attack => ({
    name: `our ${name} ${JSON.stringify(id).slice(0, 60)}`,
    apply: (good) => {
      const json = parsed(good.body);
      return json === undefined ? good : { ...good, body: bytes(alterOwn(json, name, id)) };
    },
  }));

/** Another body altogether, under the same status or another one. */
const replaced = fc
  .tuple(fc.option(fc.constantFrom(...STATUSES), { nil: undefined }), fc.oneof(value, fc.constant(undefined)))
  .map(([status, body]): Attack => ({
    name: `answer ${String(status)} ${(JSON.stringify(body) as string | undefined)?.slice(0, 60) ?? 'nothing'}`,
    apply: (good) => ({
      ...good,
      status: status ?? good.status,
      body: body === undefined ? Buffer.alloc(0) : bytes(body),
    }),
  }));

const PAGE = '<!DOCTYPE html><title>Denied</title><script>x</script>\u0000\u001b[31m<p>Reference 1';

const shaped = fc.constantFrom<Attack>(
  {
    name: 'nested without end',
    apply: (good) => ({ ...good, body: Buffer.from('['.repeat(500_000) + ']'.repeat(500_000)) }),
  },
  {
    name: 'nested in an object',
    apply: (good) => ({ ...good, body: Buffer.from(`{"id":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`) }),
  },
  {
    name: 'longer than is taken',
    apply: (good) => ({ ...good, body: Buffer.from(`{"id":"${'x'.repeat(5_000_000)}"}`) }),
  },
  {
    name: 'a bomb',
    apply: (good) => ({
      ...good,
      headers: { ...good.headers, 'content-encoding': 'gzip' },
      body: gzipSync(Buffer.alloc(80_000_000, ' ')),
    }),
  },
  { name: 'no gzip', apply: (good) => ({ ...good, headers: { ...good.headers, 'content-encoding': 'gzip' } }) },
  {
    name: 'an unknown coding',
    apply: (good) => ({ ...good, headers: { ...good.headers, 'content-encoding': 'x\tevil' } }),
  },
  {
    name: 'an unknown character set',
    apply: (good) => ({ ...good, headers: { ...good.headers, 'content-type': 'application/json; charset=evil' } }),
  },
  {
    name: 'no UTF-8',
    apply: (good) => ({ ...good, body: Buffer.concat([good.body, Buffer.from([0xff, 0xfe, 0xc0])]) }),
  },
  { name: 'a mark', apply: (good) => ({ ...good, body: Buffer.concat([Buffer.from('\ufeff'), good.body]) }) },
  { name: 'a page under success', apply: (good) => ({ ...good, body: Buffer.from(PAGE) }) },
  { name: 'a page under 403', apply: (good) => ({ ...good, status: 403, body: Buffer.from(PAGE) }) },
  { name: 'a page under 404', apply: (good) => ({ ...good, status: 404, body: Buffer.from(PAGE) }) },
  { name: 'half of it', apply: (good) => ({ ...good, body: good.body.subarray(0, good.body.length >> 1) }) },
  { name: 'slow', apply: (good) => ({ ...good, body: good.body.subarray(0, good.body.length >> 1), stops: 'hangs' }) },
  {
    name: 'broken off',
    apply: (good) => ({ ...good, body: good.body.subarray(0, good.body.length >> 1), stops: 'breaks' }),
  },
  {
    name: 'a prototype',
    apply: (good) => ({
      ...good,
      body: Buffer.from(good.body.toString().replace(/^\s*\{/, '{"__proto__":{"id":"..","error":1},')),
    }),
  },
);

/** Headers that are used: where something is, how long to wait, which revision. `trap` is where a redirect would lead. */
function headed(trap: string): fc.Arbitrary<Attack> {
  const headers = fc.dictionary(
    fc.constantFrom('location', 'retry-after', 'x-ratelimit-reset', 'date', 'ac-revision', 'etag', 'content-type'),
    fc.oneof(
      fc.constantFrom(
        trap,
        '//evil.example/x',
        '../../../admin',
        '..',
        '',
        '0',
        '-1',
        '9'.repeat(300),
        'é\u00ff',
        'a, b',
        'text/html',
      ),
      fc.string({ maxLength: 40 }).map((text) => text.replace(/[^\x20-\x7e]/g, '?')),
    ),
    { minKeys: 1 },
  );
  return fc.tuple(headers, fc.option(fc.constantFrom(...STATUSES), { nil: undefined })).map(([changed, status]) => ({
    name: `headers ${String(status)} ${JSON.stringify(changed).slice(0, 120)}`,
    apply: (good) => ({ ...good, status: status ?? good.status, headers: { ...good.headers, ...changed } }),
  }));
}

/** Every attack. */
export function attacks(trap: string): fc.Arbitrary<Attack> {
  return fc.oneof(
    { weight: 5, arbitrary: altered },
    { weight: 4, arbitrary: misled },
    { weight: 3, arbitrary: replaced },
    { weight: 3, arbitrary: shaped },
    { weight: 2, arbitrary: headed(trap) },
  );
}

function parsed(body: Buffer): JsonValue | undefined {
  try {
    return JSON.parse(body.toString()) as JsonValue;
  } catch {
    return undefined;
  }
}

function bytes(body: JsonValue): Buffer {
  return Buffer.from(JSON.stringify(body));
}
