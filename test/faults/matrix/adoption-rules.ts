import type { Vendor } from '#libs/contracts/index.js';
import { TAKES_EFFECT, type Rule } from './rule.js';

const VENDORS: readonly Vendor[] = ['egain', 'sinch'];
/** The one object that is changed without a read before it, and whose list of a holder that is not there is empty. */
const WEBHOOK = { vendor: 'sinch', resource: 'webhook' } as const;

/** Of a person's objects that a job takes over and puts back. They come after the common rules for what passes. */
export const ADOPTION_RULES: readonly Rule[] = [
  {
    when: { ...WEBHOOK, direction: 'forward', operations: ['list'], standing: ['adopted'], statuses: [404] },
    end: 'rolled-back',
    reason:
      'The list under a holder that is not there is empty, so a create is tried; the vendor refuses it as a duplicate, and what was taken over by then is put back.',
  },
  ...ofEach({
    when: { direction: 'forward', operations: ['get'] },
    end: 'rolled-back',
    reason: 'What cannot be read is not changed; the list proves that it is as it was.',
  }),
  ...ofEach({
    when: { direction: 'back', operations: ['update'], kinds: TAKES_EFFECT },
    end: 'rolled-back',
    reason: 'The former state is back; whoever reads again finds nothing more to change.',
  }),
  {
    when: { ...WEBHOOK, direction: 'back', operations: ['get'], standing: ['adopted'], asksToWait: true },
    end: 'rollback-incomplete',
    reason: 'The vendor asks to wait beyond the moment of giving up, so the proof fails at once.',
  },
  ...[{ statuses: [404] }, { kinds: ['unreachable', 'unavailable', 'busy', 'unanswered', 'unreadable'] as const }].map(
    (said): Rule => ({
      when: { ...WEBHOOK, direction: 'back', operations: ['get'], standing: ['adopted'], ...said },
      end: 'rolled-back',
      reason: 'Undo tries again after an unclear read, and the list then proves that the former state is back.',
    }),
  ),
  ...ofEach({
    when: { direction: 'back', operations: ['get'] },
    end: 'rollback-incomplete',
    reason: 'What cannot be read is not put back, or not proved to be.',
  }),
];

/** A rule for what was taken over at either vendor. */
function ofEach(rule: Rule): Rule[] {
  return VENDORS.map((vendor) => ({ ...rule, when: { vendor, standing: ['adopted'], ...rule.when } }));
}
