import { expect, it } from 'vitest';
import { jsonBytes } from './json-bytes.js';

it.each([
  { reason: 'English', text: 'a plain text, "quoted"' },
  { reason: 'of two bytes a character', text: 'Grüße, привет' },
  { reason: 'of three', text: '客户服务 €' },
  { reason: 'of four', text: '😀 𝄞' },
  { reason: 'of all kinds', text: 'aé客😀'.repeat(1_000) },
])('counts as the wire does: a text $reason', ({ text }) => {
  expect(jsonBytes({ text })).toBe(Buffer.byteLength(JSON.stringify({ text })));
});
