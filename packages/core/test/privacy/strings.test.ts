import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/event/model.ts';
import { createRedactor } from '../../src/privacy/redactor.ts';
import { ORDINARY, SECRETS } from './corpus.ts';
import { traces } from './traces.ts';

const redactor = createRedactor();
const event = (data: unknown): JsonObject =>
  ({ operation: 'op', resource: { type: 't', id: 'i' }, data }) as JsonObject;
const redacted = (text: string) => redactor.redact(event({ text }));

describe('a secret inside of a string', () => {
  it('is met in sixty shapes and more', () => {
    expect(SECRETS.length).toBeGreaterThanOrEqual(60);
  });

  it.each(SECRETS)('%s', (_, text, secret) => {
    const { event: out, pointers } = redacted(text);
    expect(traces(JSON.stringify(out), secret)).toEqual([]);
    expect(pointers).toEqual(['/data/text']);
  });

  it.each(SECRETS)('%s, in every other place of an event', (_, text, secret) => {
    const everywhere = {
      operation: text,
      resource: { type: 't', id: text, name: text },
      actor: { type: 'user', id: text, name: text, userAgent: text },
      trace: { requestId: text },
      error: { message: `failed: ${text}`, name: text, code: text },
      data: { list: [text, { deep: [text] }], [text]: 1 },
    };
    const { event: out } = redactor.redact(everywhere);
    // After a word and a colon the text is no longer JSON or base64 as a whole; the name in it still counts.
    const { error, ...rest } = out;
    expect(traces(JSON.stringify(rest), secret)).toEqual([]);
    expect(traces(JSON.stringify(error), secret)).toEqual([]);
  });

  it.each(SECRETS)('%s, percent-encoded as a whole', (_, text, secret) => {
    const { event: out } = redacted(`/x?next=${encodeURIComponent(text)}`);
    expect(traces(JSON.stringify(out), secret)).toEqual([]);
  });

  it.each(SECRETS)('%s, redacted once, stays as it is', (_, text) => {
    const once = redacted(text).event;
    expect(redactor.redact(once).event).toEqual(once);
  });

  it('leaves the rest of its text in place', () => {
    const text = (input: string) => (redacted(input).event.data as JsonObject).text;
    expect(text('/x?a=1&token=hunter2pw&b=2')).toBe('/x?a=1&token=[REDACTED]&b=2');
    expect(text('postgres://app:hunter2pw@db/shop')).toBe('postgres://app:[REDACTED]@db/shop');
    expect(text('{"user":"bob","password":"hunter2pw"}')).toBe('{"user":"bob","password":"[REDACTED]"}');
    expect(text('tried Bearer hunter2pw twice')).toBe('tried Bearer [REDACTED] twice');
  });
});

describe('an ordinary string', () => {
  it('is tried in thirty forms and more', () => {
    expect(ORDINARY.length).toBeGreaterThanOrEqual(30);
  });

  it.each(ORDINARY)('%j is left alone', (text) => {
    const input = event({ text });
    expect(redactor.redact(input)).toEqual({ event: input, pointers: [], cut: [] });
  });

  it('costs no copy', () => {
    const input = event(Object.fromEntries(ORDINARY.map((text, i) => [`field${i}`, text])));
    expect(redactor.redact(input).event).toBe(input);
  });
});

describe('time', () => {
  const PIECES = [
    ':',
    'a=',
    'password=',
    'password:',
    'eyJ',
    'eyJa.',
    '://a:',
    '4 ',
    '-----BEGIN PRIVATE KEY-----',
    '%25',
    '[',
    '{"password":',
    '"',
    '\\"',
    '--a ',
    '<a',
    '<token>',
    'aB',
    'token=,',
    'password   ',
    'Bearer ',
    'token="',
    'name="password"',
    '\\',
    'a=;',
    "'",
    '>',
  ];

  // Four times the length may take four times as long, and by far not sixteen times.
  it.each(PIECES)('grows with the length of %j and not with its square', (piece) => {
    const cost = (length: number) => {
      const input = event({ text: piece.repeat(length / piece.length) });
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 3; i++) {
        const start = process.cpuUsage();
        redactor.redact(input);
        const { user, system } = process.cpuUsage(start);
        best = Math.min(best, user + system);
      }
      return best;
    };
    cost(30_000);
    expect(cost(120_000)).toBeLessThan(10 * cost(30_000) + 20_000);
  });
});
