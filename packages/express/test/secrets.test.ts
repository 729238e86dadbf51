import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Entry, openAuditLog } from '@audit/core';
import type { Express } from 'express';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listen, rawClient } from '../../http/test/wire.ts';
import { auditErrors, auditExpress } from '../src/index.ts';
import { findSecret } from './grep.ts';
import { type ExpressFactory, VERSIONS } from './shop.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-secrets-'));
});
afterEach(() => rm(folder, { recursive: true }));

const LOGIN = {
  type: 'auth.attempt',
  operation: 'log in',
  resource: { type: 'user', id: 'u1' },
  outcome: 'denied',
} as const;
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg';
/** What stands for an ordinary value: if it were missing, the search below would prove nothing. */
const HARMLESS = 'an-ordinary-value';

/** A shop that puts all it is sent into domain events and error messages. */
function routes(app: Express, express: ExpressFactory) {
  app.use(express.json(), express.urlencoded({ extended: true }), express.text());
  app.use((req, _res, next) => {
    const session = /sid=([^;]*)/.exec(String(req.headers.cookie))?.[1];
    req.audit.actor = { type: 'user', id: 'u1', sessionId: session, name: req.get('x-display-name') };
    next();
  });
  app.post('/login', async (req, res) => {
    await req.audit.record({ ...LOGIN, data: { body: req.body, query: req.query, headers: req.headers } });
    res.json({ noted: HARMLESS });
  });
  app.post('/login-told', async (req, res) => {
    const error = new Error(`no login with ${req.body.password} or ${req.body.deep.list[0].token}`);
    await req.audit.record({ ...LOGIN, error, data: { body: req.body } });
    res.json({ noted: HARMLESS });
  });
  app.all('/boom', (req) => {
    throw new Error(
      `rejected ${req.get('x-note')} ${req.query.password} ${req.get('x-api-key')} ${req.body?.password} (${HARMLESS})`,
    );
  });
  app.use(auditErrors());
}

async function shop(express: ExpressFactory) {
  const directory = join(folder, 'log');
  const log = await openAuditLog({ directory, origin: 'shop.example/audit', onKeyCreated: () => {} });
  const app = express();
  app.set('env', 'test');
  const listed = [
    'authorization',
    'cookie',
    'x-api-key',
    'Proxy-Authorization',
    'referer',
    'host',
    'user-agent',
  ];
  app.use(auditExpress({ log, headers: listed, responseHeaders: ['set-cookie', 'location'] }));
  routes(app, express);
  const server = await listen(app);
  /** Closes everything, verifies, and resolves with the entries and what is found of each secret on disk. */
  const close = async (secrets: readonly string[]) => {
    await server.close();
    const entries: Entry[] = [];
    await log.flush();
    for await (const entry of log.entries({ type: ['http.*', 'auth.*'] })) entries.push(entry);
    const report = await log.verify();
    await log.close();
    expect(report.verdict).toBe('intact');
    expect(findSecret(folder, 'shop.example/audit')).not.toEqual([]);
    return {
      entries,
      leaks: secrets.flatMap((secret) => findSecret(folder, secret).map((where) => `${secret} ${where}`)),
    };
  };
  return { ...server, close };
}

