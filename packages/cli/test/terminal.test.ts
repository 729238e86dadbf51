// What reaches a terminal and what reaches a pipe: colour, progress, and entries that mean harm.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { AuditEvent } from '@audit/core';
import { describe, expect, it } from 'vitest';
import { wantsColor } from '../src/terminal.ts';
import { audit, BIN, hasScript, plainEnvironment, type RunOptions } from './audit.ts';
import { changeLines, event, type TestLog, writeLog } from './logs.ts';

const HARM = '\x1b[2J\x1b]0;owned\x07\u202e\u2066\x9b31m\r\n\u200b\u2028\u{e0041}';

/** Every field a caller can fill, filled with harm. */
function hostile(n: number): AuditEvent {
  return event(n, {
    operation: `operation ${HARM}`,
    resource: { type: `type ${HARM}`, id: `id ${HARM}`, name: HARM },
    actor: { type: `who ${HARM}`, id: HARM, name: HARM, userAgent: HARM },
    error: { message: `it broke ${HARM}`, name: HARM, code: HARM },
    trace: { requestId: HARM },
    id: `${n} ${HARM}`,
    data: { [HARM]: HARM, list: [HARM, { deep: HARM }] },
  });
}

/** Every command that shows entries, or what somebody wrote into a log. */
function views(log: TestLog): string[][] {
  return [
    ['tail', log.directory],
    ['tail', log.directory, '--json'],
    ['show', log.directory, '2'],
    ['show', log.directory, '2', '--json'],
    ['show', log.directory, '2', '--raw'],
    ['info', log.directory],
    ['verify', log.directory],
    ['verify', log.directory, '--json'],
    ['doctor', log.directory],
  ];
}

/** Stdout and stderr of the command on a pseudo-terminal. */
function onTerminal(args: readonly string[], options: RunOptions = {}): string {
  const command = [process.execPath, BIN, ...args]
    .map((part) => `'${part.replaceAll("'", `'\\''`)}'`)
    .join(' ');
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    env: plainEnvironment({ TERM: 'xterm', ...options.env }),
    encoding: 'utf8',
  });
  return stdout;
}

/** What no output may hold: whatever acts on a terminal, but for line ends, our own colours and the cleared bar. */
function expectHarmless(output: string): void {
  const rest = output
    .replaceAll(/\x1b\[\d+m/g, '')
    .replaceAll('\r\x1b[K', '')
    .replaceAll('\r\n', '\n');
  expect(rest).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/);
  expect(rest).not.toMatch(/\u{e0041}/u);
}

describe('entries that mean harm', () => {
  it('reach a pipe without a character that acts', async () => {
    const log = await writeLog(3, {}, hostile);
    for (const args of views(log)) {
      // The bytes that were hashed are for programs; on a terminal they are made safe, below.
      if (args.includes('--raw')) continue;
      const { stdout, stderr } = await audit(args);
      expectHarmless(stdout);
      expectHarmless(stderr);
    }
    const { stdout } = await audit(['show', log.directory, '2']);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'operation <U+001B>[2J<U+001B>]0;owned<U+0007><U+202E><U+2066><U+009B>31m',
    );
  });

  it.skipIf(!hasScript)('reach a terminal without a character that acts', async () => {
    const log = await writeLog(3, {}, hostile);
    for (const args of views(log)) expectHarmless(onTerminal(args));
  });

  it('are exact in JSON', async () => {
    const log = await writeLog(3, {}, hostile);
    const { stdout } = await audit(['tail', log.directory, '-n', '2', '--json']);
    const entry = JSON.parse(stdout.split('\n')[0]!) as { operation: string; data: Record<string, string> };
    expect(entry.operation).toBe(`operation ${HARM}`);
    expect(entry.data[HARM]).toBe(HARM);
  });

  it('are as safe in findings about them', async () => {
    const log = await writeLog(3, {}, hostile);
    await changeLines(log.directory, (lines) => lines.map((line) => line.replace('it broke', 'it works')));
    const { status, stdout } = await audit(['verify', log.directory]);
    expect(status).toBe(1);
    expect(stdout).toContain('entry-modified');
    expectHarmless(stdout);
    expectHarmless((await audit(['verify', log.directory, '--json'])).stdout);
  });

  it('are shown where the line is no entry any more', async () => {
    const log = await writeLog(3);
    await changeLines(log.directory, (lines) => [
      ...lines.slice(0, -1),
      `\x1b[31m${HARM.replaceAll(/[\r\n]/g, '')}`,
    ]);
    const { stdout } = await audit(['tail', log.directory]);
    expect(stdout).toContain('not an entry: <U+001B>[31m');
    expectHarmless(stdout);
  });
});

describe('colour', () => {
  it('is not sent into a pipe, unless FORCE_COLOR asks for it', async () => {
    const log = await writeLog(3);
    const coloured = async (env: Record<string, string>, ...more: string[]) =>
      (await audit(['verify', log.directory, ...more], { env })).stdout.includes('\x1b[');
    expect(await coloured({})).toBe(false);
    expect(await coloured({ FORCE_COLOR: '1' })).toBe(true);
    expect(await coloured({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
    expect(await coloured({ FORCE_COLOR: '1' }, '--no-color')).toBe(false);
    expect(await coloured({ FORCE_COLOR: '1' }, '--json')).toBe(false);
  });

  it.skipIf(!hasScript)(
    'is sent to a terminal, unless NO_COLOR, --no-color or a dumb terminal forbids it',
    async () => {
      const log = await writeLog(3);
      const args = ['verify', log.directory];
      expect(onTerminal(args)).toContain('\x1b[32mINTACT');
      expect(onTerminal(args, { env: { NO_COLOR: '1' } })).not.toContain('\x1b[');
      expect(onTerminal([...args, '--no-color'])).not.toContain('\x1b[');
      expect(onTerminal(args, { env: { TERM: 'dumb' } })).not.toContain('\x1b[');
    },
  );

  it('is decided by NO_COLOR before FORCE_COLOR before the terminal', () => {
    expect(wantsColor(true, {})).toBe(true);
    expect(wantsColor(false, {})).toBe(false);
    expect(wantsColor(true, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
    expect(wantsColor(true, { NO_COLOR: '' })).toBe(true);
    expect(wantsColor(false, { FORCE_COLOR: '1' })).toBe(true);
    expect(wantsColor(true, { FORCE_COLOR: '0' })).toBe(false);
    expect(wantsColor(true, { TERM: 'dumb' })).toBe(false);
  });
});

describe('the command line', () => {
  it('answers 2 to no command, an unknown one and an unknown option, without a stack trace', async () => {
    for (const args of [[], ['repair'], ['info', '--nothing']]) {
      const { status, stdout, stderr } = await audit(args);
      expect(status).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });

  it('answers 0 to --help and --version, with the exit statuses in the help', async () => {
    const help = await audit(['--help']);
    expect(help.status).toBe(0);
    expect(help.stdout).toContain('0 intact, 1 tampered, 2 could not be checked');
    expect((await audit(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('makes what it repeats of the command line visible', async () => {
    const { stderr } = await audit(['info', `--\x1b[31m`]);
    expect(stderr).toContain('<U+001B>[31m');
    expectHarmless(stderr);
    const missing = await audit(['info', join('/', 'nowhere', '\x1b[31m')]);
    expect(missing.stderr).toContain('<U+001B>[31m');
  });
});
