// Alerts by e-mail, to a real SMTP server.
import type { AlertChannel, EmailOptions } from '@audit/policy';
import { describe, expect, test } from 'vitest';
import { alertingIn, EVENT, inFolder, type Running, until } from './harness.ts';
import { CA, type MailServer, type MailServerOptions, receiveMail } from './mail-server.ts';

const rules = { denied: { match: { outcome: ['denied' as const] }, repeat: 0 } };

interface Scene extends Running {
  readonly server: MailServer;
}

async function withMail<T>(
  server: MailServerOptions,
  email: Partial<EmailOptions>,
  use: (scene: Scene) => Promise<T>,
  more: Partial<AlertChannel> = {},
): Promise<T> {
  const mailServer = await receiveMail(server);
  try {
    const address = { host: '127.0.0.1', port: mailServer.port, from: 'Audit <audit@shop.example>' };
    const mail = { email: { ...address, to: ['on-call@shop.example', 'b@shop.example'], ...email } };
    const channels = { mail: { ...mail, retryMax: 20, ...more } };
    return await inFolder((folder) =>
      alertingIn(folder, { rules, channels }, (running) => use({ ...running, server: mailServer })),
    );
  } finally {
    await mailServer.close();
  }
}

const LOGIN = { user: 'audit', password: 'correct horse' };

const arrives = async ({ log, server }: Scene) => {
  await log.record(EVENT);
  await until(() => server.mails.length === 1);
  return server.mails[0]!;
};
const problem = ({ alerting }: Running) => alerting.status().channels.mail?.problem;

describe('an e-mail', () => {
  test('says in plain text what happened, under an id that stays', () =>
    withMail({}, { security: 'none' }, async (scene) => {
      const mail = await arrives(scene);
      expect(mail).toMatchObject({
        from: 'audit@shop.example',
        to: ['on-call@shop.example', 'b@shop.example'],
      });
      const [raised] = await scene.entries('alert.raised');
      expect(mail.text).toContain(`Message-ID: <${raised?.data?.alert}@shop.example>`);
      expect(mail.text).toContain('Subject: [warning] denied: denied: login on user u1 by mallory: denied.');
      expect(mail.text).toContain('Content-Type: text/plain');
      expect(mail.text).toContain('actor: user mallory from 192.0.2.7');
    }));

  test.each(['starttls', 'tls'] as const)('goes by %s, with a login', (security) =>
    withMail({ security, login: LOGIN }, { security, ca: CA, ...LOGIN }, async (scene) => {
      expect(await arrives(scene)).toMatchObject({ secure: true, user: 'audit' });
    }),
  );

  test('does not go in clear where STARTTLS is asked for and not offered', () =>
    withMail({}, { ca: CA }, async (scene) => {
      await scene.log.record(EVENT);
      await until(() => problem(scene) !== undefined);
      expect(scene.server.mails).toEqual([]);
    }));

  test('does not go to a server whose certificate nobody vouches for', () =>
    withMail({ security: 'tls' }, { security: 'tls' }, async (scene) => {
      await scene.log.record(EVENT);
      await until(() => problem(scene) !== undefined);
      expect(scene.server.mails).toEqual([]);
    }));

  test('is tried again while the server refuses; neither password nor answer is told', () =>
    withMail({ login: LOGIN }, { security: 'none', ...LOGIN }, async (scene) => {
      scene.server.refusal = 'greylisted, correct horse';
      await scene.log.record(EVENT);
      await until(() => problem(scene) === 'SMTP EMESSAGE 451');
      scene.server.refusal = undefined;
      await until(() => scene.server.mails.length === 1);
      await until(() => scene.alerting.status().outbox === 0);
      expect(JSON.stringify(await scene.entries('alert.*'))).not.toContain('horse');
    }));

  test('is tried again with a wrong password; it is not told', () =>
    withMail(
      { login: LOGIN },
      { security: 'none', user: 'audit', password: 'wrong staple' },
      async (scene) => {
        await scene.log.record(EVENT);
        await until(() => problem(scene) === 'SMTP EAUTH 535');
        expect(JSON.stringify([scene.alerting.status(), await scene.entries('alert.*')])).not.toContain(
          'staple',
        );
      },
    ));

  test('reaches a server that was gone and comes back', async () => {
    const gone = await receiveMail();
    await gone.close();
    const email = { host: '127.0.0.1', port: gone.port, security: 'none' as const };
    const mail = { email: { ...email, from: 'a@shop.example', to: ['b@shop.example'] }, retryMax: 20 };
    await inFolder((folder) =>
      alertingIn(folder, { rules, channels: { mail } }, async (running) => {
        for (let n = 0; n < 10; n++) await running.log.record(EVENT);
        await until(() => problem(running) !== undefined);
        const back = await receiveMail({ port: gone.port });
        await until(() => running.alerting.status().channels.mail?.delivered === 10);
        const ids = back.mails.map(({ text }) => /Message-ID: (.*)/.exec(text)![1]);
        expect(new Set(ids).size).toBe(10);
        await back.close();
      }),
    );
  });

  test('no event writes a header or a line of its own', () =>
    withMail({}, { security: 'none' }, async (scene) => {
      const id = 'u1\r\nBcc: eve@evil.example\r\n\r\nrule: none';
      await scene.log.record({ ...EVENT, resource: { type: 'user', id } });
      await until(() => scene.server.mails.length === 1);
      const { text, to } = scene.server.mails[0]!;
      expect(to).not.toContain('eve@evil.example');
      expect(text).not.toMatch(/^Bcc:/m);
      expect(text).not.toMatch(/^rule: none/m);
    }));
});
