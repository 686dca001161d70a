import { HttpConnection } from '#libs/http/index.js';
import type { VendorModule } from '../module.js';
import { SinchClient } from './client.js';
import { sinchConnection, type SinchConnection } from './connection.js';
import { SINCH } from './errors.js';
import { planSinch } from './plan.js';
import { app } from './resources/app.js';
import { channels } from './resources/channels.js';
import { webhook } from './resources/webhook.js';
import { sinchSection } from './section.js';
import type { SinchSpec } from './spec.js';

export type { SinchClient } from './client.js';
export type { SinchConnection } from './connection.js';
export type * from './spec.js';

/** Sinch Conversation API (`docs/vendors/sinch.md`). A connection is one project in one region. */
export const sinchModule: VendorModule<SinchClient, SinchConnection> = {
  vendor: SINCH.vendor,
  label: SINCH.label,
  product: 'Sinch Conversation API',
  connection: sinchConnection,
  section: sinchSection,
  facts: () => ({}),
  plan: (spec, section, ctx) => planSinch(spec, section as SinchSpec, ctx),
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
