import { textOf } from '../../common/index.js';
import { PARTICIPANT } from '../kinds.js';
import { defineEgainResource } from '../resource.js';

/**
 * A bot (`vendors/egain.md` section 7.3). Those of type `egain_bot` appear by themselves when a bot is made in eGain's VA
 * application: they are never created here. One that stands is taken over by its name where the specification lists the node under
 * `adopt`, and left standing by undo and offboarding.
 */
export const participant = defineEgainResource({
  kind: PARTICIPANT,
  uniqueKey: true,
  fields: [
    'name',
    'type',
    'application.id',
    'intents.intent[].value',
    'intents.intent[].displayValue',
    'options[].name',
    'options[].value',
  ],
  sets: { 'intents.intent': 'value', options: 'name' },
  units: ['application', 'intents'],
  refuseCreate: (body) =>
    body['type'] === 'egain_bot'
      ? `eGain makes the participant of an eGain bot itself, and none is named ${textOf(body['name'])}. Make the bot in eGain's VA application, ` +
        'give the name of its participant as bot.participant.name, and list egain.bot.participant under adopt.'
      : undefined,
});
