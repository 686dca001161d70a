import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '#libs/contracts/index.js';
import { redact } from '#libs/onboarding/index.js';
import { connectorManifest, edited, livepersonSpec, livepersonTextSpec } from '#test/factories/index.js';
import { parseSpec, specDocument } from './parse-spec.js';

const document = specDocument(livepersonSpec());
const HEADER = '/liveperson/manifest/capabilities/webhooks/ms.MessagingEventNotification.ContentEvent/headers/0';

function findings(input: JsonObject): string[] {
  const result = parseSpec(input, { allowPrivateUrls: false });
  return result.ok ? [] : result.findings.map(({ pointer }) => pointer);
}

describe('a spec of the liveperson chain', () => {
  it.each([
    ['an object', livepersonSpec()],
    ['a text', livepersonTextSpec()],
  ])('with its manifest as %s comes back as it was sent', (_form, spec) => {
    expect(parseSpec(specDocument(spec), { allowPrivateUrls: false })).toEqual({ ok: true, spec, warnings: [] });
  });

  it('keeps a text byte for byte', () => {
    const { text } = livepersonTextSpec().liveperson ?? {};
    const result = parseSpec(edited(document, '/liveperson/manifest', text), { allowPrivateUrls: false });
    expect(result.ok && result.spec.liveperson).toEqual({ manifest: connectorManifest(), text });
  });

  it('rewrites the wrong key for conversation changes in an object, with a warning', () => {
    const alias = 'ms.MessagingEventNotification.ExConversationChangeNotification';
    const webhooks = '/liveperson/manifest/capabilities/webhooks';
    const wrong = edited(document, webhooks, { [alias]: { endpoint: 'https://acme.example/lp' } });
    const result = parseSpec(wrong, { allowPrivateUrls: false });
    if (!result.ok) throw new Error('refused');
    expect(result.warnings.map(({ pointer }) => pointer)).toEqual([`${webhooks}/${alias}`]);
    expect(JSON.stringify(result.spec.liveperson)).not.toContain(alias);
  });

  it.each<[string, JsonValue | undefined, string]>([
    ['/liveperson', undefined, 'the chain needs it'],
    ['/liveperson/manifest', undefined, 'what is to be installed'],
    ['/liveperson/manifest', 7, 'an object or a text'],
    ['/liveperson/manifest', '{"client_name": }', 'no JSON'],
    ['/liveperson/manifest/client_name', undefined, 'required'],
    ['/liveperson/manifest/client_id', 'x', 'of another installation'],
    ['/liveperson/manifest/scope', 'x'.repeat(129), 'too long'],
    [`${HEADER}/header_value`, 'sealed:v1:k1:abc', 'only this installation seals'],
    [`${HEADER}/header_value`, '[secret]', 'the mark of answers'],
    [`${HEADER}/header_value`, { env: 'PATH' }, 'only variables of a prefix'],
    [`${HEADER}/header_value`, { file: '../etc/passwd' }, 'only files of a folder'],
    ['/liveperson/handoff', { dueIn: 'soon' }, 'no duration'],
    ['/liveperson/handoff', { dueIn: '3651d' }, 'longer than ten years'],
    ['/liveperson/handoff', { dueIn: '1d', remindEvery: '7m' }, 'more reminders than a history should hold'],
    ['/liveperson/handoff', { remindEvery: '3h' }, 'the same within the 30 days of no dueIn'],
    ['/connections/liveperson', undefined, 'the chain uses it'],
  ])('is refused for %s = %j: %s', (at, value, _reason) => {
    const found = findings(edited(document, at, value));
    expect(found).not.toEqual([]);
    expect(found.every((pointer) => pointer.startsWith(at))).toBe(true);
  });

  it('names every fault of a manifest at once', () => {
    let wrong = edited(document, '/liveperson/manifest/client_name', '  ');
    wrong = edited(wrong, '/liveperson/manifest/grant_types', 'client_credentials');
    wrong = edited(wrong, `${HEADER}/header_value`, '[secret]');
    expect(findings(wrong)).toEqual([
      `${HEADER}/header_value`,
      '/liveperson/manifest/client_name',
      '/liveperson/manifest/grant_types',
    ]);
  });

  it('refuses what the engine writes in place of a secret in a text too', () => {
    const text = JSON.stringify(connectorManifest()).replace('header-secret', 'sealed:v1:k1:abc');
    expect(findings(edited(document, '/liveperson/manifest', text))).toEqual([`${HEADER}/header_value`]);
  });

  it('takes a reference to a secret in an object', () => {
    expect(findings(edited(document, `${HEADER}/header_value`, { env: 'GANGWAY_SECRET_LP' }))).toEqual([]);
  });

  it('fills in the due time of a hand-off and warns of a reminder that never comes', () => {
    const result = parseSpec(edited(document, '/liveperson/handoff', { remindEvery: 'P3D' }), {
      allowPrivateUrls: false,
    });
    const day = 86_400_000;
    expect(result.ok && result.spec.liveperson?.handoff).toEqual({ dueInMs: 30 * day, remindEveryMs: 3 * day });
    const late = parseSpec(edited(document, '/liveperson/handoff', { dueIn: '2d', remindEvery: '3d' }), {
      allowPrivateUrls: false,
    });
    expect(late.ok && late.warnings.map(({ pointer }) => pointer)).toEqual(['/liveperson/handoff/remindEvery']);
  });

  it('shows a manifest given as text as the object that it holds, without its secrets', () => {
    const shown = specDocument(redact(livepersonTextSpec()) as unknown as ReturnType<typeof livepersonSpec>);
    const hidden = edited({ liveperson: { manifest: connectorManifest() } }, `${HEADER}/header_value`, '[secret]');
    expect(shown['liveperson']).toEqual(hidden['liveperson']);
  });
});
