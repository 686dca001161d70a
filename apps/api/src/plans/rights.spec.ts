import { describe, expect, it } from 'vitest';
import type { ApiSettings } from '#libs/config/api-settings.js';
import { rightsIn } from '#libs/config/rights.js';
import type { JsonObject } from '#libs/contracts/index.js';
import { canarySpec } from '#test/factories/index.js';
import { mapSecrets } from '#libs/onboarding/index.js';
import { isSecretReference } from '#libs/planning/index.js';
import { specDocument } from '#libs/schemas/parse-spec.js';
import { rightsFindings } from './rights.js';

const CONNECTIONS = [
  { vendor: 'egain', name: 'egain-main', tenants: ['acme'], adopt: true },
  { vendor: 'sinch', name: 'sinch-eu', tenants: ['*'], adopt: true },
] as unknown as ApiSettings['connections'];
const SECRETS = { GANGWAY_SECRET_MINE: ['acme'], GANGWAY_SECRET_THEIRS: ['globex'], GANGWAY_SECRET_ALL: ['*'] };

function findings(body: unknown, change: { allowPrivateUrls?: boolean } = {}): string[] {
  const settings = {
    connections: CONNECTIONS,
    rights: rightsIn(() => ({ connections: CONNECTIONS, secrets: SECRETS })),
    notifications: { withinMs: 1, timeoutMs: 1, ports: [8443] },
    allowPrivateUrls: false,
    ...change,
  };
  return rightsFindings(body, settings).map(({ pointer, message }) => `${pointer} ${message}`);
}

const spec = (more: JsonObject): JsonObject => ({ tenant: 'acme', ...more });

describe('what a spec may not use', () => {
  it('is a connection of others, or of no name, in the same words', () => {
    const connections = { egain: 'egain-main', sinch: 'sinch-eu' };
    expect(findings(spec({ connections }))).toEqual([]);
    const said = (tenant: string, egain: string): string[] => findings({ tenant, connections: { egain } });
    expect(said('globex', 'egain-main')).toEqual(said('globex', 'nowhere'));
    expect(said('globex', 'egain-main')).toEqual([
      '/connections/egain names no egain connection that this tenant may use',
    ]);
  });

  it('is a variable of others, or of no name, in the same words, at the field that names it', () => {
    const named = (env: string): string[] => findings(spec({ sinch: { webhooks: [{}, { secret: { env } }] } }));
    expect([named('GANGWAY_SECRET_MINE'), named('GANGWAY_SECRET_ALL')]).toEqual([[], []]);
    expect(named('GANGWAY_SECRET_THEIRS')).toEqual(named('GANGWAY_SECRET_NOWHERE'));
    expect(named('GANGWAY_SECRET_THEIRS')).toEqual([
      '/sinch/webhooks/1/secret names no secret that this tenant may use',
    ]);
    expect(named('HOME'), 'the schema tells of it').toEqual([]);
  });

  it('is found in every field that takes a secret', () => {
    const { spec: planted } = canarySpec('oauth2');
    const pointers: string[] = [];
    const theirs = mapSecrets(planted, (value, pointer) => {
      pointers.push(pointer);
      return isSecretReference(value) ? value : { env: 'GANGWAY_SECRET_THEIRS' };
    });
    const found = findings({ ...specDocument(theirs), connections: {} });
    expect(found.map((line) => line.split(' ')[0]).sort()).toEqual([...new Set(pointers)].sort());
    expect(pointers.length).toBeGreaterThan(30);
  });

  it('is no file: each tenant has its own', () => {
    expect(findings(spec({ notify: [{ secret: { file: 'hub' } }] }))).toEqual([]);
  });

  it('is a port of a notification that no operator lists, unless the host is private and those are allowed', () => {
    const to = (url: string, change?: { allowPrivateUrls: boolean }): string[] =>
      findings(spec({ notify: [{ url }] }), change);
    expect(to('https://hooks.acme.example:8443/')).toEqual([]);
    expect(to('https://hooks.acme.example:2375/')).toEqual([
      expect.stringMatching(/^\/notify\/0\/url names the port 2375/),
    ]);
    expect(to('http://127.0.0.1:2375/', { allowPrivateUrls: true })).toEqual([]);
  });

  it.each([undefined, null, [], 'spec', { tenant: 7 }, { tenant: 'acme', connections: [], sinch: 'x', notify: {} }])(
    'is not told of what is no spec: %j',
    (body) => {
      expect(findings(body)).toEqual([]);
    },
  );
});
