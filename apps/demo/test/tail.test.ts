// An entry as a line: it fits, and nothing in it acts on the terminal.
import type { Entry } from '@audit/core';
import { assertIntact, assertRecorded, createTestLog } from '@audit/core/testing';
import { describe, expect, test } from 'vitest';
import { entryLine, recordLine, visible } from '../src/tail.ts';

/** The entry a login under this name leaves in a log. */
async function login(user: string): Promise<Entry> {
  const log = await createTestLog();
  const resource = { type: 'user', id: user };
  await log.record({ type: 'auth.attempt', operation: 'login', resource, outcome: 'denied' });
  await assertIntact(log);
  return assertRecorded(log, { type: 'auth.attempt' });
}

describe('a line of the tail', () => {
  test('tells who was refused what', async () => {
    const line = entryLine(await login('eve'), 80);
    expect(line).toMatch(/^ {4}1 \d\d:\d\d:\d\d security auth\.attempt {4}denied {2}login: user eve$/);
  });

  test('is cut to the terminal, and says so', async () => {
    const line = entryLine(await login('e'.repeat(200)), 60);
    expect([...line]).toHaveLength(60);
    expect(line.endsWith('…')).toBe(true);
  });

  test.each([
    ['an escape sequence', '\u001b[2J', '\\u{1b}[2J'],
    ['a bidi override', '\u202e', '\\u{202e}'],
    ['a zero-width space', '\u200b', '\\u{200b}'],
    ['a line separator', '\u2028', '\\u{2028}'],
    ['a line feed', '\n', '\\u{a}'],
  ])('shows %s instead of sending it', async (_what, hidden, shown) => {
    expect(entryLine(await login(`eve${hidden}`), 80)).toContain(`user eve${shown}`);
    expect(visible(hidden)).toBe(shown);
  });
});

test('a log record stands under the same columns, without a number', async () => {
  const entry = entryLine(await login('eve'), 80);
  const record = { level: 'warn', message: 'eve\u202e', timestamp: '2026-11-26T23:10:29.000Z' };
  const line = recordLine(record, 80);
  expect(line).toMatch(/^ {6}23:10:29 warn {5}winston +eve\\u\{202e\}$/);
  expect(line.indexOf('winston')).toBe(entry.indexOf('auth.attempt'));
  expect(line.indexOf('eve')).toBe(entry.indexOf('login:'));
  expect(recordLine({ ...record, audit: true }, 80)).toContain('(audit: true)');
  expect([...recordLine({ ...record, message: 'e'.repeat(200) }, 60)]).toHaveLength(60);
});
