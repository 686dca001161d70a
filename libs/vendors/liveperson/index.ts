import { HttpConnection } from '#libs/http/index.js';
import type { VendorModule } from '../module.js';
import { LivepersonClient } from './client.js';
import { livepersonConnection, type LivepersonConnection } from './connection.js';
import { LIVEPERSON } from './errors.js';
import { planLiveperson } from './plan.js';
import { app } from './resources/app.js';
import { livepersonSection } from './section.js';
import type { LivepersonSpec } from './spec.js';

export { manifestText } from './app-fields.js';
export type { LivepersonClient } from './client.js';
export type { LivepersonConnection } from './connection.js';
export type * from './spec.js';
export { checkCredentials, usesClientCredentials, type AppCredentials, type CredentialCheck } from './sentinel.js';

/** LivePerson Conversational Cloud, application installs (`docs/vendors/liveperson.md`). A connection is one account. */
export const livepersonModule: VendorModule<LivepersonClient, LivepersonConnection> = {
  vendor: LIVEPERSON.vendor,
  label: LIVEPERSON.label,
  product: 'LivePerson Conversational Cloud',
  chain: { description: 'an application of LivePerson, installed from its manifest', beside: [] },
  connection: livepersonConnection,
  section: livepersonSection,
  facts: ({ mode, accountId }) => ({ mode, accountId }),
  plan: (spec, section, ctx) => planLiveperson(spec, section as LivepersonSpec, ctx),
  byHand: ({ mode }) => mode === 'handoff',
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
