import { describe, expect, it } from 'vitest';
import { AuditError } from '../../src/errors.ts';
import { validate } from '../../src/event/validate.ts';

const good = {
  type: 'auth.attempt',
  operation: 'login',
  resource: { type: 'user', id: 'u' },
  outcome: 'success',
};

function refusal(event: unknown): AuditError {
  try {
    validate(event);
  } catch (error) {
    expect(error).toBeInstanceOf(AuditError);
    expect((error as AuditError).code).toBe('EVENT_INVALID');
    return error as AuditError;
  }
  throw new Error('was accepted');
}

describe('an event is refused', () => {
  it.each([
    ['type is missing', { type: undefined }, /type \(undefined\)/],
    ['type is no dotted name', { type: 'Auth.Attempt' }, /type \("Auth.Attempt"\)/],
    ['type has an empty part', { type: 'auth..x', category: 'audit' }, /type/],
    ['type is too long', { type: 'a'.repeat(129), category: 'audit' }, /128 bytes/],
    ['type is unknown and no category given', { type: 'shop.refund' }, /category is missing/],
    ['category is unknown', { category: 'stuff' }, /category \("stuff"\) must be one of agent_lifecycle/],
    ['level is unknown', { level: 'fatal' }, /level \("fatal"\)/],
    ['outcome is missing', { outcome: undefined }, /outcome is missing/],
    ['outcome is unknown', { outcome: 'ok' }, /outcome \("ok"\)/],
    ['operation is empty', { operation: '' }, /operation/],
    ['operation is no string', { operation: 5 }, /operation \(number\)/],
    ['resource is missing', { resource: undefined }, /resource \(undefined\)/],
    ['resource.type is empty', { resource: { type: '', id: 'x' } }, /resource\.type/],
    ['resource.id is missing', { resource: { type: 'x' } }, /resource\.id/],
    ['id is empty', { id: '' }, /id/],
    ['id is no string', { id: 5 }, /id \(number\)/],
    ['id is too long in bytes', { id: 'ä'.repeat(65) }, /128 bytes/],
    ['id holds a lone surrogate', { id: '\ud800' }, /id/],
    ['occurredAt is no time', { occurredAt: 'yesterday' }, /occurredAt/],
    ['occurredAt is 30 February', { occurredAt: '2026-02-30T00:00:00Z' }, /occurredAt/],
    ['occurredAt is an invalid Date', { occurredAt: new Date(Number.NaN) }, /occurredAt/],
    ['occurredAt is past the year 9999', { occurredAt: new Date(8e15) }, /occurredAt/],
    ['a field is unknown', { occuredAt: new Date() }, /"occuredAt" is not a field/],
  ])('where %s', (_, change, message) => {
    expect(refusal({ ...good, ...change }).message).toMatch(message);
  });

  it.each([[null], [undefined], ['x'], [1], [Symbol('x')]])('where it is %s', (event) => {
    expect(refusal(event).message).toMatch(/object/);
  });

  it('with every problem at once, and the id to retry with', () => {
    const { message, id } = refusal({ type: 'x y', operation: '', outcome: 'ok', id: 'mine' });
    for (const field of ['type', 'operation', 'outcome', 'resource']) expect(message).toContain(field);
    expect(id).toBe('mine');
  });

  it('where it cannot be read, with the cause', () => {
    const cause = new Error('trap');
    const event = new Proxy(good, {
      get: () => {
        throw cause;
      },
    });
    expect(refusal(event).cause).toBe(cause);
  });
});

describe('an event is accepted', () => {
  it('with an unknown type that brings its category', () => {
    expect(validate({ ...good, type: 'shop.refund', category: 'data_access' }).category).toBe('data_access');
  });

  it('with numbers, dates and ids of databases where strings belong', () => {
    const checked = validate({
      ...good,
      resource: { type: 'order', id: 17, name: 18n },
      actor: {
        type: 'user',
        id: { toJSON: () => '507f1f77bcf86cd799439011' },
        name: Symbol('n'),
        ip: new Date(0),
      },
      trace: { requestId: 5, traceId: () => 1, spanId: null },
      error: { message: 404, code: 5, name: { a: 1 } },
    });
    expect(checked).toMatchObject({
      resource: { type: 'order', id: '17', name: '18' },
      actor: { type: 'user', id: '507f1f77bcf86cd799439011', name: 'n', ip: '1970-01-01T00:00:00.000Z' },
      error: { message: '404', code: '5', name: '{"a":1}' },
    });
    expect(checked.trace).toEqual({ requestId: '5' });
  });

  it('with half an actor, or an actor that is a name', () => {
    expect(validate({ ...good, actor: { id: 'u' } }).actor).toEqual({ type: 'unknown', id: 'u' });
    expect(validate({ ...good, actor: 'alice' }).actor).toEqual({ type: 'unknown', id: 'alice' });
    expect(validate({ ...good, actor: { type: 'user', id: 'u', role: 'admin' } }).actor).toEqual({
      type: 'user',
      id: 'u',
    });
  });

  it('with optional fields that throw or are nonsense', () => {
    const throws = new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap');
        },
      },
    );
    expect(validate({ ...good, actor: throws, trace: throws, error: throws })).toMatchObject({
      actor: { type: '[Unreadable]', id: '[Unreadable]' },
      trace: { requestId: '[Unreadable]' },
      error: { message: '[Unreadable]' },
    });
    expect(validate({ ...good, actor: null, trace: 5, error: 'just text' })).toMatchObject({
      actor: undefined,
      trace: undefined,
      error: { message: 'just text' },
    });
  });

  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31t13:30:00.123456789+01:30', '2026-01-31T12:00:00.123Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.999Z'],
  ])('with occurredAt %s, kept as %s', (occurredAt, kept) => {
    expect(validate({ ...good, occurredAt }).occurredAt).toBe(kept);
  });
});
