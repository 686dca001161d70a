import { describe, expect, it } from 'vitest';
import { StreamPlaces } from './places.js';

const TOO_MANY = expect.objectContaining({ slug: 'too-many-streams', status: 429 }) as Error;

describe('the places of streams', () => {
  it('are 50 for a caller, and free again when they are given back, once', () => {
    const places = new StreamPlaces();
    const back = Array.from({ length: 50 }, () => places.take('ci'));
    expect(() => places.take('ci')).toThrow(TOO_MANY);
    places.take('other');
    back[0]?.();
    back[0]?.();
    places.take('ci');
    expect(() => places.take('ci')).toThrow(TOO_MANY);
  });

  it('are 2,000 for all callers together', () => {
    const places = new StreamPlaces();
    const back = Array.from({ length: 2_000 }, (_, number) => places.take(`caller-${number % 40}`));
    expect(() => places.take('another')).toThrow(TOO_MANY);
    back[7]?.();
    places.take('another');
    expect(() => places.take('another')).toThrow(TOO_MANY);
  });
});
