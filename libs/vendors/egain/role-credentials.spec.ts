import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import { credentialsForCallbacks, hasHeaders, lostCredentials, unshownCredentials } from './role-credentials.js';

const THEIRS = 'https://globex.example/hub';
const OURS = 'https://acme.example/hub';

function role(callback: string, more: JsonObject = {}): JsonObject {
  return { name: 'customer', version: 'v3', callback, ...more };
}

function app(...roles: JsonObject[]): JsonObject {
  return { name: 'hub', roles };
}

const header = (value?: string): JsonObject => ({ name: 'X-Key', ...(value === undefined ? {} : { value }) });
const standing = role(THEIRS, { headers: [header('of-globex')], authentication: { id: 'auth-of-globex' } });

describe('taking a role over with another callback', () => {
  it('takes its former headers and authentication out: they were set for the former callback', () => {
    const desired = app(role(OURS));
    const laid = app({ ...standing, callback: OURS });
    expect(credentialsForCallbacks(laid, app(standing), 'adopted', desired)).toEqual({ body: app(role(OURS)) });
  });

  it('leaves what the spec itself gives, also under the name of a former header', () => {
    const ours = { headers: [header('of-acme')], authentication: { id: 'auth-of-acme' } };
    const laid = app({ ...standing, callback: OURS });
    expect(credentialsForCallbacks(laid, app(standing), 'adopted', app(role(OURS, ours)))).toEqual({
      body: app(role(OURS, ours)),
    });
  });

  it('leaves alone a role whose callback stays, one that the spec does not name, and what is ours', () => {
    const other = { ...standing, name: 'custom_agent' };
    const laid = app(standing, other);
    expect(credentialsForCallbacks(laid, laid, 'adopted', app(role(THEIRS)))).toEqual({ body: laid });
    expect(credentialsForCallbacks(laid, app(role(OURS)), 'own', laid)).toEqual({ body: laid });
    expect(credentialsForCallbacks({ name: 'hub' }, { name: 'hub' }, 'adopted', { name: 'hub' })).toEqual({
      body: { name: 'hub' },
    });
  });

  it.each([
    { value: '****', reason: 'masked' },
    { value: undefined, reason: 'absent' },
  ])('is a conflict where eGain shows a header $reason: nobody could put it back', ({ value }) => {
    const read = app(role(THEIRS, { headers: [header(value)] }));
    const sentence = /^the callback of its role customer cannot be changed, since eGain does not show/;
    expect(unshownCredentials(app(role(OURS)), read)).toMatch(sentence);
    expect(credentialsForCallbacks(read, read, 'adopted', app(role(OURS)))).toEqual({
      conflict: expect.stringMatching(sentence) as string,
    });
    expect(unshownCredentials(app(role(THEIRS)), read), 'nothing goes where the callback stays').toBeUndefined();
  });
});

describe('putting the former state back', () => {
  it('puts former headers and authentication back where the callback goes back too', () => {
    const now = app(role(OURS, { headers: [header('of-acme')] }));
    const former = app(standing);
    // What is laid over keeps the value that stands, as for secrets that are not kept.
    const laid = app({ ...standing, headers: [header('of-acme')] });
    expect(credentialsForCallbacks(laid, now, 'restore', former)).toEqual({ body: former });
  });

  it('keeps the header that stands where the callback has stayed: it may have been changed since', () => {
    const now = app({ ...standing, headers: [header('changed-since')] });
    expect(credentialsForCallbacks(now, now, 'restore', app(standing))).toEqual({ body: now });
  });
});

describe('what was kept of a role', () => {
  const seen = app(role(THEIRS, { headers: [header()] }));

  it('must hold every header that goes', () => {
    expect(lostCredentials(app(role(OURS)), seen, app(standing))).toBeUndefined();
    expect(lostCredentials(app(role(OURS)), seen, seen)).toMatch(/were not kept when the job began/);
    expect(lostCredentials(app(role(OURS)), seen, app(role(THEIRS)))).toMatch(/role customer/);
  });

  it('need hold nothing where the callback stays, or there is no header', () => {
    expect(lostCredentials(app(role(THEIRS)), seen, seen)).toBeUndefined();
    expect(lostCredentials(app(role(OURS)), app(role(THEIRS)), app())).toBeUndefined();
  });
});

it('only an object with headers has secrets of roles', () => {
  expect(hasHeaders(app(standing))).toBe(true);
  expect(hasHeaders(app(role(OURS)))).toBe(false);
  expect(hasHeaders({ name: 'hub' })).toBe(false);
});
