// A way for each rule, and the switch that turns all of it off aloud.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/event/model.ts';
import { openAuditLog } from '../../src/index.ts';
import type { PrivacyOptions } from '../../src/privacy/options.ts';
import { createRedactor } from '../../src/privacy/redactor.ts';

const hmacKey = new Uint8Array(32).fill(7);
const data = (value: unknown, options: PrivacyOptions) =>
  createRedactor(options).redact({ operation: 'op', data: value } as JsonObject).event.data;
const HMAC = /^hmac:[0-9a-f]{8}:[0-9a-f]{32}$/;

describe('a rule with a way of its own', () => {
  it('by key, of one’s own or of the default list, inside of texts too', () => {
    const options: PrivacyOptions = {
      hmacKey,
      keys: [{ key: 'session-id', way: 'hmac' }, { key: 'shoe-size', way: 'remove' }, 'badge'],
    };
    const out = data(
      {
        userSessionId: 'abcdefgh12',
        shoeSize: 43,
        badge: 'B-1',
        password: 'x1y2z3',
        text: 'session_id=abcdefgh12',
      },
      options,
    ) as Record<string, string>;
    expect(out).toEqual({
      userSessionId: expect.stringMatching(HMAC),
      badge: '[REDACTED]',
      password: '[REDACTED]',
      text: `session_id=${out.userSessionId}`,
    });
  });

  it('by pattern, of one’s own or a default one', () => {
    const options: PrivacyOptions = {
      hmacKey,
      way: 'remove',
      patterns: [
        { name: 'card-number', way: 'hmac' },
        { name: 'employee', pattern: /\bE-(?<secret>\d{6})\b/, way: 'mask' },
      ],
    };
    const out = data(
      { text: 'E-123456 paid with 4111111111111111', number: 4111111111111111, password: 'x' },
      options,
    );
    expect(out).toEqual({
      text: expect.stringMatching(/^E-\[REDACTED\] paid with hmac:\S+$/),
      number: expect.stringMatching(HMAC),
    });
  });

  it('by pointer', () => {
    const options: PrivacyOptions = {
      hmacKey,
      pointers: ['/data/a', { pointer: '/data/b', way: 'hmac' }, { pointer: '/data/c', way: 'remove' }],
    };
    expect(data({ a: 'x', b: 'y', c: 'z', d: 1 }, options)).toEqual({
      a: '[REDACTED]',
      b: expect.stringMatching(HMAC),
      d: 1,
    });
  });

  it('is followed where the secret appears elsewhere in the event', () => {
    const out = data(
      { token: 'abcdefgh12', note: 'used abcdefgh12' },
      { hmacKey, keys: [{ key: 'token', way: 'hmac' }] },
    ) as Record<string, string>;
    expect(out.note).toBe(`used ${out.token}`);
  });

  it.each([
    [{ keys: [{ key: 'a', way: 'hmac' }] }, 'hmacKey'],
    [{ keys: [{ key: 'a', way: 'burn' }] }, 'burn'],
    [{ patterns: [{ name: 'no-such', way: 'mask' }] }, 'no-such'],
    [{ patterns: [{ name: 'jwt' }] }, 'jwt'],
    [{ enabled: false, keys: ['a'] }, 'privacy.keys has no effect'],
    [{ enabled: 'no' }, 'privacy.enabled'],
    [{ kyes: ['a'] }, 'privacy.kyes is no option'],
  ])('%j is refused', (options, reason) => {
    expect(() => createRedactor(options as never)).toThrow(reason);
  });
});

describe('privacy switched off', () => {
  it.each([
    [{ enabled: false }, 'hunter2pw', 'privacy is switched off'],
    [{ defaults: false }, 'hunter2pw', 'the default rules of privacy are off'],
    [{}, '[REDACTED]', undefined],
  ] as const)(
    '%j is told by the log each time it opens, and by its health',
    async (privacy, password, warning) => {
      const folder = await mkdtemp(join(tmpdir(), 'audit-off-'));
      const open = () =>
        openAuditLog({
          directory: join(folder, 'log'),
          origin: 'test.example/off',
          privacy,
          onKeyCreated: () => {},
        });
      try {
        await (await open()).close();
        const log = await open();
        await log.record({
          type: 'data.read',
          operation: 'read',
          resource: { type: 't', id: 'i' },
          outcome: 'success',
          data: { password },
        });
        const told: (string | undefined)[] = [];
        for await (const entry of log.entries()) {
          if (entry.type === 'data.read') expect(entry.data).toEqual({ password });
          if (entry.type === 'log.create' || entry.type === 'log.open') {
            told.push((entry.data?.warnings as string[] | undefined)?.join());
          }
        }
        const { status, reasons } = log.health();
        expect((await log.verify()).verdict).toBe('intact');
        await log.close();
        expect(status).toBe(warning === undefined ? 'ok' : 'degraded');
        for (const text of [...told, reasons.join() || undefined]) {
          if (warning === undefined) expect(text).toBeUndefined();
          else expect(text).toContain(warning);
        }
        expect(told).toHaveLength(2);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});
