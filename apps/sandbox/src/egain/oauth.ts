import type { TokenStore } from '../tokens.js';
import type { VendorCall, VendorReply } from '../vendor.js';
import { EGAIN_CREDENTIALS } from './credentials.js';
import type { EgainKnobs } from './knobs.js';

/** What a token opens: a tenant and the permissions that the call asked for and the client was granted. */
export interface EgainGrant {
  tenant: string;
  permissions: ReadonlySet<Permission>;
}

export type Permission = 'manage' | 'read' | 'interaction.manage';

const PERMISSION = /^(?:https:\/\/api\.egain\.cloud\/auth\/)?app\.conversation\.conversationmgr\.(.+)$/;
const ALL_GRANTED = /\/\.default$/;
const KNOWN: readonly Permission[] = ['manage', 'read', 'interaction.manage'];

/** The token endpoint, docs/vendors/egain.md §3.2: four parameters in the form body, errors as RFC 6749 has them. */
export function issueToken(call: VendorCall, knobs: EgainKnobs, tokens: TokenStore<EgainGrant>): VendorReply {
  const form = new URLSearchParams(call.body);
  for (const name of ['grant_type', 'scope', 'client_id', 'client_secret']) {
    if (!form.get(name)) return refusal(400, 'invalid_request', `${name} is missing`);
  }
  if (form.get('grant_type') !== 'client_credentials') {
    return refusal(400, 'unsupported_grant_type', 'only client_credentials is supported');
  }
  const credential = EGAIN_CREDENTIALS.find(({ clientId }) => clientId === form.get('client_id'));
  if (!credential || credential.clientSecret !== form.get('client_secret')) {
    return refusal(401, 'invalid_client', 'client authentication failed');
  }
  const scope = form.get('scope') ?? '';
  const permissions = permissionsOf(scope, knobs);
  if (!permissions) return refusal(400, 'invalid_scope', 'a requested scope is unknown');
  const token = tokens.issue({ tenant: credential.tenant, permissions }, knobs.token.lifetimeSeconds);
  const answer = {
    access_token: token,
    token_type: 'Bearer',
    ...(knobs.token.expiresIn === 'present' && { expires_in: knobs.token.lifetimeSeconds }),
    scope,
  };
  return { status: 200, body: JSON.stringify(answer), headers: { 'cache-control': 'no-store' } };
}

function permissionsOf(scope: string, knobs: EgainKnobs): Set<Permission> | undefined {
  const asked = scope.split(' ').filter((part) => part !== '');
  const wanted = new Set<Permission>();
  for (const part of asked) {
    if (ALL_GRANTED.test(part)) for (const permission of KNOWN) wanted.add(permission);
    else {
      const permission = KNOWN.find((known) => known === PERMISSION.exec(part)?.[1]);
      if (!permission) return undefined;
      wanted.add(permission);
    }
  }
  if (knobs.permission === 'none') return new Set();
  if (knobs.permission === 'read') wanted.delete('manage');
  return wanted;
}

function refusal(status: number, error: string, description: string): VendorReply {
  return { status, body: JSON.stringify({ error, error_description: description }), code: error };
}
