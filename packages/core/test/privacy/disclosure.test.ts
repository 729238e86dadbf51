// Secrets in every shape of event, recorded into a real log: no file of it shows one.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AuditEvent, openAuditLog } from '../../src/index.ts';
import { ORDINARY_EVENTS } from './ordinary-events.ts';
import { MADE_SECRETS, type Secret } from './secrets.ts';
import { SHAPES, type Shape } from './shapes.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'audit-disclosure-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const open = (directory: string) =>
  // Small segments, so that some are compressed.
  openAuditLog({
    directory,
    origin: 'test.example/disclosure',
    segmentBytes: 300_000,
    onKeyCreated: () => {},
  });

interface Case {
  readonly secret: Secret;
  readonly shape: Shape;
  readonly event: AuditEvent;
}

const CASES: readonly Case[] = MADE_SECRETS.flatMap((secret, number) =>
  SHAPES.flatMap((shape): Case[] => {
    const rest = shape.of(secret);
    if (rest === undefined) return [];
    const event: AuditEvent = {
      type: 'test.secret',
      category: 'data_access',
      operation: shape.name,
      resource: { type: 'secret', id: `${secret.kind} ${number}` },
      outcome: 'success',
      ...rest,
    };
    return [{ secret, shape, event }];
  }),
);

/** Every way in which a file might hold it: raw, as JSON, percent-encoded, as a form, in base64 at any offset. */
function formsOf(value: string): string[] {
  const forms = new Set<string>();
  // Of a private key its lines are secret, its first and last are not.
  for (const line of value.split('\n').filter((part) => !part.startsWith('-----'))) {
    const json = JSON.stringify(line).slice(1, -1);
    for (const text of [line, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(line)]) {
      forms.add(text);
      forms.add(encodeURIComponent(text));
      forms.add(encodeURIComponent(encodeURIComponent(text)));
      forms.add(new URLSearchParams({ '': text }).toString().slice(1));
      for (const before of ['', 'x', 'xx']) {
        const encoded = Buffer.from(before + text)
          .toString('base64')
          .replace(/=+$/, '');
        const inside = encoded.slice(before.length === 0 ? 0 : before.length + 1, -1);
        forms.add(inside);
        forms.add(inside.replaceAll('+', '-').replaceAll('/', '_'));
      }
    }
  }
  return [...forms];
}

async function filesOf(directory: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    files.set(path, (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
  }
  return files;
}

test('there are two hundred secrets in twenty shapes and more', () => {
  expect(new Set(MADE_SECRETS.map(({ value }) => value)).size).toBeGreaterThanOrEqual(200);
  expect(SHAPES.length).toBeGreaterThanOrEqual(20);
  // Each shape is met with secrets of its own, and each secret in most shapes.
  expect(CASES.length).toBeGreaterThan((MADE_SECRETS.length * SHAPES.length * 2) / 3);
});

test('no file of a log shows a secret, whatever its event was like', { timeout: 300_000 }, async () => {
  const directory = join(home, 'log');
  const log = await open(directory);
  for (let from = 0; from < CASES.length; from += 500) {
    await Promise.all(CASES.slice(from, from + 500).map(({ event }) => log.record(event)));
  }
  let entries = 0;
  const untouched: string[] = [];
  for await (const entry of log.entries({ type: 'test.secret' })) {
    entries++;
    if (entry.redacted === undefined) untouched.push(`${entry.resource.id}: ${entry.operation}`);
  }
  expect((await log.verify()).verdict).toBe('intact');
  await log.close();

  const files = await filesOf(directory);
  expect([...files.keys()].some((path) => path.endsWith('.gz'))).toBe(true);
  const lines = [...files.values()].join('\n');
  const shown: string[] = [];
  for (const secret of MADE_SECRETS) {
    for (const form of formsOf(secret.value)) {
      const at = form.length < 4 ? -1 : lines.indexOf(form);
      if (at >= 0)
        shown.push(
          `${secret.kind}: ${lines.slice(lines.lastIndexOf('\n', at) + 1, lines.indexOf('\n', at))}`,
        );
    }
  }
  // Of those that were cut, what was left of them.
  for (const { secret, shape, event } of CASES.filter(({ shape }) => shape.part !== undefined)) {
    const left = shape.part!(secret.value);
    if (formsOf(left).some((form) => form.length >= 4 && lines.includes(form)))
      shown.push(`${secret.kind}: part in ${event.operation}`);
  }
  process.stdout.write(
    `${MADE_SECRETS.length} secrets, ${SHAPES.length} shapes, ${CASES.length} events: ${shown.length} shown, ${untouched.length} untouched\n`,
  );
  expect(shown).toEqual([]);
  expect(entries).toBe(CASES.length);
  expect(untouched).toEqual([]);
});

/** Every text of an event as it is given, before anything is converted. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('base64')];
  if (value instanceof Error) return [value.message, ...textsOf(value.cause)];
  const items = Symbol.iterator in value ? [...(value as Iterable<unknown>)] : Object.entries(value);
  return items.flatMap((item) => textsOf(item));
}

test('the search for them would find them', () => {
  const missed = CASES.filter(({ secret, shape, event }) => {
    const text = textsOf(event).join('\n');
    return !formsOf(shape.part?.(secret.value) ?? secret.value).some((form) => text.includes(form));
  });
  // Of a password with spaces a list of variables holds something else.
  expect(missed.filter(({ shape }) => shape.name !== 'environment list')).toEqual([]);
});

test('ordinary events are left as they are', { timeout: 60_000 }, async () => {
  const log = await open(join(home, 'ordinary'));
  await Promise.all(ORDINARY_EVENTS.map((event) => log.record(event)));
  const touched: string[] = [];
  let entries = 0;
  for await (const entry of log.entries()) {
    if (entry.type.startsWith('log.')) continue;
    entries++;
    for (const pointer of entry.redacted ?? []) touched.push(`${entry.operation} ${pointer}`);
  }
  expect((await log.verify()).verdict).toBe('intact');
  await log.close();
  process.stdout.write(`${entries} ordinary events: ${touched.length} false positives\n`);
  expect(entries).toBe(ORDINARY_EVENTS.length);
  // `password: it expires …`: what follows so strong a name is believed to be one.
  expect(touched).toEqual(['prose 1 /data/text', 'prose 1 /error/message']);
});
