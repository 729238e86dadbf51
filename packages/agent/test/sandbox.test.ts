import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditProcess, type ProcessOptions, type ProcessResult } from '@audit/agent';
import type { AuditLog, Entry } from '@audit/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { entriesOf, onlyEntry, withLog } from './support/log.ts';
import { isRunning, program, until } from './support/processes.ts';

const node = process.execPath;
const sha256 = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');
const onLinux = it.runIf(process.platform === 'linux');

/** Runs, and gives back how it ended and what is on record of it. */
function sandboxed(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<{ result: ProcessResult; entry: Entry & { data: Record<string, unknown> } }> {
  return withLog(async (log) => {
    const result = await auditProcess(command, args, { log, ...options });
    return { result, entry: await onlyEntry(log, 'code.execution') };
  });
}

describe('a process that ends by itself', () => {
  it('is one entry with hashes of code and output, exit code and limits', async () => {
    const source = 'console.log("six"); console.error("seven"); process.exitCode = 4;';
    const { result, entry } = await sandboxed(node, program(source), { language: 'javascript', source });
    expect(String(result.stdout)).toBe('six\n');
    expect(entry).toMatchObject({ outcome: 'failure', level: 'error' });
    expect(entry.resource).toEqual({ type: 'code', id: `sha256:${sha256(source)}` });
    expect(entry.data).toMatchObject({
      ...{
        language: 'javascript',
        command: 'node',
        code: `sha256:${sha256(source)}`,
        codeBytes: source.length,
      },
      ...{ exitCode: 4, signal: null, timedOut: false, exceeded: null, outputBytes: 10 },
      result: {
        ...{ stdout: `sha256:${sha256('six\n')}`, stdoutBytes: 4 },
        ...{ stderr: `sha256:${sha256('seven\n')}`, stderrBytes: 6 },
      },
      limits: { timeoutMs: 60_000, killGraceMs: 2_000, addressSpaceBytes: null, outputBytes: 1_048_576 },
    });
    expect(entry.data.durationMs).toBe(result.durationMs);
    expect(entry.data).not.toHaveProperty('phase');
  });

  it('is given its arguments as they are: no shell reads them', async () => {
    const odd = ['$(id)', '; echo more', '', 'a b', '*', '-n', '"', "'", '\n'];
    for (const cpu of [0, 5_000]) {
      const { result } = await sandboxed('printf', ['%s|', ...odd], { cpu });
      expect(String(result.stdout)).toBe(`${odd.join('|')}|`);
    }
  });

  it('reads its input, and gets no variable but those it may have', async () => {
    process.env.SHOP_KEY_FOR_TEST = 'of the application';
    onTestFinished(() => {
      delete process.env.SHOP_KEY_FOR_TEST;
    });
    const { result } = await sandboxed('sh', ['-c', 'cat; env'], { input: 'given\n', env: { OWN: 'x' } });
    const lines = String(result.stdout).split('\n');
    expect(lines[0]).toBe('given');
    expect(lines).toContain('OWN=x');
    expect(String(result.stdout)).not.toContain('SHOP_KEY_FOR_TEST');
    const passed = await sandboxed('sh', ['-c', 'env'], { environment: ['PATH', 'SHOP_KEY_FOR_TEST'] });
    expect(String(passed.result.stdout)).toContain('SHOP_KEY_FOR_TEST=of the application');
  });

  it('that a signal ends is a failure with that signal', async () => {
    const { result, entry } = await sandboxed('sh', ['-c', 'kill -USR1 $$']);
    expect(result).toMatchObject({ exitCode: null, signal: 'SIGUSR1', exceeded: null });
    expect(entry.data).toMatchObject({ exitCode: null, signal: 'SIGUSR1' });
    expect(entry.outcome).toBe('failure');
  });

  onLinux('takes with it what it has started', async () => {
    const { result, entry } = await sandboxed('sh', ['-c', 'sleep 1000 & echo $!']);
    await until(() => !isRunning(Number(String(result.stdout))));
    expect(result.leftovers).toBe(1);
    expect(entry.data.leftovers).toBe(1);
    expect(result.exitCode).toBe(0);
  });

  it('that is not there is an error, and on record', async () => {
    for (const cpu of [0, 5_000]) {
      await withLog(async (log) => {
        const failed = auditProcess('no-such-command-here', [], { log, cpu });
        await expect(failed).rejects.toMatchObject({ code: 'NOT_STARTED' });
        expect(await onlyEntry(log, 'code.execution')).toMatchObject({
          outcome: 'failure',
          error: { name: 'AuditAgentError', code: 'NOT_STARTED' },
        });
      });
    }
  });
});

describe('what a process uses', () => {
  onLinux('is measured: processor time and memory of it and of what it starts', async () => {
    const child = `
      const held = Buffer.alloc(150_000_000, 1);
      while (process.cpuUsage().user + process.cpuUsage().system < 600_000);
      setTimeout(() => held, 500);`;
    const parent = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}])`;
    const { result, entry } = await sandboxed(node, program(parent), { sampleInterval: 20 });
    expect(result.exitCode).toBe(0);
    expect(result.cpuMs).toBeGreaterThanOrEqual(600);
    expect(result.maxRssBytes).toBeGreaterThan(150_000_000);
    const { cpuMs, maxRssBytes, samples } = result;
    expect(entry.data).toMatchObject({ cpuMs, maxRssBytes, samples });
    expect(samples).toBeGreaterThan(3);
  });
});

describe('a limit', () => {
  it('of time sends SIGTERM, which may be heeded', async () => {
    const script = 'trap "echo tidy; exit 3" TERM; echo ready; while :; do sleep 0.05; done';
    const { result, entry } = await sandboxed('sh', ['-c', script], { timeout: 2_000 });
    expect(String(result.stdout)).toBe('ready\ntidy\n');
    expect(entry.data).toMatchObject({ exitCode: 3, timedOut: true, exceeded: 'time' });
    expect(entry).toMatchObject({ outcome: 'failure', level: 'error' });
  });

  onLinux('of time kills what does not heed it, with all it has started', async () => {
    const script = 'trap "" TERM; sleep 1000 & echo $!; wait; sleep 1000';
    const { result, entry } = await sandboxed('sh', ['-c', script], { timeout: 2_000, killGrace: 100 });
    expect(entry.data).toMatchObject({ exitCode: null, signal: 'SIGKILL', timedOut: true, exceeded: 'time' });
    await until(() => !isRunning(Number(String(result.stdout))));
  });

  onLinux('of time reaches a process that has left the group', async () => {
    const script = `
      const { spawn } = require('node:child_process');
      const away = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
      console.log(away.pid);
      setInterval(() => {}, 1000);`;
    const { result } = await sandboxed(node, program(script), {
      timeout: 4_000,
      sampleInterval: 20,
      killGrace: 100,
    });
    const away = Number(String(result.stdout));
    expect(away).toBeGreaterThan(1);
    await until(() => !isRunning(away));
  });

  it('of processor time is held to by the kernel', async () => {
    // No second look for a minute: only the kernel is there to end it.
    const { result, entry } = await sandboxed(node, program('for (;;);'), {
      cpu: 1_000,
      sampleInterval: 60_000,
    });
    expect(['SIGXCPU', 'SIGKILL']).toContain(result.signal);
    expect(entry.data).toMatchObject({ exceeded: 'cpu', timedOut: true });
    const seen = await sandboxed('sh', ['-c', 'ulimit -S -t; ulimit -H -t'], { cpu: 7_000 });
    expect(String(seen.result.stdout)).toBe('7\n8\n');
  });

  onLinux('of processor time holds for all its processes together', async () => {
    const spin = 'while (process.cpuUsage().user < 900_000); setInterval(() => {}, 1000)';
    const script = `for (let i = 0; i < 2; i++)
      require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(spin)}]);`;
    const { result } = await sandboxed(node, program(script), { cpu: 1_500, sampleInterval: 20 });
    expect(result).toMatchObject({ exceeded: 'cpu', signal: 'SIGKILL' });
  });

  onLinux('of memory kills what holds more', async () => {
    const script = 'const held = []; for (;;) held.push(Buffer.alloc(1_000_000, 1));';
    const { result, entry } = await sandboxed(node, program(script), {
      memory: 200_000_000,
      sampleInterval: 10,
    });
    expect(result).toMatchObject({ exceeded: 'memory', signal: 'SIGKILL' });
    expect(result.maxRssBytes).toBeGreaterThan(200_000_000);
    expect(entry.data).toMatchObject({ exceeded: 'memory', timedOut: false });
  });

  onLinux('of address space is refused by the kernel', async () => {
    const { result, entry } = await sandboxed('sh', ['-c', 'ulimit -v'], { addressSpace: 300_000_000 });
    expect(String(result.stdout)).toBe(`${Math.ceil(300_000_000 / 1024)}\n`);
    expect(entry.data.limits).toMatchObject({ addressSpaceBytes: 300_000_000 });
    const refused = await sandboxed(node, program('0'), { addressSpace: 50_000_000 });
    expect(refused.entry.outcome).toBe('failure');
  });

  it('of output kills what writes more, and keeps what came before', async () => {
    const { result, entry } = await sandboxed('yes', ['more'], { output: 10_000 });
    expect(result).toMatchObject({ exceeded: 'output', signal: 'SIGKILL' });
    expect(result.stdout).toHaveLength(10_000);
    expect(result.outputBytes).toBeGreaterThan(10_000);
    expect(entry.data.result).toMatchObject({
      stdoutBytes: 10_000,
      stdout: `sha256:${sha256(result.stdout)}`,
    });
  });

  it('of output is told, too, where the process is over before it is read', async () => {
    const { result } = await sandboxed('head', ['-c', '20000', '/dev/zero'], { output: 10_000 });
    expect([result.exceeded, result.stdout.length]).toEqual(['output', 10_000]);
    expect(result.outputBytes).toBeGreaterThan(10_000);
  });

  it('that was asked for and that cannot be held to is refused; a default is left out', async () => {
    const { checkProcessOptions } = await import('../src/execution/options.ts');
    const elsewhere = { watched: false, shell: false };
    expect(() => checkProcessOptions({ memory: 1 }, elsewhere)).toThrow(/memory cannot be held to/);
    expect(() => checkProcessOptions({ cpu: 1 }, elsewhere)).toThrow(/cpu cannot be held to/);
    expect(checkProcessOptions({}, elsewhere).limits).toMatchObject({ memory: 0, cpu: 0, timeout: 60_000 });
  });
});

describe('a signal of the caller', () => {
  it('ends the process; that is no failure of the code', async () => {
    const stop = new AbortController();
    const running = sandboxed('sleep', ['1000'], { signal: stop.signal });
    setTimeout(() => stop.abort(), 100);
    const { result, entry } = await running;
    expect(result).toMatchObject({ aborted: true, exceeded: null, signal: 'SIGTERM' });
    expect(entry.outcome).toBe('aborted');
    const already = await sandboxed('sleep', ['1000'], { signal: AbortSignal.abort() });
    expect(already.result.aborted).toBe(true);
  });
});

describe('strict', () => {
  const twoEntries = async (log: AuditLog) =>
    (await entriesOf(log, 'code.execution')).map(({ data, trace, outcome }) => ({
      phase: data?.phase,
      trace,
      outcome,
    }));

  it('is two entries of one span, the first before anything runs', async () => {
    await withLog(async (log) => {
      let startedFirst: boolean | undefined;
      log.on('entry', ({ entry }) => {
        if (entry.data?.phase === 'started') startedFirst = !existsSync(file);
      });
      const folder = await mkdtemp(join(tmpdir(), 'audit-agent-'));
      const file = join(folder, 'ran');
      await auditProcess('touch', [file], { log, onFailure: 'strict', trace: { traceId: 'a'.repeat(32) } });
      const [started, finished, ...more] = await twoEntries(log);
      expect(more).toEqual([]);
      expect([started?.phase, started?.outcome]).toEqual(['started', 'unknown']);
      expect([finished?.phase, finished?.outcome]).toEqual(['finished', 'success']);
      expect(started?.trace).toEqual(finished?.trace);
      expect(started?.trace).toMatchObject({
        traceId: 'a'.repeat(32),
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      });
      expect([startedFirst, existsSync(file)]).toEqual([true, true]);
      await rm(folder, { recursive: true });
    });
  });

  it('runs nothing that cannot be recorded, and tells of it', async () => {
    await withLog(async (log) => {
      log.use((event, next) => {
        if (event.type !== 'code.execution') next(event);
      });
      const folder = await mkdtemp(join(tmpdir(), 'audit-agent-'));
      const file = join(folder, 'ran');
      const refused = auditProcess('touch', [file], { log, onFailure: 'strict' });
      await expect(refused).rejects.toMatchObject({ code: 'NOT_RECORDED' });
      expect(existsSync(file)).toBe(false);
      expect(log.health().lost).toMatchObject({ 'agent-refused': 1 });
      await rm(folder, { recursive: true });
    });
  });

  it('gives the result with the error where only the end cannot be recorded', async () => {
    await withLog(async (log) => {
      log.use((event, next) => {
        if (event.data?.phase !== 'finished') next(event);
      });
      const ended = auditProcess('echo', ['done'], { log, onFailure: 'strict' });
      await expect(ended).rejects.toMatchObject({ code: 'NOT_RECORDED', result: { exitCode: 0 } });
      expect(log.health().lost).toMatchObject({ 'agent-unfinished': 1 });
    });
  });
});

describe('texts', () => {
  const source = `login(password="hunter2-and-more"); card("4111 1111 1111 1111");`;
  const run = (options: ProcessOptions) => sandboxed('printf', ['%s', source], { source, ...options });

  it('are masked by the default rules, or as the log has it', async () => {
    const masked = await run({ code: 'mask', result: 'mask' });
    expect(masked.entry.data.code).toBe('login(password="[REDACTED]"); card("[REDACTED]");');
    expect(masked.entry.data.codeSha256).toBe(sha256(masked.entry.data.code as string));
    expect(masked.entry.data.result).toMatchObject({ stdout: masked.entry.data.code });
    const whole = 'print(6 * 7)';
    const clear = await run({ source: whole, code: 'clear' });
    expect(clear.entry.data).toMatchObject({ code: whole, codeSha256: sha256(whole), codeBytes: 12 });
    expect(clear.entry.resource.id).toBe(`sha256:${sha256(whole)}`);
  });

  it('in clear are still under the rules of the log', async () => {
    const code = async (treatment: 'mask' | 'clear') =>
      withLog(
        async (log) => {
          await auditProcess('true', [], { log, source, code: treatment });
          return (await onlyEntry(log, 'code.execution')).data.code;
        },
        { privacy: { allowPatterns: ['card-number'] } },
      );
    expect(await code('clear')).toBe('login(password="[REDACTED]"); card("4111 1111 1111 1111");');
    expect(await code('mask')).toBe('login(password="[REDACTED]"); card("[REDACTED]");');
  });

  it('are cut where a word ends, so that no half of a secret is left', async () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    const long = `start ${'x '.repeat(40)}${token} ${'y '.repeat(4_000)}`;
    for (let text = 80; text < 140; text += 7) {
      const { entry } = await run({ source: long, code: 'clear', text });
      expect(entry.data).toMatchObject({ codeCut: true, codeBytes: long.length });
      expect(entry.data.code as string).not.toContain('ghp_');
      expect(Buffer.byteLength(entry.data.code as string)).toBeLessThanOrEqual(text);
      expect(long.startsWith((entry.data.code as string).split('[REDACTED]')[0]!)).toBe(true);
    }
  });

  it('of the command line stand for the code where none is given', async () => {
    const { entry } = await sandboxed('echo', ['one', 'two'], { code: 'clear' });
    expect(entry.data.code).toBe('["echo","one","two"]');
  });
});

it('what is no option, or not of its type, is refused by name', async () => {
  const wrong: readonly [object, RegExp][] = [
    [{ timeuot: 1 }, /options\.timeuot is not an option/],
    [{ timeout: -1 }, /options\.timeout must be a whole number/],
    [{ timeout: 2 ** 31 }, /options\.timeout must be a whole number/],
    [{ code: 'plain' }, /options\.code must be one of hash, mask, clear/],
    [{ environment: 'PATH' }, /options\.environment must be a list/],
    [{ language: '' }, /options\.language must be a text/],
    [{ onFailure: 'spool' }, /options\.onFailure must be one of best-effort, strict/],
    [{ log: {} }, /options\.log must be an open audit log/],
    [{ actor: 'me' }, /options\.actor must be an object/],
  ];
  for (const [options, message] of wrong) {
    await expect(auditProcess('true', [], options)).rejects.toThrow(message);
  }
  await expect(auditProcess('')).rejects.toThrow(/takes a command/);
  await expect(auditProcess('true')).rejects.toMatchObject({ code: 'LOG_UNSET' });
});
