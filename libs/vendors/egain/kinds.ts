import type { SECRET_PATHS } from './secret-paths.js';

/** One of the six kinds of eGain objects: where it lives and how it is named (`docs/vendors/egain.md` §2, §4 and §6). */
export interface EgainKind {
  /** Also the key of the list's envelope. */
  name: keyof typeof SECRET_PATHS;
  /** Path below the base of the API. */
  path: string;
  /** The field that is the natural key. */
  keyField: 'name' | 'type';
}

export const AUTHENTICATION: EgainKind = { name: 'authentication', path: '/authentications', keyField: 'name' };
export const CLIENT_APPLICATION: EgainKind = {
  name: 'clientApplication',
  path: '/clientapplications',
  keyField: 'name',
};
export const PARTICIPANT: EgainKind = { name: 'participant', path: '/participants', keyField: 'name' };
export const CHANNEL: EgainKind = { name: 'channel', path: '/channels', keyField: 'type' };
export const ORCHESTRATION: EgainKind = { name: 'orchestration', path: '/orchestrations', keyField: 'name' };
export const ACCOUNT: EgainKind = { name: 'account', path: '/accounts', keyField: 'name' };

/** All of them. */
export const KINDS: readonly EgainKind[] = [
  AUTHENTICATION,
  CLIENT_APPLICATION,
  PARTICIPANT,
  CHANNEL,
  ORCHESTRATION,
  ACCOUNT,
];
