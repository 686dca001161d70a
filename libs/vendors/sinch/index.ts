import type { SinchConnection } from '#libs/config/connections.js';
import { HttpConnection } from '#libs/http/index.js';
import type { VendorModule } from '#libs/resources/contract.js';
import { SinchClient } from './client.js';
import { app } from './resources/app.js';
import { channels } from './resources/channels.js';
import { webhook } from './resources/webhook.js';

export type { SinchClient } from './client.js';

/** Sinch Conversation API (`docs/vendors/sinch.md`). A connection is one project in one region. */
export const sinchModule: VendorModule<SinchClient, SinchConnection> = {
  vendor: 'sinch',
  place: ({ apiBase, projectId }) => `${apiBase} ${projectId}`,
  resources: [app, webhook, channels],
  connect: (settings, meter) => {
    const connection = new HttpConnection(settings.limits, meter?.call);
    const client = new SinchClient(settings, connection, meter);
    const close = async (): Promise<void> => {
      client.lists.close();
      await connection.close();
    };
    return { client, close };
  },
};
