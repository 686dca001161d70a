import type { JsonObject } from '#libs/contracts/index.js';

/** One node of a plan, or one step of it, as the API answers them. */
export interface Told extends JsonObject {
  key: string;
  resource: string;
  action: string | null;
  reason: string;
  externalId: string | null;
  changes: { path: string; expected: string | number | null; seen: string | number | null }[];
}

const WRITES: Readonly<Record<string, string>> = {
  create: 'create',
  adopt: 'update',
  update: 'update',
  remove: 'delete',
  restore: 'update',
};

/** The parts of an answer that has some. */
export function told(body: JsonObject, member: 'nodes' | 'removals' | 'steps'): Told[] {
  return (body[member] ?? []) as Told[];
}

/** The writes at vendors that an answer says will be made: `update account`. */
export function writesTold(...parts: readonly Told[][]): string[] {
  return parts.flat().flatMap(({ action, resource }) => {
    const verb = WRITES[action ?? ''];
    return verb === undefined ? [] : [`${verb} ${resource}`];
  });
}

/** What an answer says of each node: `egain.account.custom.acme` -> `update`. */
export function actionsTold(parts: readonly Told[]): Record<string, string | null> {
  return Object.fromEntries(parts.map(({ key, action }) => [key, action]));
}
