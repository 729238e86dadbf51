// A real log with alerting over it, and a real receiver of webhooks.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditEvent, type AuditLog, type AuditLogOptions, type Entry, openAuditLog } from '@audit/core';
import { type Alert, type Alerting, type AlertingPolicy, startAlerting } from '@audit/policy';
import { expect } from 'vitest';

export const ORIGIN = 'alerting.example/audit';
/** 32 bytes, as Standard Webhooks spells a secret. */
export const SECRET = `whsec_${Buffer.alloc(32, 'k').toString('base64')}`;

export const EVENT: AuditEvent = {
  type: 'auth.attempt',
  operation: 'login',
  resource: { type: 'user', id: 'u1' },
  outcome: 'denied',
  actor: { type: 'user', id: 'mallory', ip: '192.0.2.7' },
};

/** Resolves when `holds` does. */
export async function until(holds: () => unknown): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A folder of its own for `use`. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'audit-alerting-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface Running {
  readonly log: AuditLog;
  readonly alerting: Alerting;
  /** Data of the entries of a type. */
  entries(type: string): Promise<readonly Entry[]>;
}

/** The log of `folder` with alerting over it; stopped, verified and closed in the end. */
export async function alertingIn<T>(
  folder: string,
  policy: AlertingPolicy,
  use: (running: Running) => Promise<T>,
  more: Partial<AuditLogOptions> = {},
): Promise<T> {
  const directory = join(folder, 'log');
  const log = await openAuditLog({ directory, origin: ORIGIN, onKeyCreated: () => {}, ...more });
  try {
    const stateDirectory = `${directory}.private`;
    const { clock } = more;
    const alerting = await startAlerting({ log, alerting: policy, stateDirectory, ...(clock && { clock }) });
    try {
      return await use({ log, alerting, entries: (type) => entriesOf(log, type) });
    } finally {
      await alerting.stop();
    }
  } finally {
    await log.flush();
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
  }
}

export async function entriesOf(log: AuditLog, type: string): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  await log.flush();
  for await (const entry of log.entries({ type })) found.push(entry);
  return found;
}

export interface Receiver {
  readonly url: string;
  /** In the order they came; those that were answered badly, too. */
  readonly alerts: Alert[];
  readonly requests: { readonly headers: IncomingMessage['headers']; readonly body: string }[];
  /** Connections that were made. */
  readonly connections: () => number;
  /** What it answers; 204 at first. */
  answer: (response: ServerResponse, request: IncomingMessage) => void;
  /** Breaks off what is not answered. */
  hangUp(): void;
  close(): Promise<void>;
}

/** A receiver of webhooks on a port of this machine; 0 takes any. */
export async function receive(port = 0): Promise<Receiver> {
  let connections = 0;
  const receiver: Receiver = {
    url: '',
    alerts: [],
    requests: [],
    connections: () => connections,
    answer: (response) => response.writeHead(204).end(),
    hangUp: () => server.closeAllConnections(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer(async (request, response) => {
    try {
      const body = Buffer.concat(await request.toArray()).toString();
      receiver.requests.push({ headers: request.headers, body });
      const parsed = JSON.parse(body);
      if (parsed.data !== undefined) receiver.alerts.push(parsed.data);
      receiver.answer(response, request);
    } catch {
      response.destroy();
    }
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;
  return Object.assign(receiver, { url: `http://127.0.0.1:${own}/alerts` });
}

/** A channel called `hook` to the receiver. */
export function hookTo({ url }: Receiver, more: object = {}): AlertingPolicy['channels'] & object {
  return { hook: { webhook: { url, secret: SECRET }, rate: { alerts: 10_000, within: 1_000 }, ...more } };
}
