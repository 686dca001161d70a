import { accountId, parseAccountId, type AccountRef } from './ids.js';

/** Who made an object at a vendor: which installation, for which account, as which node of its plan. */
export interface Marker {
  installation: string;
  account: AccountRef;
  node: string;
}

const MARKER = /gw:([a-z0-9-]{1,16}):([a-z0-9-]+\.[a-z0-9-]+):([^\s:\]]+)/;

/** `gw:{installation}:{tenant}.{account}:{node}`, with `%` and `:` of the node key percent-encoded (and blanks and `]`, which would end it). */
export function formatMarker(marker: Marker): string {
  return `gw:${marker.installation}:${accountId(marker.account)}:${encodeNode(marker.node)}`;
}

/** The marker in a text of a vendor (a description, the end of a display name); undefined when it holds none. */
export function parseMarker(text: string | null | undefined): Marker | undefined {
  const found = MARKER.exec(text ?? '');
  if (!found) return undefined;
  const [, installation, id, node] = found;
  const account = parseAccountId(id ?? '');
  if (installation === undefined || node === undefined || account === undefined) return undefined;
  const decoded = decodeNode(node);
  return decoded === undefined ? undefined : { installation, account, node: decoded };
}

/**
 * True for a text that a marker begins in, also one that cannot be read: cut off by a vendor, damaged, or of another version. Whose it
 * is cannot be said then, only that some engine made the object.
 */
export function looksMarked(text: string): boolean {
  return /(?:^|[\s[])gw:[a-z0-9-]+:/.test(text);
}

function encodeNode(node: string): string {
  return node.replace(/[%:\s\]]/g, (c) => encodeURIComponent(c));
}

function decodeNode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // a broken escape: somebody else's text that only looks like a marker
  }
}
