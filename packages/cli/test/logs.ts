// Real logs for the tests: written by the real writer into a folder of their own, removed afterwards.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditEvent, type AuditLogOptions, openAuditLog } from '@audit/core';
import { onTestFinished } from 'vitest';

export const ORIGIN = 'shop.example/audit';

/** An empty folder that goes when the test does. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'audit-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function event(n: number, more: Partial<AuditEvent> = {}): AuditEvent {
  return {
    type: 'data.update',
    operation: `update order ${n}`,
    resource: { type: 'order', id: `o${n}` },
    outcome: 'success',
    actor: { type: 'user', id: 'u42', name: 'Ada' },
    ...more,
  };
}

export interface TestLog {
  readonly folder: string;
  readonly directory: string;
  readonly vkey: string;
  readonly size: number;
  readonly checkpoint: string;
}

/** A closed log of `count` events beside those of its own life. */
export async function writeLog(
  count: number,
  options: Partial<AuditLogOptions> = {},
  events: (n: number) => AuditEvent = event,
): Promise<TestLog> {
  const folder = await testFolder();
  const directory = join(folder, 'audit-log');
  const log = await openAuditLog({ directory, origin: ORIGIN, onKeyCreated() {}, ...options });
  for (let n = 0; n < count; n += 100) {
    await Promise.all(Array.from({ length: Math.min(100, count - n) }, (_, i) => log.record(events(n + i))));
  }
  await log.close();
  const { vkey, size, checkpoint } = log.info();
  return { folder, directory, vkey, size, checkpoint: checkpoint! };
}

/** A copy of the log without its private side, as it is handed to an auditor. */
export async function copyLog(log: TestLog, name: string): Promise<string> {
  const copy = join(log.folder, name);
  await cp(log.directory, copy, { recursive: true });
  return copy;
}

/** The lines of the one segment of a small log, changed. */
export async function changeLines(directory: string, change: (lines: string[]) => string[]): Promise<void> {
  const path = join(directory, 'entries', '0000000000000000.jsonl');
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  await writeFile(
    path,
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}
