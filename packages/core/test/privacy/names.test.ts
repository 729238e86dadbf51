import { describe, expect, it } from 'vitest';
import { createNameTest, isSecretName, SECRET_NAMES } from '../../src/privacy/names.ts';

describe('secret names', () => {
  it.each(SECRET_NAMES)('%s is one', (name) => {
    expect(isSecretName(name)).toBe(true);
    expect(isSecretName(name.toUpperCase())).toBe(true);
  });

  it.each([
    ...[
      'Password',
      'PASSWORD',
      'pass-word',
      'pass_word',
      'userPassword',
      'new_password',
      'password2',
      'passwordConfirmation',
    ],
    ...[
      'password_hash',
      'mypassword',
      'DB_PASSWORD',
      'user[password]',
      'user.password',
      'X-Api-Key',
      'x-api-key',
      'api key',
    ],
    ...[
      'apiKey',
      'API_KEY',
      'myApiKey',
      'stripeSecretKey',
      'AWS_SECRET_ACCESS_KEY',
      'X-Amz-Signature',
      'X-Amz-Security-Token',
    ],
    ...[
      'accessToken',
      'access_token',
      'csrfToken',
      'XSRF-TOKEN',
      'X-CSRF-Token',
      'Proxy-Authorization',
      'Set-Cookie',
      'sessionId',
    ],
    ...[
      'connect.sid',
      'PHPSESSID',
      'clientSecret',
      'private_key_pem',
      'userPIN',
      'card-number',
      'CVC2',
      'connectionString',
    ],
  ])('%s is one', (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  it.each([
    ...[
      'tokenCount',
      'tokens',
      'max_tokens',
      'inputTokens',
      'keyboard',
      'key',
      'passwordChangedAt',
      'passwordPolicy',
      'tokenType',
    ],
    ...[
      'expiresIn',
      'secretary',
      'cookieConsent',
      'sessionCount',
      'pinned',
      'shipping',
      'company',
      'panel',
      'spin',
      'designed',
    ],
    ...[
      'author',
      'authorized',
      'compass',
      'bypass',
      'signatureAlgorithm',
      'passed',
      'otpEnabled',
      'keyId',
      'id',
      'name',
      '',
    ],
  ])('%s is none', (name) => {
    expect(isSecretName(name)).toBe(false);
  });

  it('can be added to and taken from', () => {
    const test = createNameTest({ keys: ['birth_date', 'Mother Name'], allowKeys: ['session', 'idToken'] });
    expect(test('birthDate')).toBe(true);
    expect(test('rebirthdate')).toBe(false);
    expect(test('user-birth-date')).toBe(true);
    expect(test('motherName')).toBe(true);
    expect(test('session')).toBe(false);
    expect(test('userSession')).toBe(false);
    expect(test('id_token')).toBe(false);
    expect(test('password')).toBe(true);
  });

  it('can be the caller’s own alone', () => {
    const test = createNameTest({ keys: ['ssn'], defaults: false });
    expect(test('ssn')).toBe(true);
    expect(test('password')).toBe(false);
  });

  it('are told apart however long and however many they are', () => {
    expect(isSecretName(`${'x'.repeat(1_000_000)}_password`)).toBe(true);
    for (let i = 0; i < 10_000; i++) expect(isSecretName(`field${i}`)).toBe(false);
    expect(isSecretName('password')).toBe(true);
  });
});
