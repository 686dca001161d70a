import type { EgainConnection } from '#libs/config/connections.js';
import { HttpConnection } from '#libs/http/index.js';
import type { VendorModule } from '#libs/resources/contract.js';
import { EgainClient } from './client.js';
import { account } from './resources/account.js';
import { authentication } from './resources/authentication.js';
import { channel } from './resources/channel.js';
import { clientApplication } from './resources/client-application.js';
import { orchestration } from './resources/orchestration.js';
import { participant } from './resources/participant.js';

export type { EgainClient } from './client.js';

/** eGain Conversation Manager v3 (`docs/vendors/egain.md`). */
export const egainModule: VendorModule<EgainClient, EgainConnection> = {
  vendor: 'egain',
  place: ({ apiBase }) => apiBase,
  resources: [authentication, clientApplication, participant, channel, orchestration, account],
  connect: (settings, meter) => {
    const connection = new HttpConnection(settings.limits, meter?.call);
    const client = new EgainClient(settings, connection, meter);
    const close = async (): Promise<void> => {
      client.lists.close();
      await connection.close();
    };
    return { client, close };
  },
};
