import { isAlias, isCollection, isMap, isScalar, isSeq, type Document, type LineCounter, type Node } from 'yaml';

import type { JsonObject, JsonValue } from '#libs/contracts/json.js';

/** Something in a YAML document that JSON cannot hold as it was meant. `message` begins with the line. */
export class YamlFault extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'YamlFault';
  }
}

export interface ToJsonOptions {
  readonly lines: LineCounter;
  /** The most bytes that the JSON may have, with everything that aliases repeat. */
  readonly maxBytes: number;
}

interface Converted {
  value: JsonValue;
  /** About as many as its JSON has; what an alias repeats counts each time. */
  bytes: number;
}

/**
 * Turns a parsed document into the JSON that it stands for, in time that grows with its length. An alias may be used as often as one
 * likes: only what it makes counts.
 * @throws {YamlFault} for an alias without an anchor or within itself, for aliases that multiply, for a key that is there twice or
 * is none, for a tag, and for a number that JSON would change.
 */
export function toJson(document: Document.Parsed, { lines, maxBytes }: ToJsonOptions): JsonValue {
  const anchors = new Map<string, Converted | 'open'>();

  function convert(node: Node | null): Converted {
    if (node === null) return { value: null, bytes: 4 };
    if (isAlias(node)) return follow(node.source, node);
    const anchor = isScalar(node) || isCollection(node) ? node.anchor : undefined;
    if (anchor !== undefined) anchors.set(anchor, 'open');
    const converted = within(isMap(node) ? mapping(node) : isSeq(node) ? sequence(node) : scalar(node), node);
    if (anchor !== undefined) anchors.set(anchor, converted);
    return converted;
  }

  function follow(name: string, node: Node): Converted {
    const found = anchors.get(name);
    if (found === undefined) throw fault(node, `*${name} refers to an anchor &${name}, and there is none before it`);
    if (found === 'open') throw fault(node, `*${name} refers to what it is a part of`);
    return found;
  }

  function mapping(node: Node): Converted {
    const first = new Map<string, Node>();
    const entries: [string, JsonValue][] = [];
    let bytes = 2;
    for (const { key, value } of isMap<Node, Node | null>(node) ? node.items : []) {
      const name = keyOf(key, node);
      const before = first.get(name);
      if (before !== undefined) {
        throw fault(key, `the key ${JSON.stringify(name)} is there already, in line ${lineOf(before)}`);
      }
      first.set(name, key);
      const converted = convert(value);
      bytes += name.length + 4 + converted.bytes;
      entries.push([name, converted.value]);
    }
    return { value: Object.fromEntries(entries) satisfies JsonObject, bytes };
  }

  function sequence(node: Node): Converted {
    const items = (isSeq<Node | null>(node) ? node.items : []).map((item) => convert(item));
    return {
      value: items.map(({ value }) => value),
      bytes: items.reduce((sum, { bytes }) => sum + bytes + 1, 2),
    };
  }

  function scalar(node: Node): Converted {
    const value: unknown = isScalar(node) ? node.value : undefined;
    if (
      typeof value === 'number' &&
      !(Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)))
    ) {
      const source = (isScalar(node) && node.source) || String(value);
      throw fault(node, `${source} is a number that JSON cannot hold: put it in quotes if it is meant as text`);
    }
    if (typeof value === 'string') return { value, bytes: Buffer.byteLength(value) + 2 };
    if (value === null || typeof value === 'number' || typeof value === 'boolean')
      return { value, bytes: String(value).length };
    throw fault(node, 'is nothing that JSON can hold');
  }

  function keyOf(key: Node | null, map: Node): string {
    const value = key === null ? null : convert(key).value;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') {
      return (isScalar(key) && key.source) || String(value);
    }
    throw fault(key ?? map, 'a key must be text');
  }

  function within(converted: Converted, node: Node): Converted {
    if (converted.bytes <= maxBytes) return converted;
    throw fault(node, `what begins here has more than ${maxBytes / 1_000_000} MB, with all that its aliases repeat`);
  }

  function lineOf(node: Node): number {
    return lines.linePos(node.range?.[0] ?? 0).line;
  }

  function fault(node: Node, message: string): YamlFault {
    return new YamlFault(`line ${lineOf(node)}: ${message}`);
  }

  return convert(document.contents).value;
}
