// What redaction may cost, and what is left where it fails: never the value.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/event/model.ts';
import { openAuditLog } from '../../src/index.ts';
import { MAX_EVENT_TEXT, MAX_TEXT } from '../../src/privacy/budget.ts';
import type { PrivacyOptions } from '../../src/privacy/options.ts';
import { SECRET_PATTERNS } from '../../src/privacy/patterns.ts';
import { createRedactor } from '../../src/privacy/redactor.ts';

const hmacKey = new Uint8Array(32).fill(7);
const redact = (data: unknown, options?: PrivacyOptions) =>
  createRedactor(options).redact({ operation: 'op', resource: { type: 't', id: 'i' }, data } as JsonObject);

/** Microseconds of processor, the least of three. */
function cost(run: () => void): number {
  return Math.min(
    ...[1, 2, 3].map(() => {
      const before = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(before);
      return user + system;
    }),
  );
}

describe('a pattern of the caller', () => {
  // Each takes JavaScript's own engine exponential time, or the square.
  it.each([
    ['(a+)+$', `${'a'.repeat(60_000)}!`],
    ['(\\w+\\s?)+$', `${'word '.repeat(12_000)}!`],
    ['(?:a|aa)+b', 'a'.repeat(60_000)],
    ['a.*b|a', 'a'.repeat(60_000)],
    ['(?:[a-z]{1,100}x|a)', 'a'.repeat(60_000)],
  ])('%s over text made for it ends, and shows nothing it did not search', (source, text) => {
    const { event } = redact({ text }, { patterns: [{ name: 'own', pattern: new RegExp(source) }] });
    const left = Object.values(event.data as JsonObject)[0] as string;
    // Either all matches are gone, or what was not searched is.
    expect(left === text || left.endsWith('[REDACTED]') || left.endsWith('[REDACTION_ERROR]')).toBe(true);
    if (source.startsWith('a.*b')) expect(left.endsWith('[REDACTION_ERROR]')).toBe(true);
  });

  it.each([
    [/(?=a)b/, 'linear time'],
    [/(?<!a)b/, 'linear time'],
    [/(a)\1/, 'linear time'],
    [/a{1,2000}/, 'linear time'],
    [/(?:\w{1,50} ){1,19}\w{1,900}\p{L}{1,900}/u, 'instructions'],
  ])('%s is refused with a sentence', (pattern, reason) => {
    expect(() => createRedactor({ patterns: [{ name: 'own', pattern }] })).toThrow(reason);
  });

  it('counts what one event costs, and starts anew with the next', () => {
    const redactor = createRedactor({ patterns: [{ name: 'own', pattern: /a.*b|a/ }] });
    const event = (text: string) => ({ operation: 'op', data: { text } }) as unknown as JsonObject;
    expect(JSON.stringify(redactor.redact(event('a'.repeat(60_000))))).toContain('[REDACTION_ERROR]');
    expect(redactor.redact(event('xax')).event.data).toEqual({ text: 'x[REDACTED]x' });
  });
});

describe('a default pattern', () => {
  const heads = SECRET_PATTERNS.flatMap(({ pattern }) => {
    const literal = pattern.source.replace(/\(\?<![^)]*\)/g, '').match(/[A-Za-z:/_-]{3,}/g) ?? [];
    return literal.slice(0, 3);
  });

  it.each([...new Set([...heads, ':a@', '://a:b', '4111 ', 'Bearer a', 'a@a'])])(
    'made of %j costs no more than the length of the text',
    (piece) => {
      const of = (length: number) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
      const small = of(MAX_TEXT / 8);
      const large = of(MAX_TEXT);
      redact({ text: small });
      expect(cost(() => redact({ text: large }))).toBeLessThan(
        8 * 3 * cost(() => redact({ text: small })) + 30_000,
      );
    },
  );
});

describe('secrets looked for elsewhere in their event', () => {
  it('cost what the text costs, however alike they are', () => {
    const event = (length: number) => ({
      tokens: Array.from({ length: 200 }, (_, i) => ({ token: `${'a'.repeat(1_000)}${i}x` })),
      text: 'a'.repeat(length),
    });
    redact(event(1_000));
    const small = cost(() => redact(event(10_000)));
    expect(cost(() => redact(event(80_000)))).toBeLessThan(8 * 3 * small + 30_000);
  });

  it('are masked where only their beginning appears', () => {
    const token = 'x1y2z3w4'.repeat(20);
    const { event } = redact({ token, text: `cut: ${token.slice(0, 90)}` });
    expect(event.data).toEqual({ token: '[REDACTED]', text: 'cut: [REDACTED]' });
  });
});

