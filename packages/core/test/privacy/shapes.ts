// The shapes of event in which applications leave secrets.
import type { AuditEvent } from '../../src/index.ts';
import type { Secret } from './secrets.ts';

export interface Shape {
  readonly name: string;
  /** What an event of this shape has besides its envelope; undefined where the secret has no place in it. */
  readonly of: (secret: Secret) => Partial<AuditEvent> | undefined;
  /** How much of the secret is in it, where not all of it is. */
  readonly part?: (value: string) => string;
}

const oneLine = ({ value }: Secret) => !/[\n\r]/.test(value);
/** What a shell, a header or a line of `K=V` takes without quotes. */
const isToken = ({ value }: Secret) => /^[\w.~+/=:!-]+$/.test(value);
const base64 = (text: string) => Buffer.from(text).toString('base64');
const half = (value: string) => [...value].slice(0, Math.ceil(value.length / 2)).join('');
const data = (members: unknown): Partial<AuditEvent> => ({ data: members as Record<string, unknown> });

export const SHAPES: readonly Shape[] = [
  { name: 'nested object', of: ({ value }) => data({ a: { b: { c: { password: value, ok: 1 } } } }) },
  { name: 'array of objects', of: ({ value }) => data({ users: [{ id: 1 }, { id: 2, secret: value }] }) },
  { name: 'array under a name', of: ({ value }) => data({ passwords: ['x', value] }) },
  {
    name: 'keys in every case',
    of: ({ value }) =>
      data({
        ...{
          apiKey: value,
          api_key: value,
          'api-key': value,
          API_KEY: value,
          ApiKey: value,
          'X-Api-Key': value,
        },
        ...{ clientSecret: value, user_password: value, 'db.password': value, 'user[token]': value },
      }),
  },
  {
    name: 'string of JSON',
    of: ({ value }) => data({ body: JSON.stringify({ user: 'bob', token: value }) }),
  },
  {
    name: 'JSON in JSON',
    of: ({ value }) => data({ body: JSON.stringify({ inner: JSON.stringify({ password: value }) }) }),
  },
  {
    name: 'JSON cut in the midst of the secret',
    part: half,
    of: ({ value }) =>
      // Less than half of that occurs in random ids and hashes now and then.
      value.length < 20
        ? undefined
        : data({ body: `{"user":"bob","password":${JSON.stringify(half(value)).slice(0, -1)}` }),
  },
  {
    name: 'JSON in prose',
    of: ({ value }) => ({
      error: { message: `upstream said: 400 for ${JSON.stringify({ apiKey: value })}` },
    }),
  },
  {
    name: 'query string',
    of: ({ value }) => data({ url: `/cb?state=x&access_token=${encodeURIComponent(value)}&page=2` }),
  },
  {
    name: 'URL in a URL',
    of: ({ value }) =>
      data({
        url: `https://a.example/login?next=${encodeURIComponent(`/cb?token=${encodeURIComponent(value)}`)}`,
      }),
  },
  {
    name: 'connection string',
    of: ({ value }) => ({
      error: {
        message: `cannot connect to postgres://app:${encodeURIComponent(value)}@db.example:5432/shop`,
      },
    }),
  },
  {
    name: 'connection string of key and value',
    of: (secret) =>
      isToken(secret)
        ? data({ dsnText: `Server=db;User Id=sa;Password=${secret.value};Encrypt=true` })
        : undefined,
  },
  {
    name: 'headers',
    of: (secret) =>
      oneLine(secret)
        ? data({
            headers: { accept: '*/*', authorization: `Bearer ${secret.value}`, 'x-api-key': secret.value },
          })
        : undefined,
  },
  {
    name: 'raw headers',
    of: (secret) =>
      oneLine(secret) ? data({ rawHeaders: ['Accept', '*/*', 'Authorization', secret.value] }) : undefined,
  },
  {
    name: 'header in a message',
    of: (secret) =>
      isToken(secret)
        ? { error: { message: `request failed\nAuthorization: Bearer ${secret.value}\nAccept: */*` } }
        : undefined,
  },
  {
    name: 'HTTP Basic',
    of: ({ value }) => ({ error: { message: `sent Authorization: Basic ${base64(`bob:${value}`)}` } }),
  },
  {
    name: 'cookie',
    of: (secret) =>
      isToken(secret)
        ? data({
            headers: { cookie: `theme=dark; sid=${secret.value}` },
            line: `Cookie: a=b; sid=${secret.value}`,
          })
        : undefined,
  },
  {
    name: 'form body',
    of: ({ value }) =>
      data({ body: new URLSearchParams({ user: 'bob', password: value, x: '1' }).toString() }),
  },
  {
    name: 'multipart body',
    of: ({ value }) =>
      data({
        body: `--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n${value}\r\n--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--b--`,
      }),
  },
  {
    name: 'Error with message and stack',
    of: ({ value }) => data({ failure: new Error(`login failed: ${JSON.stringify({ password: value })}`) }),
  },
  {
    name: 'Error with a cause',
    of: ({ value }) =>
      data({
        failure: new Error('outer', { cause: new Error(`GET /x?token=${encodeURIComponent(value)}`) }),
      }),
  },
  {
    name: 'Map and Set',
    of: ({ value }) =>
      data({ map: new Map([['password', value]]), set: new Set([JSON.stringify({ secret: value })]) }),
  },
  {
    name: 'Buffer of JSON',
    of: ({ value }) => data({ raw: Buffer.from(JSON.stringify({ password: value })) }),
  },
  {
    name: 'form in base64url',
    of: ({ value }) =>
      data({ raw: Buffer.from(`user=bob&password=${encodeURIComponent(value)}`).toString('base64url') }),
  },
  {
    name: 'environment list',
    of: (secret) =>
      oneLine(secret)
        ? data({ env: ['NODE_ENV=test', `DB_PASSWORD=${secret.value.replaceAll(' ', '_')}`] })
        : undefined,
  },
  {
    name: 'command line',
    of: (secret) =>
      isToken(secret) && !secret.value.startsWith('-')
        ? data({
            command: `deploy --verbose --api-key ${secret.value} shop`,
            short: `deploy --token=${secret.value}`,
          })
        : undefined,
  },
  {
    name: 'arguments',
    of: ({ value }) => data({ argv: ['mysql', '-u', 'root', '--password', value, 'shop'] }),
  },
  {
    name: 'GraphQL variables',
    of: ({ value }) =>
      data({
        query:
          'mutation Login($user: String!, $password: String!) { login(user: $user, password: $password) { id } }',
        variables: { input: { user: 'bob', password: value } },
      }),
  },
  {
    name: 'names and values',
    of: ({ value }) => data({ fields: [{ name: 'password', value }], pairs: [['token', value]] }),
  },
  {
    name: 'text beyond ASCII',
    of: (secret) =>
      isToken(secret) ? data({ note: `Größe ✓ 日本語 password=${secret.value} — déjà vu` }) : undefined,
  },
  {
    name: 'same event',
    of: ({ value }) => ({
      error: { message: `no such user for ${value}, ${encodeURIComponent(value)} or ${base64(value)}` },
      data: { password: value, note: [`tried ${value}`] },
    }),
  },
  {
    name: 'prose',
    of: ({ value, byLooks }) => (byLooks ? { error: { message: `rotated ${value} today` } } : undefined),
  },
  {
    name: 'key of an object',
    of: ({ value, byLooks }) => (byLooks ? data({ seen: { [value]: 2 } }) : undefined),
  },
];
