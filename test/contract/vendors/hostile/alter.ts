import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';

/** In every field of a name. */
export function alterEvery(json: JsonValue, name: string, put: JsonValue): JsonValue {
  const text = JSON.stringify(json, (field, each: JsonValue) => (field === name ? put : each));
  return JSON.parse(text) as JsonValue;
}

/** In the objects with a marker or a name of the test's account. */
export function alterOwn(json: JsonValue, name: string, put: JsonValue): JsonValue {
  const text = JSON.stringify(json, (_field, each: JsonValue) => {
    if (!isJsonObject(each) || !(name in each)) return each;
    const own = Object.values(each).some((field) => typeof field === 'string' && /gw:|acme/.test(field));
    return own || Object.keys(each).length === 1 ? { ...each, [name]: put } : each;
  });
  return JSON.parse(text) as JsonValue;
}

/** At one place, which a number decides. */
export function alterOne(json: JsonValue, at: number, put: JsonValue, how: string): JsonValue {
  const places: { holder: JsonObject | JsonValue[]; name: string | number }[] = [];
  const walk = (node: JsonValue): void => {
    if (typeof node !== 'object' || node === null) return;
    const names = Array.isArray(node) ? node.map((_, i) => i) : Object.keys(node);
    for (const name of names) {
      places.push({ holder: node, name });
      walk((node as Record<string | number, JsonValue>)[name] ?? null);
    }
  };
  const copy = structuredClone(json);
  walk(copy);
  const place = places[at % Math.max(places.length, 1)];
  if (!place) return put;
  const { holder, name } = place;
  const target = holder as Record<string | number, JsonValue>;
  if (how === 'drop') {
    if (Array.isArray(holder)) holder.splice(Number(name), 1);
    else Reflect.deleteProperty(holder, name);
  } else if (how === 'repeat' && Array.isArray(holder)) {
    holder.push(...holder, ...holder);
  } else {
    target[name] = put;
  }
  return copy;
}