describe('a text too long to be searched', () => {
  it('loses its end, in which a secret may be cut in two, and the entry tells', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'audit-bounds-'));
    try {
      const log = await openAuditLog({
        directory: join(folder, 'log'),
        origin: 'test.example/bounds',
        onKeyCreated: () => {},
      });
      const jwt = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxIn0'.repeat(200), 'c2lnbmF0dXJl'].join('.');
      // All of it becomes so short that the place where the text was cut would be kept.
      const text = `${`password=${'p'.repeat(4_000)}&`.repeat(32)}${jwt.repeat(40)}`;
      const { seq } = await log.record({
        type: 'test.long',
        category: 'data_access',
        operation: 'op',
        resource: { type: 't', id: 'i' },
        outcome: 'success',
        data: { text, note: 'short', more: 'y'.repeat(MAX_TEXT * 2) },
      });
      const entries = [];
      for await (const entry of log.entries({ from: seq })) entries.push(entry);
      expect((await log.verify()).verdict).toBe('intact');
      await log.close();
      const [entry] = entries;
      expect(entry!.data).toMatchObject({ note: 'short' });
      expect(JSON.stringify(entry)).not.toMatch(/eyJ|pppp/);
      expect(entry!.cut!.map(({ path }) => path).sort()).toEqual(['/data/more', '/data/text']);
      for (const { bytes } of entry!.cut!) expect(bytes).toBe(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('is emptied where the event has had its share, and short texts never are', () => {
    const count = MAX_EVENT_TEXT / MAX_TEXT + 2;
    const { event, cut } = redact({
      list: Array.from({ length: count }, () => `${'y'.repeat(MAX_TEXT - 20)} password=hunter2pw`),
      note: 'password=hunter2pw',
    });
    const { list, note } = event.data as unknown as { list: string[]; note: string };
    expect(list.map((text) => text.slice(-5))).toEqual([...Array(count - 2).fill('CTED]'), '', '']);
    expect(note).toBe('password=[REDACTED]');
    expect(cut).toEqual([`/data/list/${count - 2}`, `/data/list/${count - 1}`]);
  });
});

describe('what fails', () => {
  it('a pattern: its text becomes an error, and the rest of the event stays', () => {
    const pattern = /x/;
    const redactor = createRedactor({ patterns: [{ name: 'own', pattern }], way: 'hmac', hmacKey });
    const data = { token: 'hunter2pw', text: 'x' };
    // Node's own: HMAC needs an encoder.
    const { encode } = TextEncoder.prototype;
    TextEncoder.prototype.encode = () => {
      throw new Error('out of memory');
    };
    try {
      const { event } = redactor.redact({ operation: 'op', data } as JsonObject);
      expect(JSON.stringify(event)).not.toContain('hunter2pw');
      expect(JSON.stringify(event)).toContain('[REDACTION_ERROR]');
    } finally {
      TextEncoder.prototype.encode = encode;
    }
  });

  it('a getter: that member is unreadable, and the secret beside it goes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'audit-fails-'));
    try {
      const log = await openAuditLog({
        directory: join(folder, 'log'),
        origin: 'test.example/fails',
        onKeyCreated: () => {},
      });
      const data = {
        password: 'hunter2pw',
        get secret(): string {
          throw new Error('hunter3pw');
        },
      };
      const { seq } = await log.record({
        ...{
          type: 'test.getter',
          category: 'data_access',
          operation: 'op',
          resource: { type: 't', id: 'i' },
        },
        ...{ outcome: 'success', data },
      } as const);
      for await (const entry of log.entries({ from: seq, to: seq + 1 })) {
        expect(JSON.stringify(entry)).not.toMatch(/hunter/);
        expect(entry.data).toMatchObject({ password: '[REDACTED]' });
      }
      expect((await log.verify()).verdict).toBe('intact');
      await log.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