describe.each(VERSIONS)(
  '%s: no secret a client sends is anywhere under the log’s directory',
  (_name, express) => {
    test.each([
      ['password', `password=%s`],
      ['a name in capitals', 'PASSWORD=%s'],
      ['a nested name', 'user[password]=%s'],
      ['a nested name, percent-encoded', 'user%5Bpassword%5D=%s'],
      ['a percent-encoded name', 'pass%77ord=%s'],
      ['a repeated parameter', 'token=first-one-of-them&token=%s'],
      ['an array', 'token[]=%s&token[]=x'],
      ['an access token', 'access_token=%s'],
      ['an API key in camel case', 'apiKey=%s'],
      ['a URL inside of a parameter', 'next=https%3A%2F%2Fpay.example%2F%3Ftoken%3D%s'],
      ['JSON inside of a parameter', 'filter=%7B%22password%22%3A%22%s%22%7D'],
      ['parameters separated by semicolons', 'a=1;password=%s'],
    ])('in the query: %s', async (_what, query) => {
      const secret = 's3cret/Query+7f3a9c';
      const server = await shop(express);
      await (
        await fetch(`${server.url}/boom?a=${HARMLESS}&${query.replace('%s', encodeURIComponent(secret))}`)
      ).text();
      await (await fetch(`${server.url}/nowhere?${query.replace('%s', encodeURIComponent(secret))}`)).text();
      const { entries, leaks } = await server.close([secret]);
      expect(leaks).toEqual([]);
      expect(entries).toHaveLength(2);
      expect(entries[0]?.data?.query).toContain(HARMLESS);
      expect(entries[0]?.error?.message).toContain(HARMLESS);
    });

    test.each([
      ['an absolute target', 'http://admin:%s@shop.example/path?x=1'],
      ['a target that begins with an authority', '//admin:%s@shop.example/path?x=1'],
      ['a user name that is the token', 'https://%s@shop.example/path?x=1'],
      ['a path parameter', '/path;jsessionid=%s?x=1'],
      ['a fragment', '/path?x=1#access_token=%s'],
      ['a JWT in the path', `/path/%s?x=1`],
    ])('in the target: %s', async (what, target) => {
      const secret = what.includes('JWT') ? JWT : 's3cretTarget-7f3a9c';
      const server = await shop(express);
      const client = await rawClient(server.port);
      client.send(
        `GET ${target.replace('%s', secret)} HTTP/1.1\r\nHost: u:${secret}@shop\r\nConnection: close\r\n\r\n`,
      );
      await client.over();
      const { entries, leaks } = await server.close([secret]);
      expect(leaks).toEqual([]);
      expect(entries).toHaveLength(1);
      expect(entries[0]?.data).toMatchObject({ query: 'x=1', status: 404 });
      expect(entries[0]?.data?.path).toContain('path');
    });

    test('in headers of any case, listed and put into an event', async () => {
      const secrets = {
        bearer: 's3cretBearer-7f3a9c',
        basic: 's3cretBasic-7f3a9c',
        cookie: 's3cretCookie-7f3a9c',
        key: 's3cretKey-7f3a9c',
        referer: 's3cretReferer-7f3a9c',
        proxy: 's3cretProxy-7f3a9c',
      };
      const server = await shop(express);
      for (const authorization of [
        `Bearer ${secrets.bearer}`,
        `Basic ${Buffer.from(`admin:${secrets.basic}`).toString('base64')}`,
      ]) {
        await new Promise<void>((resolve, reject) => {
          const headers = {
            AUTHORIZATION: authorization,
            cOOKIE: `theme=dark; sid=${secrets.cookie}`,
            'X-API-KEY': secrets.key,
            REFERER: `https://u:${secrets.referer}@shop.example/?token=${secrets.referer}`,
            'proxy-AUTHORIZATION': `Bearer ${secrets.proxy}`,
            'X-Display-Name': `Ada with Bearer ${secrets.bearer}`,
            'X-Note': `Authorization: ${authorization}`,
          };
          const sent = httpRequest(`${server.url}/login`, { method: 'POST', headers }, (response) => {
            response.resume().once('end', resolve);
          });
          sent.once('error', reject).end();
        });
        await (
          await fetch(`${server.url}/boom`, {
            headers: { authorization, 'x-api-key': secrets.key, 'x-note': authorization },
          })
        ).text();
      }
      const { entries, leaks } = await server.close(Object.values(secrets));
      expect(leaks).toEqual([]);
      expect(entries).toHaveLength(6);
      expect(entries.find((entry) => entry.operation === 'POST /login')?.data?.requestHeaders).toMatchObject({
        authorization: '[REDACTED]',
        cookie: '[REDACTED]',
        'x-api-key': '[REDACTED]',
      });
    });

    test('in bodies a handler records: JSON nested and in arrays, forms, text', async () => {
      const secret = 's3cret body&7f3a9c="';
      const server = await shop(express);
      const json = { password: secret, deep: { list: [{ token: `${secret}0` }], remark: HARMLESS } };
      const bodies: readonly [type: string, body: string][] = [
        ['application/json', JSON.stringify(json)],
        ['application/json', JSON.stringify([json, { user: { NewPassword: secret } }])],
        [
          'application/x-www-form-urlencoded',
          new URLSearchParams({ 'user[password]': secret, remark: HARMLESS }).toString(),
        ],
        ['text/plain', new URLSearchParams({ password: secret, remark: HARMLESS }).toString()],
        ['text/plain', JSON.stringify({ data: JSON.stringify(json) })],
      ];
      for (const [type, body] of bodies) {
        await (
          await fetch(`${server.url}/login`, { method: 'POST', headers: { 'content-type': type }, body })
        ).text();
      }
      const told = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(json),
      };
      await (await fetch(`${server.url}/login-told`, told)).text();
      await (await fetch(`${server.url}/boom`, told)).text();
      const { entries, leaks } = await server.close([secret]);
      expect(leaks).toEqual([]);
      expect(entries).toHaveLength(13);
      for (const entry of entries.filter(({ type }) => type === 'auth.attempt')) {
        expect(JSON.stringify(entry.data)).toContain(HARMLESS);
      }
    });

    test('in an error message: a value that looks like a secret', async () => {
      const server = await shop(express);
      await (
        await fetch(`${server.url}/boom`, {
          headers: { 'x-note': `postgres://app:s3cretUrl-7f3a9c@db/shop ${JWT}` },
        })
      ).text();
      const { entries, leaks } = await server.close([JWT, 's3cretUrl-7f3a9c']);
      expect(leaks).toEqual([]);
      expect(entries[0]?.error?.message).toContain(HARMLESS);
    });
  },
);
