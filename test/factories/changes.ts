import fc from 'fast-check';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { CANARY } from '#libs/schemas/arbitraries.fixture.js';
import { edited } from './edit.js';

/** Values that are put where others belong: of every type, too deep, too long, with what must not be told. */
const wrongValue: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>,
  fc.constantFrom<JsonValue>(
    null,
    true,
    0,
    -1,
    1.5,
    '',
    ' ',
    [],
    {},
    [[]],
    `${CANARY} `,
    `sealed:${CANARY}`,
    '[secret]',
  ),
  fc.constantFrom<JsonValue>({ env: CANARY }, { file: CANARY }, { env: CANARY, file: CANARY }, [CANARY], {
    [CANARY]: CANARY,
  }),
  fc.constant(JSON.parse(`${'['.repeat(70)}${']'.repeat(70)}`) as JsonValue),
  fc.integer({ min: 0, max: 1_200 }).map((count) => Array.from({ length: count }, () => CANARY)),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => `${CANARY}${text}`),
);

/** Names that need care in pointers and in objects. */
const oddName = fc.constantFrom('', '/', '~', '~1', '__proto__', 'constructor', 'a b', '0', '-', 'ü', 'a\nb', '\ud800');

/** A change of a JSON document at a place that a number decides. */
export interface Change {
  where: number;
  kind: 'replace' | 'remove' | 'double' | 'add';
  name: string;
  value: JsonValue;
}

/** Changes as a careless or a hostile caller makes them. */
export const change: fc.Arbitrary<Change> = fc.record({
  where: fc.nat(),
  kind: fc.constantFrom('replace', 'replace', 'remove', 'double', 'add'),
  name: oddName,
  value: wrongValue,
});

function places(value: JsonValue, pointer = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [at, ...places(item, at)];
  });
}

/** A copy of a document after one change. */
export function changed(document: JsonObject, { where, kind, name, value }: Change): JsonObject {
  const all = places(document);
  const at = all[where % all.length] ?? '/tenant';
  const parent = at.slice(0, at.lastIndexOf('/'));
  switch (kind) {
    case 'replace':
      return edited(document, at, value);
    case 'remove':
      return edited(document, at, undefined);
    case 'double': {
      const list = valueAt(document, parent);
      return Array.isArray(list) ? edited(document, `${parent}/-`, valueAt(document, at) ?? null) : document;
    }
    case 'add': {
      const holder = isJsonObject(valueAt(document, at)) ? at : '';
      return edited(document, `${holder}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, value);
    }
  }
}

function tokensOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What stands at a pointer; a manifest that is given as text is looked into. Undefined where there is nothing. */
export function valueAt(document: JsonValue, pointer: string): JsonValue | undefined {
  let at: JsonValue | undefined = document;
  for (const token of tokensOf(pointer)) {
    const holder: JsonValue | undefined = typeof at === 'string' ? readJson(at) : at;
    if (typeof holder !== 'object' || holder === null) return undefined;
    at = Object.getOwnPropertyDescriptor(holder, token)?.value as JsonValue | undefined;
  }
  return at;
}

function readJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
