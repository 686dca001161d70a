import type { JsonObject } from '../json.js';
import type { EgainCredential } from './credentials.js';
import type { EgainKnobs } from './knobs.js';
import { EGAIN_RESOURCES, type EgainKind } from './resources.js';
import type { EgainTenant } from './store.js';

const CREATED = '2021-06-11T23:14:41.836Z';
const MINUTE_MS = 60_000;
/** A 1x1 png. */
const ICON = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/**
 * What a tenant holds before anybody calls (docs/vendors/egain.md §10): its agent application; then foreign objects of
 * every resource, without any marker, of which the first channel is of type `sms`. Ids are the same every time.
 */
export function seedTenant(tenant: EgainTenant, credential: EgainCredential, knobs: EgainKnobs): void {
  const at = { created: CREATED, modified: CREATED };
  tenant.add('clientApplication', agentApplication(), { id: credential.agentClientApplicationId, ...at });
  if (knobs.seeds === 'required') return;
  for (const { kind } of EGAIN_RESOURCES) {
    for (let n = 1; n <= knobs.foreignObjects; n += 1) {
      const given = { id: foreignId(kind, n), ...foreignTimes(n) };
      tenant.add(kind, foreignObject(kind, n, knobs.entryPoints[0] ?? '1001'), given);
    }
  }
}

/** Id of the n-th foreign object of a resource, counted from 1. As with any UUID, their order tells nothing. */
export function foreignId(kind: EgainKind, n: number): string {
  const index = EGAIN_RESOURCES.findIndex((resource) => resource.kind === kind) + 1;
  const mixed = (((n - 1) * 40_503) & 0xffff).toString(16).padStart(4, '0');
  return `f0e1610${index}-${mixed}-4000-8000-${String(n).padStart(12, '0')}`;
}

/** One was made each minute, and every third has been changed at some time since. */
function foreignTimes(n: number): { created: string; modified: string } {
  const created = Date.parse(CREATED) + (n - 1) * MINUTE_MS;
  const modified = n % 3 === 0 ? created + ((n * 7_919) % 10_000) * MINUTE_MS : created;
  return { created: new Date(created).toISOString(), modified: new Date(modified).toISOString() };
}

function agentApplication(): JsonObject {
  return {
    name: 'eGain Agent Desktop',
    active: true,
    roles: [
      {
        name: 'egain_agent',
        version: 'v3',
        callback: 'https://agents.egain.example/callback',
        notificationEmail: 'admin@egain.example',
      },
    ],
  };
}

function foreignObject(kind: EgainKind, n: number, entryPoint: string): JsonObject {
  const common = { name: `foreign-${kind}-${n}`, description: `Made by somebody else, number ${n}`, active: true };
  switch (kind) {
    case 'authentication':
      return { ...common, type: 'basic', basicAuth: { username: `foreign-${n}`, password: `foreign-password-${n}` } };
    case 'clientApplication':
      return { ...common, roles: [foreignRole('custom_bot', n), foreignRole('customer', n)] };
    case 'participant':
      return { ...common, type: 'custom_bot', application: { id: foreignId('clientApplication', n) } };
    case 'channel':
      return {
        type: n === 1 ? 'sms' : `custom.foreign-${n}`,
        displayName: n === 1 ? 'SMS' : `Foreign ${n}`,
        icon: ICON,
        description: common.description,
        active: true,
      };
    case 'orchestration':
      return {
        ...common,
        applications: {
          botConfiguration: {
            bots: [{ id: foreignId('clientApplication', n), participant: { id: foreignId('participant', n) } }],
          },
          customerConfiguration: { customer: { id: foreignId('clientApplication', n) } },
        },
      };
    case 'account':
      return {
        ...common,
        address: `+1555020${String(n).padStart(4, '0')}`,
        channel: { id: foreignId('channel', n) },
        chatConfigurations: {
          timeout: 30,
          orchestration: { id: foreignId('orchestration', n) },
          entryPoint: { id: entryPoint },
        },
      };
  }
}

function foreignRole(name: string, n: number): JsonObject {
  return {
    name,
    version: 'v3',
    callback: `https://foreign-${n}.example/${name}`,
    notificationEmail: `ops@foreign-${n}.example`,
    authentication: { id: foreignId('authentication', n) },
  };
}
