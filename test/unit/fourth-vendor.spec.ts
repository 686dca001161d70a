import '#test/fourth-vendor/register.js';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { renderDescription } from '#apps/api/src/openapi/render.js';
import { createSandbox } from '#apps/sandbox/src/server.js';
import { loadConnections } from '#libs/config/connections.js';
import { connectionFacts, issuedField } from '#libs/onboarding/index.js';
import { startedSentence } from '#libs/progress/sentences.js';
import { handoffAnswerSchema } from '#libs/schemas/handoff.schema.js';
import { parseSpec, specDocument } from '#libs/schemas/parse-spec.js';
import { planOf } from '#test/factories/index.js';
import { parleySpec } from '#test/fourth-vendor/story.js';
import { tempFolder } from '#test/support/sandbox.js';

// The failure converter is a file of the build; the description needs no payloads.
vi.mock('#libs/temporal/data-converter.js', () => ({
  createDataConverter: () => ({}),
  loadedDataConverter: () => ({}),
}));

let folder: string;
let remove: () => void;

beforeEach(() => {
  ({ folder, remove } = tempFolder());
});
afterEach(() => remove());

function load(entry: object): ReturnType<typeof loadConnections> {
  const file = path.join(folder, 'connections.yaml');
  writeFileSync(file, stringify({ connections: { 'parley-north': entry }, retry: { parley: { giveUpAfter: '3m' } } }));
  return loadConnections(file, { allowPrivateUrls: false, env: {} });
}

const entry = { vendor: 'parley', tenants: ['acme'], office: 'north', address: 'https://parley.example', pass: 'p' };

function findings(change: object): unknown[] {
  const result = parseSpec({ ...specDocument(parleySpec()), ...change }, { allowPrivateUrls: false });
  return result.ok ? [] : result.findings;
}

describe('a vendor that is one module', () => {
  it('has connections of its own kind, with its own defaults and pauses', () => {
    const [connection] = load(entry).connections;
    expect(connection).toMatchObject({
      vendor: 'parley',
      office: 'north',
      limits: { requestsPerSecond: 7, concurrency: 3, timeoutMs: 4_000 },
      timing: { settleMs: [1_000], giveUpAfterMs: 180_000 },
    });
    expect(connectionFacts(parleySpec(), connection ? [connection] : [])).toEqual({ parley: { office: 'north' } });
  });

  it.each([
    [{ ...entry, office: 'closed' }, /connections\.parley-north\.office is closed: name another one/],
    [{ ...entry, door: 1 }, /door/],
    [{ ...entry, pass: 7 }, /connections\.parley-north\.pass must be a text, \{env: NAME\} or \{file: path\}/],
  ])('says what is wrong with an entry: %j', (wrong, message) => {
    expect(() => load(wrong)).toThrow(message);
  });

  it('has a section: what is wrong in it is named, what is right comes back as it was sent', () => {
    expect(findings({})).toEqual([]);
    expect(findings({ parley: { brand: 'Acme', line: { name: 'one' }, badge: 'one' } })).toEqual([
      { pointer: '/parley/badge', message: 'is the name of the line too: give the badge another one' },
    ]);
    expect(findings({ parley: { brand: 'Acme', line: {}, badge: 'b' } })).toMatchObject([
      { pointer: '/parley/line/name' },
    ]);
    expect(findings({ connections: {} })).toMatchObject([{ pointer: '/connections/parley' }]);
    expect(findings({ adopt: ['parley.nothing'] })).toMatchObject([{ pointer: '/adopt/0' }]);
    expect(findings({ ignoreDrift: { 'parley.line': ['greeting'] } })).toEqual([]);
    expect(findings({ ignoreDrift: { 'parley.line': ['melody'] } })).toMatchObject([
      { pointer: '/ignoreDrift/parley.line' },
    ]);
  });

  it('is planned in the order of what its objects need, with the facts of its connection', () => {
    const plan = planOf(parleySpec(), { facts: { parley: { office: 'north' } } });
    expect(plan.nodes.map(({ key, needs }) => [key, needs])).toEqual([
      ['parley.brand', []],
      ['parley.line', ['parley.brand']],
      ['parley.badge', ['parley.line']],
    ]);
    expect(plan.nodes[2]?.person?.asks.install).toContain('at the office north');
    expect(startedSentence('onboard', plan)).toBe('The job has started: 3 steps at Parley.');
    expect(issuedField('parley.badge', 'person', 'watchword')).toBe('/parley/badge/handoff/watchword');
  });

  it('asks a person for values of its own names', () => {
    const pointers = (answer: object): unknown[] =>
      handoffAnswerSchema.safeParse(answer).error?.issues.map((issue) => issue.path.join('/')) ?? [];
    expect(pointers({ passport: 'p', watchword: 'w' })).toEqual([]);
    expect(pointers({ passport: 'p' })).toEqual(['watchword']);
    expect(pointers({ clientId: 'a' })).toEqual(['clientSecret']);
  });

  it('is in the description of the API, and played by the sandbox', async () => {
    const description = JSON.parse(await renderDescription()) as { components: { schemas: Record<string, object> } };
    const { Chain, Vendor, ParleySpec, OnboardingSpec } = description.components.schemas;
    expect(JSON.stringify(Chain)).toContain('a line of Parley Exchange');
    expect(JSON.stringify(Vendor)).toContain('Parley Exchange');
    expect(ParleySpec).toBeDefined();
    expect(JSON.stringify(OnboardingSpec)).toContain('#/components/schemas/ParleySpec');
    const sandbox = await createSandbox();
    const url = await sandbox.listen(0);
    expect((await fetch(`${url}/parley/lines`)).status).toBe(401);
    expect(sandbox.state({ ledger: false }).objects['parley']).toEqual({ brand: [], line: [], badge: [] });
    await sandbox.close();
  });
});
