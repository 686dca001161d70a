import type { LivepersonConnection } from '#libs/config/connections.js';
import { HttpConnection } from '#libs/http/index.js';
import type { VendorModule } from '#libs/resources/contract.js';
import { LivepersonClient } from './client.js';
import { app } from './resources/app.js';

export { manifestText } from './app-fields.js';
export type { LivepersonClient } from './client.js';
export { checkCredentials, usesClientCredentials, type AppCredentials, type CredentialCheck } from './sentinel.js';

/** LivePerson Conversational Cloud, application installs (`docs/vendors/liveperson.md`). A connection is one account. */
export const livepersonModule: VendorModule<LivepersonClient, LivepersonConnection> = {
  vendor: 'liveperson',
  place: ({ domainApi, accountId }) => `${domainApi} ${accountId}`,
  resources: [app],
  connect: (settings, meter) => {
    const connection = new HttpConnection(settings.limits, meter?.call);
    const client = new LivepersonClient(settings, connection, meter);
    const close = async (): Promise<void> => {
      client.lists.close();
      await connection.close();
    };
    return { client, close };
  },
};
