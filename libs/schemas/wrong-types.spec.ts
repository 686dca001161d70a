import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '#libs/contracts/index.js';
import { canarySpec, edited, fullEgainSpec, livepersonSpec } from '#test/factories/index.js';
import type { Finding } from '#libs/fields/findings.js';
import { parseSpec, specDocument } from './parse-spec.js';

const documents: [string, JsonObject][] = [
  ['of both vendors', specDocument(fullEgainSpec())],
  ['with basic authentication', specDocument(canarySpec('basic').spec)],
  ['of LivePerson', specDocument(livepersonSpec())],
];
const [, full] = documents[0] ?? ['', {}];

function findings(input: JsonObject): Finding[] {
  const result = parseSpec(input, { allowPrivateUrls: false });
  return result.ok ? [] : result.findings;
}

/** Places of all values in a document, the document itself left out. */
function places(value: JsonValue, pointer = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [at, ...places(item, at)];
  });
}

describe('a value of the wrong type', () => {
  it.each(documents)('is there, so it is never called missing: in a spec %s', (_name, document) => {
    for (const pointer of places(document)) {
      for (const wrong of [7, null]) {
        const there = findings(edited(document, pointer, wrong)).filter((finding) => finding.pointer === pointer);
        // A rule may miss something at the place of what is there, never the thing itself.
        expect(there.filter(({ message }) => /^is missing/.test(message))).toEqual([]);
      }
    }
  });

  it.each<[string, JsonValue, string | RegExp, string]>([
    ['/egain/channels/0/account/address', 15_550_100, /must be a text, .*quotes/, 'in YAML +15550100 is a number'],
    ['/egain/channels/0/account/chatConfigurations/entryPoint/id', 1001, /quotes/, 'in YAML 1001 is a number'],
    ['/account', 7, /quotes/, 'in YAML 007 is a number'],
    ['/egain/authentication/oauth2/payload', 83, /must be a text or an object, .*quotes/, 'in YAML 0123 is a number'],
    ['/egain/authentication/oauth2/payload', true, /must be a text or an object, .*quotes/, 'in YAML true is no text'],
    ['/egain/authentication/oauth2/payload', null, /a text or an object, and is null here/, 'in YAML nothing is null'],
    ['/egain/authentication/oauth2/payload', ['t'], 'must be a text or an object', 'a list is neither'],
    ['/sinch/app/channel_credentials/0/static_bearer/token', 83, /quotes/, 'in YAML 0123 is a number'],
    ['/egain/channels/0/active', 'true', 'must be true or false, without quotes', 'a text is no truth value'],
    ['/egain/channels/0/restrictions/inbound/maxTextLength', '140', 'must be a number, without quotes', 'nor a number'],
    ['/egain/channels/0/restrictions/inbound/features', 'attachments', /square brackets/, 'nor a list'],
    ['/sinch/waitForActive', 30, 'must be true or false or a text such as 30m', 'the number has no unit'],
    ['/labels/region', 7, /quotes/, 'labels are texts'],
    ['/egain/channels/0/icon', {}, 'must be a text', 'an object is none'],
  ])('is told with its cure: %s = %j: %s (%s)', (at, value, message, _reason) => {
    expect(findings(edited(full, at, value))).toEqual([
      { pointer: at, message: typeof message === 'string' ? message : (expect.stringMatching(message) as string) },
    ]);
  });

  it.each([
    '/egain/authentication/oauth2/payload',
    '/egain/authentication/oauth2/headers/0/value',
    '/egain/channels/0/account/attributes/0/value',
    '/sinch/webhooks/0/client_credentials/client_secret',
    '/notify/0/secret',
  ])('is told apart from a secret that is not there: %s', (at) => {
    const absent = findings(edited(full, at, undefined));
    const isOptional = at.endsWith('payload');
    expect(absent).toEqual(isOptional ? [] : [{ pointer: at, message: 'is missing: give a text or an object' }]);
  });
});
