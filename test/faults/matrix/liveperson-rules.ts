import type { Rule } from './rule.js';
import { PASSING, TAKES_EFFECT } from './rule.js';

const vendor = 'liveperson';
/** What the host look-up answers; a 401 among them has no token to renew. */
const DOMAIN = { vendor, resource: 'domain' } as const;
/** Tokens of the app itself, by which it is verified, and refused once it is deleted. */
const SENTINEL = { vendor, resource: 'token' } as const;
const APP = { vendor, resource: 'app' } as const;

/** Where LivePerson is otherwise than the other vendors. They come before the common ones. */
export const LIVEPERSON_RULES: readonly Rule[] = [
  {
    when: { ...SENTINEL, byPerson: true, kinds: ['refusal'], persistences: ['once'] },
    end: 'well',
    writesNothing: true,
    reason:
      "One version of the token endpoint that refuses says nothing of a person's answer: the other one is asked too.",
  },
  {
    when: {
      vendor,
      byPerson: true,
      kinds: ['unreachable', 'unavailable', 'busy', 'unanswered', 'unreadable'],
      persistences: PASSING,
    },
    end: 'well',
    writesNothing: true,
    reason: "A fault that passes while a person's answer is checked is outlived; the person is not asked again.",
  },
  {
    when: { vendor, byPerson: true },
    end: 'waiting',
    writesNothing: true,
    reason: 'An answer that is refused, or cannot be judged, is no end: the person is told so and asked again.',
  },
  {
    when: { ...DOMAIN, direction: 'forward', statuses: [401] },
    end: 'rolled-back',
    writesNothing: true,
    reason: 'The look-up of the hosts takes no token: a 401 says that there is no such account.',
  },
  {
    when: { ...DOMAIN, direction: 'back', statuses: [401, 404] },
    end: 'rollback-incomplete',
    reason: 'Without hosts nothing can be removed, and a refused look-up is not tried again by itself.',
  },
  {
    when: { ...SENTINEL, kinds: ['refusal'], persistences: ['once'] },
    end: 'well',
    reason: 'One version of the token endpoint that refuses says nothing: the other one is asked too.',
  },
  {
    when: { ...SENTINEL, kinds: ['refusal'] },
    end: 'rolled-back',
    reason:
      'An app whose credentials are refused beyond the window fails the job; of a deleted one it is what is wanted.',
  },
  {
    when: { ...SENTINEL, kinds: ['unreadable'], persistences: ['for good'] },
    end: 'rolled-back',
    reason:
      'A token that cannot be read verifies nothing, so the job fails; that a deleted app is refused one is said by the status alone.',
  },
  {
    when: { ...SENTINEL, standing: ['nothing'], persistences: ['for good'] },
    end: 'rollback-incomplete',
    reason:
      'An app that cannot be verified fails the job; and that its credentials are refused after its delete is proved by asking, for which what the step recorded is used.',
  },
  {
    when: { ...SENTINEL, persistences: ['for good'] },
    end: 'rolled-back',
    reason:
      'An app taken over that cannot be verified fails the job; it stays, so nothing is asked of its credentials.',
  },
  {
    when: { ...APP, kinds: ['raced'], persistences: PASSING },
    end: 'well',
    reason: 'The revision moved on between read and write: read and decided again, up to five times.',
  },
  {
    when: { ...APP, operations: ['list', 'get', 'update', 'delete'], statuses: [409], persistences: ['once'] },
    end: 'well',
    reason: 'A 409 is a revision conflict on whatever is not a create: tried again.',
  },
  {
    when: { ...APP, direction: 'forward', operations: ['list'], statuses: [403, 404] },
    end: 'held',
    writesNothing: true,
    reason: 'The account has no install API, or not for this user; a person could install: an operator decides.',
  },
  {
    when: { ...APP, direction: 'forward', statuses: [403] },
    end: 'held',
    reason: 'The user may not install; a person could: an operator decides.',
  },
  {
    when: { ...APP, direction: 'forward', operations: ['create'], statuses: [404] },
    end: 'held',
    reason: 'The account has no install API; a person could install: an operator decides.',
  },
  {
    when: { ...APP, direction: 'forward', operations: ['get'], persistences: ['for good'] },
    end: 'rolled-back',
    reason:
      'What cannot be read is not changed, since each write needs the revision; the list proves that it is as it was.',
  },
  {
    when: { ...APP, direction: 'back', operations: ['get'], persistences: ['for good'] },
    end: 'rollback-incomplete',
    reason: 'Each write needs the revision of a read, and an app that the list has is not gone whatever its read says.',
  },
  {
    when: { ...APP, direction: 'back', operations: ['list'], statuses: [404] },
    end: 'rollback-incomplete',
    reason: "No list of the account's apps at all: nothing is proved.",
  },
  {
    when: { ...APP, direction: 'back', operations: ['update'], kinds: TAKES_EFFECT },
    end: 'rolled-back',
    reason: 'The former state is back; whoever reads again finds nothing more to change.',
  },
];
