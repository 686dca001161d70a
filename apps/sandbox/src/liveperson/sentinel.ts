import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { JsonObject } from '../json.js';
import type { VendorCall, VendorReply } from '../vendor.js';
import { oauthRefusal } from './errors.js';
import type { LivePersonKnobs } from './knobs.js';
import { type AppRecord, hasGrant, isEnabled, type LivePersonAccount } from './store.js';

const KEY_ID = 'sandbox-sentinel-1';

/** Made on first use, one for the whole process. */
let keys: { privateKey: KeyObject; publicKey: KeyObject } | undefined;

function keyPair(): { privateKey: KeyObject; publicKey: KeyObject } {
  keys ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
  return keys;
}

/** Tokens of apps in two versions, their keys, and the page where a user would log in (docs/vendors/liveperson.md §8). */
export class Sentinel {
  readonly #clock: Clock;
  readonly #knobs: () => LivePersonKnobs;

  constructor(clock: Clock, knobs: () => LivePersonKnobs) {
    this.#clock = clock;
    this.#knobs = knobs;
  }

  /** A token for an app's credentials. Version 1 takes them from the query too, as an old page has it. */
  issueToken(call: VendorCall, account: LivePersonAccount | undefined, version: 'v1' | 'v2'): VendorReply {
    const { token } = this.#knobs();
    const form = new URLSearchParams(call.body);
    const given = (name: string): string => form.get(name) ?? (version === 'v1' ? call.query.get(name) : null) ?? '';
    for (const name of ['client_id', 'client_secret', 'grant_type']) {
      if (given(name) === '') return oauthRefusal(400, 'invalid_request', `${name} is missing`);
    }
    if (given('grant_type') !== 'client_credentials') {
      return oauthRefusal(400, 'unsupported_grant_type', 'only client_credentials is supported here');
    }
    const app = account && this.#knownApp(account, given('client_id'));
    const isSpoken = token.versions === 'both' || token.versions === version;
    if (!account || !app || !isSpoken || app.clientSecret !== given('client_secret')) {
      return oauthRefusal(token.refusal, 'invalid_client', 'client authentication failed');
    }
    if (!hasGrant(app, 'client_credentials')) {
      return oauthRefusal(400, 'unauthorized_client', 'the app may not use this grant type');
    }
    const answer = {
      access_token: this.#mint(account, app),
      token_type: 'Bearer',
      ...(token.expiresIn === 'present' && { expires_in: token.lifetimeSeconds }),
    };
    const headers = { 'cache-control': 'no-store' };
    return { status: 200, body: JSON.stringify(answer), headers, objectId: app.id };
  }

  /** Where a user of the app would be sent; no user ever logs in here. */
  authorize({ query, headers }: VendorCall, account: LivePersonAccount | undefined): VendorReply {
    const app = account && this.#knownApp(account, query.get('client_id') ?? '');
    if (!account || !app) return oauthRefusal(400, 'invalid_client', 'the app is not known');
    if (query.get('response_type') !== 'code' || !hasGrant(app, 'authorization_code')) {
      return oauthRefusal(400, 'unsupported_response_type', 'the app may not use this response type');
    }
    const { redirect_uris: redirects } = app.fields;
    if (!Array.isArray(redirects) || !redirects.includes(query.get('redirect_uri') ?? '')) {
      return oauthRefusal(400, 'invalid_request', 'redirect_uri is not one of the app');
    }
    const location = `http://${headers.host ?? 'localhost'}/hc/s-${account.id}/web/m-LP/login.jsp?lpservice=authorize`;
    return { status: 302, headers: { location }, objectId: app.id };
  }

  /** The public key, as a JSON Web Key Set. */
  keySet(): VendorReply {
    const key: JsonObject = { ...(keyPair().publicKey.export({ format: 'jwk' }) as JsonObject) };
    const body = JSON.stringify({ keys: [{ ...key, kid: KEY_ID, alg: 'RS256', use: 'sig' }] });
    return { status: 200, body };
  }

  /** An app that Sentinel knows already and still serves. */
  #knownApp(account: LivePersonAccount, clientId: string): AppRecord | undefined {
    const { lagSeconds, disabledApp } = this.#knobs().token;
    const app = [...account.apps.values()].find((candidate) => candidate.clientId === clientId && !candidate.isDeleted);
    if (!app || this.#clock.now() < app.createdAt + lagSeconds * 1000) return undefined;
    return isEnabled(app) || disabledApp === 'accepted' ? app : undefined;
  }

  #mint(account: LivePersonAccount, app: AppRecord): string {
    const { lifetimeSeconds, issuer } = this.#knobs().token;
    const now = Math.floor(this.#clock.now() / 1000);
    const header = { alg: 'RS256', typ: 'JWT', kid: KEY_ID };
    const claims = {
      iss: issuer,
      sub: app.clientId,
      azp: app.clientId,
      aud: account.id,
      scope: app.fields.scope ?? '',
      iat: now,
      exp: now + lifetimeSeconds,
    };
    const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), keyPair().privateKey).toString('base64url')}`;
  }
}
