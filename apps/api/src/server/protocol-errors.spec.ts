import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { refuseConnection } from './protocol-errors.js';

function socket(state: object): { socket: Socket; written: string[]; ended: () => boolean } {
  const written: string[] = [];
  let ended = false;
  const fake = { writable: true, write: (text: string) => written.push(text), destroySoon: () => (ended = true) };
  return { socket: { ...fake, ...state } as unknown as Socket, written, ended: () => ended };
}

it.each([
  { reason: 'an answer has begun, which a second one would spoil', state: { _httpMessage: { _headerSent: true } } },
  { reason: 'the other side is gone', state: { writable: false } },
])('says nothing where $reason, and ends the connection', ({ state }) => {
  const { socket: broken, written, ended } = socket(state);
  expect(refuseConnection(Object.assign(new Error('x'), { code: 'HPE_INVALID_METHOD' }), broken, {})).toBeUndefined();
  expect([written, ended()]).toEqual([[], true]);
});

it.each(['ECONNRESET', 'EPIPE'])('says nothing on a connection that broke: %s', (code) => {
  const { socket: broken, written } = socket({});
  expect(refuseConnection(Object.assign(new Error('x'), { code }), broken, {})).toBeUndefined();
  expect(written).toEqual([]);
});
