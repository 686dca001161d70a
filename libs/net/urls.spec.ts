import { describe, expect, it } from 'vitest';
import { isLoopbackHost, isPrivateHost } from './urls.js';

describe('isPrivateHost', () => {
  it.each([
    'localhost',
    'LOCALHOST.',
    'api.localhost',
    'sandbox',
    'db.internal',
    'printer.local',
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '[::1]',
    '::',
    '[fd00::1]',
    '[fe80::1]',
    '[::ffff:10.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:0:8.8.8.8]',
    '[2001::1]',
    '[2001:1ff::1]',
    '[100::ffff]',
    '192.0.2.1',
    '198.51.100.255',
    '203.0.113.0',
    '[2001:db8::1]',
    '[3fff:fff::1]',
  ])('%s is private', (host) => {
    expect(isPrivateHost(host)).toBe(true);
  });

  it.each([
    'api.egain.cloud',
    '8.8.8.8',
    '172.32.0.1',
    '198.51.101.1',
    '[2606:4700::1111]',
    '[2001:200::1]',
    '[100:0:0:1::1]',
    'localhost.example.com',
  ])('%s is public', (host) => {
    expect(isPrivateHost(host)).toBe(false);
  });

  it('sees through other spellings of an address, as URLs bring them to one', () => {
    expect(isPrivateHost(new URL('http://2130706433/').hostname)).toBe(true);
    expect(isPrivateHost(new URL('http://0x7f.1/').hostname)).toBe(true);
  });
});

describe('isLoopbackHost', () => {
  it.each([
    ['localhost', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['10.0.0.1', false],
    ['0.0.0.0', false],
    ['notlocalhost', false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected);
  });
});
