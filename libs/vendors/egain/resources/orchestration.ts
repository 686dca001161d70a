import { ORCHESTRATION } from '../kinds.js';
import { defineEgainResource } from '../resource.js';

/**
 * Which applications take part in a conversation (`docs/vendors/egain.md` §7.5). Its name is not documented as unique, so only
 * the marker shows which is ours (§4). No page gives the order of bots and agents a meaning.
 */
export const orchestration = defineEgainResource({
  kind: ORCHESTRATION,
  uniqueKey: false,
  sets: { 'applications.botConfiguration.bots': 'id', 'applications.agentConfiguration.agents': 'id' },
});
