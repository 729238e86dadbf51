import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/event/model.ts';
import type { PrivacyOptions } from '../../src/privacy/options.ts';
import { createRedactor, MAX_POINTERS } from '../../src/privacy/redactor.ts';

const base = { operation: 'op', resource: { type: 't', id: 'i' } };
const redact = (event: object, options?: PrivacyOptions) =>
  createRedactor(options).redact({ ...base, ...event } as unknown as JsonObject);
const data = (value: unknown, options?: PrivacyOptions) => redact({ data: value }, options).event.data;

describe('values under secret names', () => {
  it('go at any depth, whole, whatever they are', () => {
    const { event, pointers } = redact({
      data: {
        password: 'x1',
        list: [{ deep: { 'X-Api-Key': 'k' } }],
        pin: 1234,
        credentials: { user: 'bob', list: ['a', 'b'] },
        'a/b~c': { token: 't' },
      },
    });
    expect(event.data).toEqual({
      password: '[REDACTED]',
      list: [{ deep: { 'X-Api-Key': '[REDACTED]' } }],
      pin: '[REDACTED]',
      credentials: '[REDACTED]',
      'a/b~c': { token: '[REDACTED]' },
    });
    expect(pointers).toEqual([
      '/data/password',
      '/data/list/0/deep/X-Api-Key',
      '/data/pin',
      '/data/credentials',
      '/data/a~1b~0c/token',
    ]);
  });

  it('stay where they tell nothing: booleans, null, the empty string', () => {
    const value = { password: '', token: null, session: true, otp: false };
    expect(redact({ data: value })).toMatchObject({ event: { data: value }, pointers: [] });
  });

  it('are known in lists of names and values too', () => {
    expect(
      data({
        headers: [
          { name: 'Cookie', value: 'a=b1' },
          { name: 'Accept', value: '*/*' },
        ],
      }),
    ).toEqual({
      headers: [
        { name: 'Cookie', value: '[REDACTED]' },
        { name: 'Accept', value: '*/*' },
      ],
    });
    expect(
      data({
        headers: [
          ['authorization', 'opaque1'],
          ['accept', '*/*'],
        ],
      }),
    ).toEqual({
      headers: [
        ['authorization', '[REDACTED]'],
        ['accept', '*/*'],
      ],
    });
    expect(data({ rawHeaders: ['Cookie', 'a=b1', 'Accept', '*/*'] })).toEqual({
      rawHeaders: ['Cookie', '[REDACTED]', 'Accept', '*/*'],
    });
    expect(data({ command: ['mysql', '--password', 'hunter2', 'shop'] })).toEqual({
      command: ['mysql', '--password', '[REDACTED]', 'shop'],
    });
    expect(data({ changed: ['password', 'email'] })).toEqual({ changed: ['password', 'email'] });
  });

  it('are not the envelope’s, whose names are the format’s own', () => {
    const actor = { type: 'user', id: 'u', sessionId: 'ref-17' };
    expect(redact({ actor }).event.actor).toEqual(actor);
    expect(redact({ actor }, { keys: ['sessionId'] }).event.actor).toEqual({
      ...actor,
      sessionId: '[REDACTED]',
    });
  });

  it('can be keys themselves, and neither key nor pointer shows them', () => {
    const { event, pointers } = redact({
      data: { 'password=hunter2pw': '', 'Bearer abc123def': { token: 'x1y2' } },
    });
    expect(event.data).toEqual({ 'password=[REDACTED]': '', 'Bearer [REDACTED]': { token: '[REDACTED]' } });
    expect(pointers.join()).not.toMatch(/hunter2pw|abc123def/);
  });

  it('but not in ids, whatever digits they hold', () => {
    for (const id of [
      '24864c92-ff7b-4582-b502-8348019163ba',
      '39732250-2079-44fd-ac67-1bf3be1f279b',
      'request-cc7ddb1e-a643-4392-9810-0614ac0d6475.',
      `sha256:${'4111111111111111'}${'ab'.repeat(24)}`,
      `${'0'.repeat(16)}4111111111111111c`.slice(1).padStart(32, 'f'),
    ]) {
      expect(data({ id }), id).toEqual({ id });
    }
    expect(data({ text: '4111111111111111-ab' })).toEqual({ text: '[REDACTED]-ab' });
    expect(data({ text: 'a UUID 24864c92-ff7b-4582-b502-8348019163ba and 4111111111111111' })).toEqual({
      text: 'a UUID 24864c92-ff7b-4582-b502-8348019163ba and [REDACTED]',
    });
  });

  it('as card numbers need not be strings', () => {
    expect(data({ a: 4111111111111111, b: 4111111111111112, c: 1763800286123 })).toEqual({
      a: '[REDACTED]',
      b: 4111111111111112,
      c: 1763800286123,
    });
  });

  it('named __proto__ stay data', () => {
    const hostile = JSON.parse('{"__proto__":{"password":"hunter2pw"},"x":1}');
    const out = data(hostile) as JsonObject;
    expect(JSON.stringify(out)).toBe('{"__proto__":{"password":"[REDACTED]"},"x":1}');
    expect(Object.getPrototypeOf(out)).toBe(Object.prototype);
  });
});

