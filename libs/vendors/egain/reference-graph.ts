import type { JsonObject } from '#libs/contracts/index.js';
import { selectPaths } from '#libs/planning/index.js';
import {
  ACCOUNT,
  AUTHENTICATION,
  CHANNEL,
  CLIENT_APPLICATION,
  ORCHESTRATION,
  PARTICIPANT,
  type EgainKind,
} from './kinds.js';

/** A kind that holds ids of another one, and where. */
interface Reference {
  from: EgainKind;
  to: EgainKind;
  paths: readonly string[];
}

/** Who holds whose id (`docs/vendors/egain.md` §5, reference graph). */
const REFERENCES: readonly Reference[] = [
  { from: CLIENT_APPLICATION, to: AUTHENTICATION, paths: ['roles[].authentication.id'] },
  { from: PARTICIPANT, to: CLIENT_APPLICATION, paths: ['application.id'] },
  {
    from: ORCHESTRATION,
    to: CLIENT_APPLICATION,
    paths: [
      'applications.customerConfiguration.customer.id',
      'applications.botConfiguration.bots[].id',
      'applications.botConfiguration.bots[].onEscalation.agent.id',
      'applications.agentConfiguration.agents[].id',
    ],
  },
  { from: ORCHESTRATION, to: PARTICIPANT, paths: ['applications.botConfiguration.bots[].participant.id'] },
  { from: ACCOUNT, to: CHANNEL, paths: ['channel.id'] },
  { from: ACCOUNT, to: ORCHESTRATION, paths: ['chatConfigurations.orchestration.id'] },
];

/** The kinds whose objects can refer to objects of a kind. */
export function referringKinds(kind: EgainKind): EgainKind[] {
  return REFERENCES.filter(({ to }) => to === kind).map(({ from }) => from);
}

/** What an object of a kind refers to, each once, as `refTo` writes it. */
export function refsIn(kind: EgainKind, fields: JsonObject): string[] {
  const refs = REFERENCES.filter(({ from }) => from === kind).flatMap(({ to, paths }) =>
    paths.flatMap((path) =>
      selectPaths(fields, path).flatMap(({ value }) => (typeof value === 'string' ? [refTo(to, value)] : [])),
    ),
  );
  return [...new Set(refs)];
}

/** A reference as it is listed and compared. Ids are UUIDs, which are the same in both cases. */
export function refTo(kind: EgainKind, id: string): string {
  return `${kind.name}/${id.toLowerCase()}`;
}
