// Events without a secret, as applications record them: full of what a hasty rule would take for one.
import { createHash, randomUUID } from 'node:crypto';
import type { AuditEvent } from '../../src/index.ts';
import { ORDINARY } from './corpus.ts';

const hash = (text: string, algorithm = 'sha256') => createHash(algorithm).update(text).digest('hex');
const of = (
  operation: string,
  data: Record<string, unknown>,
  rest: Partial<AuditEvent> = {},
): AuditEvent => ({
  type: 'test.ordinary',
  category: 'data_access',
  operation,
  resource: { type: 'thing', id: 't1' },
  outcome: 'success',
  ...rest,
  data,
});

const PROSE = [
  'The token bucket of the rate limiter is empty; the password policy asks for twelve characters.',
  'Please change your password: it expires in 14 days.',
  'Secretary of State, passport office, pinned tweets, session chair, key account: words that only begin alike.',
  'Basic plan: 3 users. Bearer of good news. Digest of the week. Negotiate terms by Friday.',
  'A cookie banner is shown; the author signed it: see page 12.',
  'Error: connect ECONNREFUSED 10.0.0.5:5432 after 3 attempts (timeout=5000ms, retries=3)',
  'User ada@mail.example logged in from 192.0.2.10 at 2026-11-27T02:21:51.123Z via SSO.',
  'Invalid token: expected "}" at line 3, column 17.',
  'Die Größe beträgt 12,5 m²; naïve façade — 東京 ✓',
  'Deployed v2.14.0-rc.3+build.20261127 (commit 3f2a9c1) to eu-central-1.',
  'See https://docs.example/authentication/tokens#refresh and mailto:help@mail.example?subject=Order%20123',
  'Parcel 00340434161094042557 left depot 7; phone +49 731 5020-0, fax 0731/502-1234.',
];

const SQL = [
  'SELECT id, name FROM users WHERE created_at > $1 AND status = $2 ORDER BY id LIMIT 50',
  "UPDATE orders SET status = 'shipped', updated_at = now() WHERE id = 100234 AND total >= 19.99",
  'SELECT count(*) FROM sessions WHERE expires_at < now() GROUP BY user_id HAVING count(*) > 3',
  'CREATE INDEX CONCURRENTLY tokens_by_user ON tokens (user_id, created_at DESC)',
];

const PATHS = [
  '/usr/local/lib/node_modules/@scope/package/dist/index.js:12:34',
  'C:\\Program Files\\Example\\bin\\example.exe',
  '/var/lib/docker/overlay2/6f1d0e2c9b/merged/etc/hosts',
  's3://bucket.example/exports/2026/11/27/part-00000-of-00016.parquet',
  'src/auth/password-reset.controller.ts',
  'file:///home/ada/notes/passwords-and-how-to-choose-them.md',
];

/** By number: ids, digests and numbers differ from event to event. */
function numbered(n: number): AuditEvent[] {
  const uuid = hash(`uuid ${n}`).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
  return [
    of('ship order', {
      ...{ order: `2026-${100_000 + n}`, customer: uuid, batch: randomUUID(), items: n, total: 19.99 + n },
      ...{
        createdAt: new Date(1.79e12 + n * 86_413_017).toISOString(),
        millis: 1_790_000_000_000 + n * 7_919,
      },
      ...{
        tracking: `PS${(n * 7_919_317) % 1_000_000_007}DE`,
        phone: `+49 731 ${5_020_000 + n}`,
        sku: `AB-${n}-XL`,
      },
    }),
    of('pull image', {
      ...{
        image: `registry.example/shop/web@sha256:${hash(`image ${n}`)}`,
        container: hash(`container ${n}`),
      },
      ...{
        short: hash(`container ${n}`).slice(0, 12),
        commit: hash(`commit ${n}`, 'sha1'),
        md5: hash(`${n}`, 'md5'),
      },
      ...{ etag: `W/"${hash(`etag ${n}`).slice(0, 27)}"`, ip6: `2001:db8::${n.toString(16)}` },
    }),
    of(
      'GET /orders/:id',
      {
        ...{
          url: `/orders/${n}?page=2&sort=-created&fields=id,name&q=blue%20shoes`,
          status: 200,
          durationMs: n / 7,
        },
        ...{
          headers: { accept: 'application/json', 'content-length': String(n * 17), 'x-request-id': uuid },
        },
      },
      {
        actor: {
          type: 'user',
          id: `u${n}`,
          userAgent: `Mozilla/5.0 (X11; Linux x86_64; rv:1${n}.0) Gecko/20100101`,
        },
        trace: {
          requestId: uuid,
          traceId: hash(`trace ${n}`).slice(0, 32),
          spanId: hash(`span ${n}`).slice(0, 16),
        },
      },
    ),
    of('usage', {
      ...{ tokens: 512 + n, tokenCount: n, inputTokens: n * 3, passwordChangedAt: '2026-01-01', sessions: n },
      ...{
        keyboard: 'de',
        keyId: hash(`key ${n}`).slice(0, 8),
        pinned: true,
        secretary: 'Ada',
        author: 'Bob',
      },
    }),
  ];
}

export const ORDINARY_EVENTS: readonly AuditEvent[] = [
  ...PROSE.map((text, i) => of(`prose ${i}`, { text }, { error: { message: text } })),
  ...SQL.map((statement, i) => of(`SQL ${i}`, { statement })),
  ...PATHS.map((path, i) => of(`path ${i}`, { path }, { resource: { type: 'file', id: path } })),
  ...ORDINARY.map((text, i) => of(`string ${i}`, { text })),
  ...Array.from({ length: 60 }, (_, n) => numbered(n + 1)).flat(),
];
