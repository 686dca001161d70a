import { CLIENT_APPLICATION } from '../kinds.js';
import { defineEgainResource } from '../resource.js';
import { credentialsForCallbacks, hasHeaders, lostCredentials, unshownCredentials } from '../role-credentials.js';

/** Callbacks of one side of a conversation, by role (`docs/vendors/egain.md` §7.2). Names of roles are unique within the array. */
export const clientApplication = defineEgainResource({
  kind: CLIENT_APPLICATION,
  uniqueKey: true,
  fields: [
    'name',
    ...['name', 'version', 'callback', 'notificationEmail', 'headers[].name', 'authentication.id'].map(
      (name) => `roles[].${name}`,
    ),
  ],
  neededSecrets: ['roles[].headers[].value'],
  sets: { roles: 'name', 'roles[].headers': 'name' },
  units: ['roles[].authentication'],
  beforePut: credentialsForCallbacks,
  takeover: { holds: hasHeaders, refuse: unshownCredentials, loses: lostCredentials },
});
