// Alerts by e-mail: plain text over SMTP. The library is loaded only where a policy has such a channel.
import type { Transporter } from 'nodemailer';
import { type Alert, alertLines } from '../alert.ts';
import { DEFAULT_SMTP_PORT, type EmailOptions } from '../options.ts';
import { type Channel, DeliveryError } from './channel.ts';

/** Characters of a subject that every program shows. */
const MAX_SUBJECT = 150;

export function emailChannel(options: EmailOptions, timeout: number): Channel {
  let transport: Promise<Transporter> | undefined;
  return {
    async deliver(alert, signal) {
      transport ??= openTransport(options, timeout);
      const mailer = await transport;
      await Promise.race([send(mailer, options, alert), end(signal)]);
    },
    async close() {
      (await transport)?.close();
    },
  };
}

async function openTransport(options: EmailOptions, timeout: number): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  const { host, port = DEFAULT_SMTP_PORT, security = 'starttls', user, password = '', ca } = options;
  return createTransport({
    host,
    port,
    secure: security === 'tls',
    // Without it, whoever is between could take STARTTLS out of the greeting and read along.
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user !== undefined && { auth: { user, pass: password } }),
    ...(ca !== undefined && { tls: { ca } }),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

async function send(mailer: Transporter, { from, to }: EmailOptions, alert: Alert): Promise<void> {
  const { id, severity, summary, rule, at } = alert;
  try {
    await mailer.sendMail({
      from,
      to: [...to],
      subject: `[${severity}] ${rule}: ${summary}`.slice(0, MAX_SUBJECT),
      text: `${alertLines(alert).join('\n')}\n`,
      date: new Date(at),
      // The same in each attempt: programs show a message they have twice once.
      messageId: `<${id}@${domainOf(from)}>`,
      headers: { 'auto-submitted': 'auto-generated' },
    });
  } catch (error) {
    // Its message may repeat what was sent to the server.
    const { code, responseCode } = error as { code?: string; responseCode?: number };
    throw new DeliveryError(`SMTP ${[code, responseCode].filter((part) => part !== undefined).join(' ')}`);
  }
}

function end(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new DeliveryError('no answer in time')), { once: true });
  });
}

function domainOf(address: string): string {
  return /@([\w.-]+)>?\s*$/.exec(address)?.[1] ?? 'localhost';
}
