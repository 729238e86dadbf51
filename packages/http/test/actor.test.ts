import { expect, test } from 'vitest';
import { completeActor } from '../src/actor.ts';

const CALLER = { ip: '192.0.2.7', userAgent: 'till' };

test('nobody is anonymous, with an address', () => {
  expect(completeActor(undefined, CALLER, {})).toEqual({ type: 'anonymous', id: 'anonymous', ...CALLER });
  expect(completeActor(null, CALLER, {})).toEqual({ type: 'anonymous', id: 'anonymous', ...CALLER });
});

test('what the application says of address and user agent wins', () => {
  const actor = { type: 'user', id: 'u1', ip: '10.0.0.1', userAgent: undefined };
  expect(completeActor(actor, CALLER, {})).toEqual({
    type: 'user',
    id: 'u1',
    ip: '10.0.0.1',
    userAgent: 'till',
  });
});

test.each([
  ['a cookie', { cookie: 'theme=dark; sid=the-session-of-ada; a=b' }, 'the-session-of-ada'],
  ['a percent-encoded cookie', { cookie: 'connect.sid=s%3Athe%2Fsession.sig' }, 'the/session'],
  ['a bearer token', { authorization: 'Bearer the-session-of-ada' }, 'the-session-of-ada'],
  ['another secret header', { 'x-session-token': 'the-session-of-ada' }, 'the-session-of-ada'],
])('a session id that is %s is recorded as its hash', (_what, headers, sessionId) => {
  const actor = completeActor({ type: 'user', id: 'u1', sessionId }, CALLER, headers);
  expect(actor.sessionId).toMatch(/^sha256:[0-9a-f]{32}$/);
  expect(completeActor({ type: 'user', id: 'u1', sessionId }, CALLER, headers).sessionId).toBe(
    actor.sessionId,
  );
});

test('a session id the client did not send stays, so that it can be looked up', () => {
  const actor = completeActor({ type: 'user', id: 'u1', sessionId: 'row-17' }, CALLER, {
    cookie: 'sid=other',
  });
  expect(actor.sessionId).toBe('row-17');
});
