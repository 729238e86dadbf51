// `audit tail`: the newest entries, and those to come.

import { join } from 'node:path';
import { openAuditLog } from '@audit/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { audit, finished, start } from './audit.ts';
import { event, ORIGIN, testFolder, writeLog } from './logs.ts';

function seqs(stdout: string): number[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { seq: number }).seq);
}

describe('audit tail', () => {
  it('prints the newest entries, one a line', async () => {
    const log = await writeLog(30);
    const { status, stdout, stderr } = await audit(['tail', log.directory, '-n', '5']);
    expect(status).toBe(0);
    expect(stderr).toBe('');
    const lines = stdout.split('\n').slice(0, -1);
    expect(lines).toHaveLength(5);
    expect(lines.at(-1)).toContain('log.close');
    expect(lines[0]).toMatch(
      /^ *\d+ \d{4}-\d\d-\d\dT\S+ info +data\.update +success +update order \d+ on order o\d+ by user u42 \(Ada\)$/,
    );
    expect((await audit(['tail', log.directory])).stdout.split('\n')).toHaveLength(11);
  });

  it('prints exact entries as JSON lines', async () => {
    const log = await writeLog(30);
    const { stdout } = await audit(['tail', log.directory, '-n', '4', '--json']);
    expect(seqs(stdout)).toEqual([4, 3, 2, 1].map((back) => log.size - back));
  });

  it('prints all there are where more are asked for', async () => {
    const log = await writeLog(3);
    expect(seqs((await audit(['tail', log.directory, '-n', '1000', '--json'])).stdout)).toHaveLength(
      log.size,
    );
  });

  it('follows a log through its rotations', async () => {
    const folder = await testFolder();
    const directory = join(folder, 'log');
    await using log = await openAuditLog({
      directory,
      origin: ORIGIN,
      segmentBytes: 16_384,
      onKeyCreated() {},
    });
    await log.record(event(0));
    const child = start(['tail', directory, '-f', '-n', '1000', '--json']);
    onTestFinished(() => void child.kill());
    let seen = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
    for (let n = 0; n < 300; n += 30) {
      await Promise.all(Array.from({ length: 30 }, (_, i) => log.record(event(n + i))));
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    const { size } = log.info();
    while (!seen.includes(`"seq":${size - 1},`)) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen).toContain('"log.rotate"');
    expect(seqs(seen.slice(0, seen.lastIndexOf('\n') + 1))).toEqual(
      Array.from({ length: size }, (_, seq) => seq),
    );
    await log.close();
    expect((await audit(['verify', directory])).status).toBe(0);
  });

  it('ends quietly when its reader has enough', async () => {
    const data = { padding: 'x'.repeat(1_000) };
    const log = await writeLog(2_000, {}, (n) => event(n, { data }));
    const child = start(['tail', log.directory, '-n', '2000', '--json']);
    const result = finished(child);
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await result).toMatchObject({ status: 0, stderr: '' });
  });

  it('stops following with the next entry when its reader went away', async () => {
    const folder = await testFolder();
    const directory = join(folder, 'log');
    const log = await openAuditLog({ directory, origin: ORIGIN, onKeyCreated() {} });
    const child = start(['tail', directory, '-f']);
    onTestFinished(() => void child.kill());
    let ended = false;
    const result = finished(child).finally(() => {
      ended = true;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    for (let n = 0; !ended; n++) {
      await log.record(event(n));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await log.close();
    expect(await result).toMatchObject({ status: 0, stderr: '' });
    expect((await audit(['verify', directory])).status).toBe(0);
  });
});
