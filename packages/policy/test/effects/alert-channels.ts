// The effects of what the policy says about channels of alerting: real servers on ports of this machine.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AlertingStatus, Policy } from '@audit/policy';
import { Webhook } from 'standardwebhooks';
import { receive, until } from '../alerting/harness.ts';
import { CA_FILE, type MailServer, receiveMail, SERVER_TLS } from '../alerting/mail-server.ts';
import type { Effects } from '../support/effect.ts';
import { CHANGE, LOGIN, statusOnce, watched } from './alerts.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const secretOf = (letter: string) => readFileSync(fixture(`webhook-${letter}.secret`), 'utf8').trim();

// Ports are part of what is observed, so the servers are there before the effects are.
const receiver = await receive();
const elsewhere = await receive();
const silent = await receive();
silent.answer = () => {};
const refusing = await receive();
refusing.answer = (response) => response.writeHead(503).end();
const overTls = createServer(SERVER_TLS, (request, response) => {
  request.resume().on('end', () => response.writeHead(204).end());
});
await new Promise<void>((resolve) => overTls.listen(0, '127.0.0.1', resolve));
overTls.unref();
const tlsUrl = `https://127.0.0.1:${(overTls.address() as AddressInfo).port}/`;
const plainMail = await receiveMail();
const startTlsMail = await receiveMail({ security: 'starttls' });
const loginMail = await receiveMail({ login: { user: 'audit', password: 'correct horse' } });

const urls = mkdtempSync(join(tmpdir(), 'audit-policy-urls-'));
process.on('exit', () => rmSync(urls, { recursive: true, force: true }));
function urlFileOf(name: string, url: string): string {
  const file = join(urls, name);
  writeFileSync(file, `${url}\n`);
  return file;
}

Object.assign(process.env, {
  AUDIT_TEST_WEBHOOK_A: secretOf('a'),
  AUDIT_TEST_WEBHOOK_B: secretOf('b'),
  AUDIT_TEST_SLACK: receiver.url,
  AUDIT_TEST_SLACK_ELSEWHERE: elsewhere.url,
  AUDIT_TEST_SLACK_TLS: tlsUrl,
  AUDIT_TEST_PASSWORD: 'correct horse',
  AUDIT_TEST_PASSWORD_WRONG: 'battery staple',
});

/** A value that comes from the environment. */
const fromEnv = (name: string) => `"\${AUDIT_TEST_${name}}"`;

const ONE = 'alerting.channels.*';
const RULE = { 'alerting.rules.*.match.type': "['*']", 'alerting.rules.*.repeat': '0ms' };
const HOOK = { ...RULE, [`${ONE}.webhook.secret`]: fromEnv('WEBHOOK_A') };
const toHook = (url: string) => ({ ...HOOK, [`${ONE}.webhook.url`]: url });
const toMail = ({ port }: MailServer) => ({
  ...RULE,
  [`${ONE}.email.host`]: '127.0.0.1',
  [`${ONE}.email.port`]: String(port),
  [`${ONE}.email.security`]: 'none',
  [`${ONE}.email.from`]: 'audit@shop.example',
  [`${ONE}.email.to`]: '[on-call@shop.example]',
});
const withLogin = {
  ...toMail(loginMail),
  [`${ONE}.email.user`]: 'audit',
  [`${ONE}.email.password`]: fromEnv('PASSWORD'),
};
const without = (keys: Readonly<Record<string, string>>, key: string) =>
  Object.fromEntries(Object.entries(keys).filter(([name]) => name !== `${ONE}.${key}`));

/** Whether an attempt ended, and how. */
const outcome = (policy: Policy): Promise<string> =>
  watched(policy, async ({ alerting, happen }) => {
    await happen(LOGIN);
    const one = () => alerting.status().channels.one!;
    await until(() => one().delivered + one().failedAttempts > 0);
    return one().delivered > 0 ? 'delivered' : 'failed';
  });

/** Whether this holds of two alerts, in a while. */
const comesTo = (holds: (channel: AlertingStatus['channels'][string]) => boolean) => (policy: Policy) =>
  watched(policy, async ({ alerting, happen }) => {
    await happen(CHANGE);
    await happen(LOGIN);
    return statusOnce(alerting, ({ channels }) => holds(channels.one!));
  });

/** Where a message arrived. */
async function arrivedAt(policy: Policy): Promise<string> {
  const before = [receiver.requests.length, elsewhere.requests.length];
  await outcome(policy);
  if (receiver.requests.length > before[0]!) return 'receiver';
  return elsewhere.requests.length > before[1]! ? 'elsewhere' : 'nowhere';
}

/** Whether the signature is by the secret of letter `a`. */
async function isSignedByA(policy: Policy): Promise<boolean> {
  await outcome(policy);
  const { body, headers } = receiver.requests.at(-1)!;
  const id = String(headers['webhook-id']);
  // Signed anew and not verified: what was signed on the day of the effects is too old for that.
  const time = new Date(Number(headers['webhook-timestamp']) * 1_000);
  return new Webhook(secretOf('a')).sign(id, time, body) === headers['webhook-signature'];
}

/** The newest message, as the server got it. */
const mailed =
  (read: (mail: MailServer['mails'][number]) => unknown, server = plainMail) =>
  async (policy: Policy) =>
    (await outcome(policy)) === 'delivered' ? read(server.mails.at(-1)!) : 'failed';

