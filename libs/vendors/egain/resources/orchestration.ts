import { ORCHESTRATION } from '../kinds.js';
import { defineEgainResource } from '../resource.js';

const APPLICATIONS = 'applications';

/**
 * Which applications take part in a conversation (`vendors/egain.md` section 7.5). Its name is not documented as unique, so only
 * the marker tells ours (section 4). No page gives the order of bots and agents a meaning.
 */
export const orchestration = defineEgainResource({
  kind: ORCHESTRATION,
  uniqueKey: false,
  fields: [
    'name',
    `${APPLICATIONS}.customerConfiguration.customer.id`,
    ...[
      'forwardTranscript',
      'bypassVaDuration',
      'bots[].id',
      'bots[].participant.id',
      'bots[].onEscalation.agent.id',
    ].map((name) => `${APPLICATIONS}.botConfiguration.${name}`),
    `${APPLICATIONS}.agentConfiguration.agents[].id`,
  ],
  sets: { 'applications.botConfiguration.bots': 'id', 'applications.agentConfiguration.agents': 'id' },
  units: [
    ...['customerConfiguration', 'botConfiguration', 'agentConfiguration'].map((name) => `${APPLICATIONS}.${name}`),
    `${APPLICATIONS}.botConfiguration.bots[].onEscalation`,
  ],
});