describe('the rule of the same event', () => {
  it('masks what stands under a secret name wherever else it appears', () => {
    const { event, pointers } = redact({
      operation: 'login',
      actor: { type: 'user', id: 'u', name: 'hunter2pw!', userAgent: 'x hunter2pw! y' },
      error: { message: 'no user for hunter2pw%21 or aHVudGVyMnB3IQ==' },
      data: { password: 'hunter2pw!', note: ['is hunter2pw! ok'], 'hunter2pw!': 1 },
    });
    expect(event).toEqual({
      operation: 'login',
      resource: base.resource,
      actor: { type: 'user', id: 'u', name: '[REDACTED]', userAgent: 'x [REDACTED] y' },
      error: { message: 'no user for [REDACTED] or [REDACTED]Q==' },
      data: { password: '[REDACTED]', note: ['is [REDACTED] ok'], '[REDACTED]': 1 },
    });
    expect(pointers).toEqual(
      expect.arrayContaining([
        '/data/password',
        '/actor/name',
        '/actor/userAgent',
        '/error/message',
        '/data/note/0',
      ]),
    );
  });

  it.each([
    ['percent-encoded', 'p&ss wörd/1', 'at p%26ss%20w%C3%B6rd%2F1 failed'],
    ['percent-encoded in small letters', 'p&ss wörd/1', 'at p%26ss%20w%c3%b6rd%2f1 failed'],
    ['form-encoded', 'p&ss wörd/1', 'at p%26ss+w%C3%B6rd%2F1 failed'],
    ['escaped for JSON', 'quo"te\\pass', 'body {"p":"quo\\"te\\\\pass"'],
    ['in base64 behind one byte', 'hunter2pw', `x ${Buffer.from('1hunter2pw').toString('base64')}`],
    ['in base64 behind two bytes', 'hunter2pw', `x ${Buffer.from('12hunter2pw34').toString('base64')}`],
    ['in base64url', 'pw??>>~~pw??>>', `x ${Buffer.from('pw??>>~~pw??>>').toString('base64url')}`],
  ])('finds it %s', (_, password, message) => {
    const { event } = redact({ data: { password }, error: { message } });
    expect((event.error as JsonObject).message).toContain('[REDACTED]');
  });

  it('knows what a header is made of', () => {
    const basic = `Basic ${Buffer.from('bob:hunter2pw').toString('base64')}`;
    const { event } = redact({
      data: { headers: { authorization: basic, cookie: 'theme=dark; sid=abcdefgh12' } },
      error: { message: 'hunter2pw for abcdefgh12 in dark mode' },
      actor: { type: 'user', id: 'u', sessionId: 'abcdefgh12' },
    });
    expect(event.error).toEqual({ message: '[REDACTED] for [REDACTED] in dark mode' });
    expect(event.actor).toMatchObject({ sessionId: '[REDACTED]' });
  });

  it('takes secrets found inside of strings too', () => {
    const { event } = redact({ data: { url: '/x?token=hunter2pw' }, error: { message: 'bad hunter2pw' } });
    expect(event.error).toEqual({ message: 'bad [REDACTED]' });
  });

  it('looks for short values as words only, and for the shortest not at all', () => {
    const { event } = redact({
      data: { pin: '1234', otp: '777' },
      error: { message: 'pin 1234, order 91234, 777' },
    });
    expect(event.error).toEqual({ message: 'pin [REDACTED], order 91234, 777' });
  });

  it('does not let a client hide who it is by sending that as its password', () => {
    const who = {
      actor: { type: 'user', id: 'user-4711', ip: '192.0.2.10' },
      trace: { requestId: 'user-4711' },
    };
    expect(
      redact({ ...who, data: { password: 'user-4711', token: '192.0.2.10', secret: 'user' } }).event,
    ).toMatchObject(who);
  });

  it('does not garble what was masked before', () => {
    const { event } = redact({ data: { password: 'REDACTED', note: 'see [REDACTED]' } });
    expect(event.data).toEqual({ password: '[REDACTED]', note: 'see [REDACTED]' });
  });
});