export const alertChannelEffects: Effects = {
  [`${ONE}.webhook.url`]: {
    value: receiver.url,
    instead: elsewhere.url,
    beside: HOOK,
    observe: arrivedAt,
    expected: 'receiver',
  },
  [`${ONE}.webhook.secret`]: {
    value: fromEnv('WEBHOOK_A'),
    instead: fromEnv('WEBHOOK_B'),
    beside: toHook(receiver.url),
    observe: isSignedByA,
    expected: true,
  },
  [`${ONE}.webhook.secretFile`]: {
    value: fixture('webhook-a.secret'),
    instead: fixture('webhook-b.secret'),
    beside: without(toHook(receiver.url), 'webhook.secret'),
    observe: isSignedByA,
    expected: true,
  },
  [`${ONE}.webhook.caFile`]: {
    value: CA_FILE,
    beside: toHook(tlsUrl),
    observe: outcome,
    expected: 'delivered',
  },
  [`${ONE}.email.host`]: {
    value: '127.0.0.1',
    instead: '127.0.0.2',
    beside: toMail(plainMail),
    observe: outcome,
    expected: 'delivered',
  },
  [`${ONE}.email.port`]: {
    value: String(plainMail.port),
    beside: without(toMail(plainMail), 'email.port'),
    observe: outcome,
    expected: 'delivered',
  },
  [`${ONE}.email.security`]: {
    value: 'none',
    beside: without(toMail(plainMail), 'email.security'),
    observe: outcome,
    expected: 'delivered',
  },
  [`${ONE}.email.user`]: {
    value: 'audit',
    instead: 'somebody',
    beside: withLogin,
    observe: mailed(({ user }) => user, loginMail),
    expected: 'audit',
  },
  [`${ONE}.email.password`]: {
    value: fromEnv('PASSWORD'),
    instead: fromEnv('PASSWORD_WRONG'),
    beside: withLogin,
    observe: outcome,
    expected: 'delivered',
  },
  [`${ONE}.email.passwordFile`]: {
    value: fixture('smtp-right.password'),
    instead: fixture('smtp-wrong.password'),
    beside: without(withLogin, 'email.password'),
    observe: outcome,
    expected: 'delivered',
  },
  [`${ONE}.email.from`]: {
    value: 'ops@shop.example',
    instead: 'audit@shop.example',
    beside: toMail(plainMail),
    observe: mailed(({ from }) => from),
    expected: 'ops@shop.example',
  },
  [`${ONE}.email.to`]: {
    value: '[a@shop.example, b@shop.example]',
    instead: '[a@shop.example]',
    beside: toMail(plainMail),
    observe: mailed(({ to }) => to),
    expected: ['a@shop.example', 'b@shop.example'],
  },
  [`${ONE}.email.caFile`]: {
    value: CA_FILE,
    beside: without(toMail(startTlsMail), 'email.security'),
    observe: mailed(({ secure }) => secure, startTlsMail),
    expected: true,
  },
  [`${ONE}.slack.url`]: {
    value: fromEnv('SLACK'),
    instead: fromEnv('SLACK_ELSEWHERE'),
    beside: RULE,
    observe: arrivedAt,
    expected: 'receiver',
  },
  [`${ONE}.slack.urlFile`]: {
    value: urlFileOf('receiver', receiver.url),
    instead: urlFileOf('elsewhere', elsewhere.url),
    beside: RULE,
    observe: arrivedAt,
    expected: 'receiver',
  },
  [`${ONE}.slack.caFile`]: {
    value: CA_FILE,
    beside: { ...RULE, [`${ONE}.slack.url`]: fromEnv('SLACK_TLS') },
    observe: outcome,
    expected: 'delivered',
  },
  [`${ONE}.command.run`]: {
    value: `['${process.execPath}', '${fixture('tell.mjs')}']`,
    instead: "['true']",
    beside: RULE,
    observe: async (policy) => {
      await outcome(policy);
      return existsSync('told.json') && JSON.parse(readFileSync('told.json', 'utf8')).rule;
    },
    expected: 'one',
  },
  [`${ONE}.log.to`]: {
    value: 'entry',
    instead: 'stderr',
    beside: RULE,
    observe: (policy) =>
      watched(policy, async ({ alerting, happen, told }) => {
        await happen(LOGIN);
        await until(() => alerting.status().outbox === 0);
        return (await told('alert.delivered')).map(({ alert }) => (alert as { rule?: string }).rule);
      }),
    expected: ['one'],
  },
  [`${ONE}.rate`]: {
    value: '1/1h',
    beside: toHook(receiver.url),
    observe: (policy) => comesTo(({ delivered }) => delivered === 2)(policy),
    expected: false,
  },
  [`${ONE}.timeout`]: {
    value: '50ms',
    beside: { ...toHook(silent.url), [`${ONE}.retryFor`]: '0ms' },
    observe: (policy) =>
      watched(policy, async ({ alerting, happen }) => {
        await happen(LOGIN);
        const ended = await statusOnce(alerting, ({ channels }) => channels.one!.failed > 0);
        // An attempt on its way is waited for: here, no longer than it must be.
        silent.hangUp();
        return ended;
      }),
    expected: true,
  },
  [`${ONE}.retryFor`]: {
    value: '0ms',
    beside: toHook(refusing.url),
    observe: comesTo(({ failed }) => failed > 0),
    expected: true,
  },
  [`${ONE}.retryMax`]: {
    value: '10ms',
    beside: toHook(refusing.url),
    observe: comesTo(({ failedAttempts }) => failedAttempts >= 10),
    expected: true,
  },
};
