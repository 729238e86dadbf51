import { describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/event/id.ts';

describe('uuidv7', () => {
  it('has the form of RFC 9562 §5.7', () => {
    for (let i = 0; i < 1_000; i++) {
      expect(uuidv7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('begins with the time in milliseconds', () => {
    const future = Date.now() + 1_000_000;
    expect(Number.parseInt(uuidv7(future).replace('-', '').slice(0, 12), 16)).toBe(future);
  });

  it('increases within a millisecond, past the end of the counter, and when the clock steps back', () => {
    const start = Date.now() + 2_000_000;
    let last = uuidv7(start);
    for (let i = 0; i < 10_000; i++) {
      const next = uuidv7(i % 7 === 0 ? start - 5_000 : start);
      expect(next > last).toBe(true);
      last = next;
    }
  });

  it('differs in its random part', () => {
    const tails = new Set(Array.from({ length: 10_000 }, () => uuidv7().slice(19)));
    expect(tails.size).toBe(10_000);
  });
});
