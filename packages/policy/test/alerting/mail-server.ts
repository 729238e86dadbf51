// A real SMTP server on a port of this machine.
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { SMTPServer } from 'smtp-server';

const tlsFile = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));

/** PEM of the authority that signed the certificate of every server here; the file, and what is in it. */
export const CA_FILE = tlsFile('ca.pem');
export const CA = readFileSync(CA_FILE, 'utf8');
export const SERVER_TLS = {
  key: readFileSync(tlsFile('server-key.pem')),
  cert: readFileSync(tlsFile('server.pem')),
};

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Whole message, as it came. */
  readonly text: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

export interface MailServer {
  readonly port: number;
  readonly mails: Mail[];
  /** What it says to a message instead of taking it. */
  refusal: string | undefined;
  close(): Promise<void>;
}

export interface MailServerOptions {
  readonly security?: 'starttls' | 'tls' | 'none';
  /** Without it, nobody has to log in. */
  readonly login?: { readonly user: string; readonly password: string };
  readonly port?: number;
}

export async function receiveMail({
  security = 'none',
  login,
  port = 0,
}: MailServerOptions = {}): Promise<MailServer> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    ...(security === 'none' ? {} : SERVER_TLS),
    secure: security === 'tls',
    disabledCommands: [...(security === 'starttls' ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
    authOptional: login === undefined,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, callback) => {
      if (username === login?.user && password === login?.password) callback(null, { user: username });
      else callback(new Error('no such user'));
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (mailServer.refusal !== undefined) {
          callback(Object.assign(new Error(mailServer.refusal), { responseCode: 451 }));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : (mailFrom as { address: string }).address,
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString(),
          secure: session.secure,
          user: session.user as string | undefined,
        });
        callback();
      });
    },
  });
  // A client that breaks off is part of what is tested.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const mailServer: MailServer = {
    port: (server.server.address() as AddressInfo).port,
    mails,
    refusal: undefined,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
  return mailServer;
}
