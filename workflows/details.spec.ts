import { describe, expect, it } from 'vitest';
import { cutToBytes, jobDetails } from './details.js';
import { escape } from './interpreter/escape.js';

const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

describe('a text that is cut to bytes', () => {
  it.each([
    { text: 'a'.repeat(10), limit: 10, reason: 'what fits stays whole' },
    { text: '€€€', limit: 9, reason: 'also where its characters take three bytes' },
  ])('is left alone: $reason', ({ text, limit }) => {
    expect(cutToBytes(text, limit)).toBe(text);
  });

  it.each([
    { text: 'a'.repeat(11), limit: 10, cut: 'aaaaaa\n…' },
    { text: 'éééééé', limit: 10, cut: 'ééé\n…' },
    { text: 'a😀😀', limit: 8, cut: 'a\n…' },
  ])('ends with an ellipsis and with no half character: $text', ({ text, limit, cut }) => {
    expect(cutToBytes(text, limit)).toBe(cut);
    expect(bytes(cut)).toBeLessThanOrEqual(limit);
  });
});

it('describes a job in under 3 KB, whatever script its texts are in', () => {
  const leftovers = Array.from({ length: 40 }, (_, i) => ({
    key: `egain.channel.${String(i)}`,
    externalId: 'x',
    reason: '取り消せませんでした'.repeat(10),
  }));
  const details = jobDetails({
    status: 'rollback-incomplete',
    reason: '失敗'.repeat(80),
    next: 'an operator decides',
    runs: [],
    leftovers,
  });
  expect(bytes(details)).toBeLessThanOrEqual(3_000);
  expect(bytes(details)).toBeGreaterThan(2_900);
});

describe('a value that the Temporal UI renders', () => {
  it.each([
    { value: 'https://evil.example/x', text: 'https\\://evil.example/x', reason: 'a bare address would be a link' },
    { value: 'javascript:alert(1)', text: 'javascript\\:alert\\(1\\)', reason: 'of any scheme' },
    { value: 'www.evil.example', text: 'www\\.evil.example', reason: 'also without one' },
    { value: 'ops@acme.example', text: 'ops\\@acme.example', reason: 'or of mail' },
    { value: '[here](https://evil.example)', text: '\\[here\\]\\(https\\://evil.example\\)', reason: 'a link' },
    { value: '<img src=x>', text: '\\<img src=x\\>', reason: 'raw HTML goes into the page' },
    { value: 'a\n# b', text: 'a \\# b', reason: 'one line' },
    { value: 'Channel custom.acme', text: 'Channel custom.acme', reason: 'what is plain stays plain' },
  ])('$value is $text: $reason', ({ value, text }) => {
    expect(escape(value)).toBe(text);
  });
});
