// The tour: what `npm start -- --once` shows and leaves behind.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type Entry, parseVerifierKey, verifyDirectory } from '@audit/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newFolder, runDemo } from './support/demo.ts';

const CAUGHT = [
  'entry-modified',
  'entry-missing',
  'entry-inserted',
  'entry-reordered',
  'truncated',
  'rolled-back',
];

/** What an order leaves: of the shop, and of the warehouse. */
const ORDER = [
  ...['application.log', 'data.create', 'http.request'],
  ...['data.update', 'http.request', 'stock.reserve'],
].sort();

describe('the tour', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const vkey = () => readFileSync(join(folder, 'audit-log', 'log.vkey'), 'utf8').trim();
  const verify = () => verifyDirectory(join(folder, 'audit-log'), { keys: [parseVerifierKey(vkey())] });

  const entries = () =>
    readFileSync(join(folder, 'audit-log', 'entries', '0000000000000000.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Entry);

  test('it ends well, with at least 100 entries that verify, and every tampering caught', async () => {
    const { status, stdout, stderr } = await runDemo(folder, '--once');
    expect(stderr).toBe('');
    expect(stdout).not.toContain('✗');
    expect(stdout).not.toContain('[Nest]'); // what the frameworks say of themselves is not part of it
    for (const code of CAUGHT) expect(stdout).toContain(code);
    expect(stdout).toContain('No Docker engine answers here.');
    expect(status).toBe(0);

    const report = await verify();
    expect(report.verdict).toBe('intact');
    expect(report.entriesChecked).toBeGreaterThanOrEqual(100);
    expect(report.entriesChecked).toBe(report.size);
  });

  test('what it prints fits 80 columns and holds no control characters', async () => {
    const { stdout } = await runDemo(folder, '--once');
    const lines = stdout.split('\n');
    expect(stripVTControlCharacters(stdout)).toBe(stdout);
    expect(lines.filter((line) => [...line].length > 80)).toEqual([]);
    // Somebody logs in under a name that would clear the screen; it is shown, not sent.
    expect(stdout).toContain('\\u{1b}[2Jeve\\u{202e}');
  });

  test('it shows one order as one trace, with the record that was marked and the one that was not', async () => {
    const { stdout } = await runDemo(folder, '--once');
    const chapter = /\n2 {2}One order .*?(?=\n3 {2})/s.exec(stdout)?.[0] ?? '';
    const [, trace] = /entries of trace ([0-9a-f]{32})/.exec(chapter) ?? [];
    const [, request] = /with request id (\S+):/.exec(chapter) ?? [];
    const shown = [...chapter.matchAll(/^ +(\d+) [\d:]{8} \w+ +(\S+) /gm)].map(([, seq, type]) => [
      Number(seq),
      type,
    ]);
    const traced = entries().filter((entry) => entry.trace?.traceId === trace);
    expect(shown).toEqual(traced.map(({ seq, type }) => [seq, type]));
    expect(traced.map(({ type }) => type).sort()).toEqual(ORDER);
    expect(new Set(traced.map((entry) => entry.trace?.requestId))).toEqual(new Set([request]));

    expect(chapter).toMatch(/winston +reserved at the warehouse\n/);
    expect(chapter).toMatch(/winston +order placed \(audit: true\)\n/);
  });

  test('every order is such a trace, and nothing else that was logged is an entry', async () => {
    await runDemo(folder, '--once');
    const traces = new Map<string, string[]>();
    for (const { type, trace } of entries()) {
      if (trace?.traceId !== undefined)
        traces.set(trace.traceId, [...(traces.get(trace.traceId) ?? []), type]);
    }
    const placed = [...traces.values()].filter((types) => types.includes('data.create'));
    expect(placed).toHaveLength(13);
    for (const types of placed) expect(types.sort()).toEqual(ORDER);
    const logged = entries().filter(({ type }) => type === 'application.log');
    expect(logged.map(({ operation }) => operation)).toEqual(Array(13).fill('order placed'));
  });

  test("what the warehouse's guard refuses is denied, of the request and of the handler", async () => {
    const { stdout } = await runDemo(folder, '--once');
    expect(stdout).toMatch(/http\.request +denied +POST \/reservations\n/);
    expect(stdout).toMatch(/stock\.reserve +denied +reserve: order [0-9a-f]{8}\n/);
    const denied = entries().filter(({ type, outcome }) => type === 'stock.reserve' && outcome === 'denied');
    expect(denied).toHaveLength(2);
  });

  test('a second run goes on with the log and its key', async () => {
    await runDemo(folder, '--once');
    const [first, key] = [await verify(), vkey()];
    const { status } = await runDemo(folder, '--once');
    expect(status).toBe(0);
    const second = await verify();
    expect(second.verdict).toBe('intact');
    expect(second.size).toBeGreaterThan(first.size + 100);
    expect(vkey()).toBe(key);
  });

  test('a log that was deleted begins anew, with a new key', async () => {
    await runDemo(folder, '--once');
    const key = vkey();
    rmSync(join(folder, 'audit-log'), { recursive: true });
    const { status, stdout } = await runDemo(folder, '--once');
    expect(stdout).toContain('its private side goes too');
    expect(status).toBe(0);
    expect(vkey()).not.toBe(key);
    expect((await verify()).verdict).toBe('intact');
  });

  test("the private side of a log that is not the demo's is left alone", async () => {
    const privateSide = join(folder, 'audit-log.private');
    mkdirSync(privateSide);
    const mark = JSON.stringify({ origin: 'bank.example/audit', size: 3, note: '' });
    writeFileSync(join(privateSide, 'high-water'), mark);
    const { status, stderr } = await runDemo(folder, '--once');
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(readFileSync(join(privateSide, 'high-water'), 'utf8')).toBe(mark);
    expect(existsSync(join(folder, 'audit-log', 'commit'))).toBe(false);
  });
});
