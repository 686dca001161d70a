import { CLIENT_APPLICATION } from '../kinds.js';
import { defineEgainResource } from '../resource.js';

/** Callbacks of one side of a conversation, by role (`vendors/egain.md` section 7.2). Names of roles are unique within the array. */
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
});
