import { HttpConnection } from '#libs/http/index.js';
import type { VendorModule } from '../module.js';
import { EgainClient } from './client.js';
import { egainConnection, type EgainConnection } from './connection.js';
import { EGAIN } from './errors.js';
import { planEgain } from './plan.js';
import { account } from './resources/account.js';
import { authentication } from './resources/authentication.js';
import { channel } from './resources/channel.js';
import { clientApplication } from './resources/client-application.js';
import { orchestration } from './resources/orchestration.js';
import { participant } from './resources/participant.js';
import { egainSection } from './section.js';
import type { EgainSpec } from './spec.js';

export type { EgainClient } from './client.js';
export type { EgainConnection } from './connection.js';
export type * from './spec.js';

/** eGain Conversation Manager v3 (`docs/vendors/egain.md`). */
export const egainModule: VendorModule<EgainClient, EgainConnection> = {
  vendor: EGAIN.vendor,
  label: EGAIN.label,
  product: 'eGain Conversation Hub',
  chain: { description: 'eGain Conversation Hub, with or without a Sinch Conversation API app', beside: ['sinch'] },
  connection: egainConnection,
  section: egainSection,
  facts: ({ agentClientApplicationId }) => ({ agentClientApplicationId }),
  plan: (spec, section, ctx) => planEgain(spec, section as EgainSpec, ctx),
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