it('a client cannot hide what it did by sending that as its password', () => {
  const { event } = redact({
    operation: 'delete-all',
    resource: { type: 'orders', id: 'o-12345678', name: 'the big order' },
    actor: { type: 'customer', id: 'mallory-1', ip: '192.0.2.7' },
    data: {
      tried: [
        'delete-all',
        'o-12345678',
        'the big order',
        'customer',
        'mallory-1',
        '192.0.2.7',
        'orders',
      ].map((password) => ({ password })),
    },
  });
  expect(event).toMatchObject({
    operation: 'delete-all',
    resource: { type: 'orders', id: 'o-12345678', name: 'the big order' },
    actor: { type: 'customer', id: 'mallory-1', ip: '192.0.2.7' },
  });
});

describe('options', () => {
  const key = new Uint8Array(32).fill(7);

  it('way remove takes the key with the value, but leaves an entry what it needs', () => {
    const { event, pointers } = redact(
      {
        operation: 'password=hunter2pw',
        actor: { type: 'user', id: 'u', name: 'hunter2pw' },
        data: { password: 'hunter2pw', list: [{ pin: 1 }], ok: 1 },
      },
      { way: 'remove' },
    );
    expect(event).toEqual({
      operation: 'password=',
      resource: base.resource,
      actor: { type: 'user', id: 'u', name: '[REDACTED]' },
      data: { list: [{}], ok: 1 },
    });
    expect(pointers).toContain('/data/password');
  });

  it('way hmac makes equal secrets comparable under a key that has an id', () => {
    const out = data(
      { password: 'hunter2pw', again: { token: 'hunter2pw' }, other: { token: 'hunter3pw' } },
      { way: 'hmac', hmacKey: key },
    ) as {
      password: string;
      again: { token: string };
      other: { token: string };
    };
    const mac = createHmac('sha256', key).update('hunter2pw').digest('hex').slice(0, 32);
    expect(out.password).toMatch(/^hmac:[0-9a-f]{8}:[0-9a-f]{32}$/);
    expect(out.password.endsWith(mac)).toBe(true);
    expect(out.again.token).toBe(out.password);
    expect(out.other.token).not.toBe(out.password);
    expect(out.other.token.slice(0, 13)).toBe(out.password.slice(0, 13));
  });

  it('pointers name exact places, * any one token', () => {
    const { event, pointers } = redact(
      {
        actor: { type: 'user', id: 'u', ip: '::1' },
        data: {
          user: { email: 'a@b' },
          items: [{ n: 'x', m: 1 }, { n: 'y' }],
          'a/b': 1,
          keep: { email: 'c@d' },
        },
      },
      { pointers: ['/actor/ip', '/data/user/email', '/data/items/*/n', '/data/a~1b'] },
    );
    expect(event).toMatchObject({
      actor: { type: 'user', id: 'u', ip: '[REDACTED]' },
      data: {
        user: { email: '[REDACTED]' },
        items: [{ n: '[REDACTED]', m: 1 }, { n: '[REDACTED]' }],
        'a/b': '[REDACTED]',
        keep: { email: 'c@d' },
      },
    });
    expect(pointers).toEqual([
      '/actor/ip',
      '/data/user/email',
      '/data/items/0/n',
      '/data/items/1/n',
      '/data/a~1b',
    ]);
  });

  it('pointers to whole groups leave an entry its shape', () => {
    const event = { actor: { type: 'user', id: 'u' }, data: { a: 1 } };
    const pointers = ['/actor', '/data', '/resource', '/operation'];
    expect(redact(event, { pointers }).event).toEqual({
      operation: '[REDACTED]',
      resource: { type: '[REDACTED]', id: '[REDACTED]' },
      actor: { type: '[REDACTED]', id: '[REDACTED]' },
      data: {},
    });
    expect(redact(event, { pointers, way: 'remove' }).event).toEqual({
      operation: '[REDACTED]',
      resource: { type: '[REDACTED]', id: '[REDACTED]' },
      data: {},
    });
  });

  it('patterns of one’s own replace each match, whatever their flags', () => {
    const patterns = [
      { name: 'badge', pattern: /B-\d+/y },
      { name: 'nothing', pattern: /z*/ },
    ];
    expect(data({ text: 'B-17 and B-18 in boz', badge: 'B-1' }, { patterns })).toEqual({
      text: '[REDACTED] and [REDACTED] in bo[REDACTED]',
      badge: '[REDACTED]',
    });
  });

  it('defaults can be allowed one by one, or turned off', () => {
    const text = 'AKIAIOSFODNN7EXAMPLE 4111111111111111';
    expect(data({ text }, { allowPatterns: ['aws-key'] })).toEqual({
      text: 'AKIAIOSFODNN7EXAMPLE [REDACTED]',
    });
    expect(data({ text, n: 4111111111111111 }, { allowPatterns: ['aws-key', 'card-number'] })).toEqual({
      text,
      n: 4111111111111111,
    });
    expect(data({ session: 'abc', password: 'hunter2pw' }, { allowKeys: ['session'] })).toEqual({
      session: 'abc',
      password: '[REDACTED]',
    });
    expect(data({ text, password: 'x1' }, { defaults: false })).toEqual({ text, password: 'x1' });
  });

  it.each([
    [{ way: 'hmac' }, TypeError],
    [{ way: 'hmac', hmacKey: new Uint8Array(31) }, RangeError],
    [{ way: 'burn' }, RangeError],
    [{ pointers: ['data/x'] }, RangeError],
    [{ pointers: ['/type'] }, RangeError],
    [{ allowPatterns: ['no-such'] }, RangeError],
    [{ patterns: [{ name: 'x', pattern: 'text' }] }, TypeError],
  ])('%j is refused at construction', (options, error) => {
    expect(() => createRedactor(options as never)).toThrow(error);
  });
});

describe('what cannot be done', () => {
  it('is listed up to a limit, and done beyond it', () => {
    const { event, pointers } = redact({
      data: { list: Array.from({ length: 300 }, () => ({ password: 'hunter2pw' })) },
    });
    expect(pointers).toHaveLength(MAX_POINTERS);
    expect(JSON.stringify(event)).not.toContain('hunter2pw');
  });

  it('never throws: an event that cannot be walked keeps its shape and none of its values', () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('trap');
        },
      },
    );
    const { event, pointers } = redact({ data: hostile, actor: { type: 'user', id: 'u' } });
    expect(event).toEqual({
      operation: '[REDACTION_ERROR]',
      resource: { type: '[REDACTION_ERROR]', id: '[REDACTION_ERROR]' },
      data: { error: '[REDACTION_ERROR]' },
      actor: { type: '[REDACTION_ERROR]', id: '[REDACTION_ERROR]' },
    });
    expect(pointers).toContain('/data');
  });

  it('in JSON text nested without end is masked from there on', () => {
    const text = `${'[{"a":'.repeat(5_000)}{"password":"hunter2pw"}${'}]'.repeat(5_000)}`;
    expect(JSON.stringify(data({ text }))).not.toContain('hunter2pw');
  });
});
