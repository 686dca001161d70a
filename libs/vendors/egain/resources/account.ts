import { textOf } from '../../common/index.js';
import { ACCOUNT } from '../kinds.js';
import { sameId } from '../read.js';
import { idIn } from '../references.js';
import { defineEgainResource } from '../resource.js';

const CHAT = [
  ...['timeout', 'defaultLanguage', 'onAgentUnavailability', 'orchestration.id', 'entryPoint.id'],
  ...['allowLogoutWithOpenChats', 'allowQueueTransferOnAgentUnavailability'],
];

/**
 * The conversation account that binds an address to channel and orchestration (`docs/vendors/egain.md` §7.6). eGain may take a
 * second active account with the same channel and address, though messages could then not be told apart: it is refused here (§4).
 */
export const account = defineEgainResource({
  kind: ACCOUNT,
  uniqueKey: true,
  carriesOver: true,
  fields: [
    'name',
    'address',
    'channel.id',
    'caseManagement.sameCaseDuration',
    'caseManagement.copyCustomAttributes',
    ...CHAT.map((name) => `chatConfigurations.${name}`),
    'attributes[].name',
  ],
  neededSecrets: ['attributes[].value'],
  sets: { attributes: 'name' },
  units: ['channel', 'chatConfigurations', 'chatConfigurations.orchestration', 'chatConfigurations.entryPoint'],
  clash: (body, seen) => {
    const channelId = idIn(body['channel']);
    if (channelId === undefined || !sameId(idIn(seen.body['channel']), channelId)) return undefined;
    if (seen.body['active'] === false || seen.body['address'] !== body['address']) return undefined;
    return `account ${textOf(seen.body['name'])} (id ${seen.id}) has the same address on the same channel, so messages could not be told apart; use another address, or remove that account`;
  },
});
