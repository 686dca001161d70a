import { describe, expect, it } from 'vitest';
import { portFault, type PortRules } from './ports.js';

const rules = (change: Partial<PortRules> = {}): PortRules => ({ ports: [], allowPrivateUrls: false, ...change });

describe('portFault', () => {
  it.each([
    { address: 'https://hooks.acme.example/hook', change: {}, reason: 'without a port it is 443' },
    { address: 'https://hooks.acme.example:443/hook', change: {}, reason: 'the port of https' },
    { address: 'https://hooks.acme.example:80/hook', change: {}, reason: 'the other port of the web' },
    {
      address: 'https://hooks.acme.example:8443/hook',
      change: { ports: [9443, 8443] },
      reason: 'an operator lists it',
    },
    { address: 'http://127.0.0.1:45671/hook', change: { allowPrivateUrls: true }, reason: 'the receiver of a test' },
    { address: 'nothing', change: {}, reason: 'what is no address is told by others' },
  ])('takes $address: $reason', ({ address, change }) => {
    expect(portFault(address, rules(change))).toBeUndefined();
  });

  it.each([
    { address: 'https://hooks.acme.example:22/', change: {}, port: 22, reason: 'no web server' },
    { address: 'https://hooks.acme.example:8443/', change: { ports: [9443] }, port: 8443, reason: 'another is listed' },
    {
      address: 'https://hooks.acme.example:6379/',
      change: { allowPrivateUrls: true },
      port: 6379,
      reason: 'leave for private hosts is none for public ones',
    },
    { address: 'https://127.0.0.1:2375/', change: {}, port: 2375, reason: 'a private host without leave' },
  ])('refuses $address: $reason', ({ address, change, port }) => {
    expect(portFault(address, rules(change))).toMatch(
      new RegExp(`^names the port ${String(port)}: .*notifications.ports`),
    );
  });
});
