import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { selectPaths } from '#libs/planning/index.js';
import type { Referrer, ReadOptions } from '#libs/resources/contract.js';
import type { EgainClient } from './client.js';
import {
  ACCOUNT,
  AUTHENTICATION,
  CHANNEL,
  CLIENT_APPLICATION,
  ORCHESTRATION,
  PARTICIPANT,
  type EgainKind,
} from './kinds.js';
import { listAll } from './list.js';

interface Reference {
  from: EgainKind;
  /** Where `from` holds ids of the kind. */
  paths: readonly string[];
}

/** Who holds whose id (`docs/vendors/egain.md` §5, reference graph). */
const REFERENCES: Readonly<Record<string, readonly Reference[]>> = {
  [AUTHENTICATION.name]: [{ from: CLIENT_APPLICATION, paths: ['roles[].authentication.id'] }],
  [CLIENT_APPLICATION.name]: [
    { from: PARTICIPANT, paths: ['application.id'] },
    {
      from: ORCHESTRATION,
      paths: [
        'applications.customerConfiguration.customer.id',
        'applications.botConfiguration.bots[].id',
        'applications.botConfiguration.bots[].onEscalation.agent.id',
        'applications.agentConfiguration.agents[].id',
      ],
    },
  ],
  [PARTICIPANT.name]: [{ from: ORCHESTRATION, paths: ['applications.botConfiguration.bots[].participant.id'] }],
  [CHANNEL.name]: [{ from: ACCOUNT, paths: ['channel.id'] }],
  [ORCHESTRATION.name]: [{ from: ACCOUNT, paths: ['chatConfigurations.orchestration.id'] }],
};

/** Whether anything can refer to objects of a kind. */
export function canBeReferredTo(kind: EgainKind): boolean {
  return REFERENCES[kind.name] !== undefined;
}

/** What refers to an object, by listing the kinds that can. */
export async function referrersOf(
  client: EgainClient,
  kind: EgainKind,
  id: string,
  options: ReadOptions,
): Promise<Referrer[]> {
  const found: Referrer[] = [];
  for (const { from, paths } of REFERENCES[kind.name] ?? []) {
    for (const object of await listAll(client, from, options)) {
      if (holds(object.fields, paths, id)) {
        found.push({ resource: from.name, externalId: object.id, name: object.key });
      }
    }
  }
  return found;
}

function holds(fields: JsonObject, paths: readonly string[], id: string): boolean {
  return paths.some((path) => selectPaths(fields, path).some(({ value }) => sameId(value, id)));
}

/** Ids are UUIDs, which are the same in both cases. */
export function sameId(value: JsonValue | undefined, id: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === id.toLowerCase();
}

/** The id in an object like `{ "id": "..." }`; undefined for anything else, such as a reference that is still open. */
export function idIn(value: JsonValue | undefined): string | undefined {
  return isJsonObject(value) && typeof value['id'] === 'string' ? value['id'] : undefined;
}
