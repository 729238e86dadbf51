// The progress bar: what it says, and when it keeps still.
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { progressLine, startProgress } from '../src/render/progress.ts';
import type { Output, Terminal } from '../src/terminal.ts';
import { hasScript, plainEnvironment } from './audit.ts';
import { testFolder } from './logs.ts';

const PROBE = fileURLToPath(new URL('terminal-probe.mjs', import.meta.url));

function terminal(showsProgress: boolean, written: string[]): Terminal {
  const output = { write: (text: string) => written.push(text) } as unknown as Output;
  return { out: output, err: output, showsProgress };
}

describe('progressLine', () => {
  it('says share, speed and what is left, within 80 columns', () => {
    const line = progressLine('verifying', 'entries', 2_500_000, 10_000_000, 12_500);
    expect(line).toBe('verifying [######------------------]  25 %  12,500 entries/s  ETA 10:00');
    expect(line.length).toBeLessThanOrEqual(80);
  });

  it('says what it can where the total is not known, and nothing impossible at either end', () => {
    expect(progressLine('reading', 'entries', 5, 0, 5)).toBe('reading 5 entries  5 entries/s');
    expect(progressLine('reading', 'entries', 0, 10, 0)).toContain('  0 %  0 entries/s  ETA ?');
    expect(progressLine('reading', 'entries', 12, 10, 1)).toContain('100 %');
  });
});

describe('startProgress', () => {
  it('draws only once work takes longer than a moment, and clears the line', () => {
    const written: string[] = [];
    let now = 0;
    const progress = startProgress(terminal(true, written), 'verifying', 'entries', () => now);
    progress.update(1, 10);
    expect(written).toEqual([]);
    now = 600;
    progress.update(5, 10);
    progress.update(6, 10);
    expect(written).toHaveLength(1);
    expect(written[0]).toContain('7 entries/s');
    now = 1_200;
    progress.update(10, 10);
    expect(written).toHaveLength(1);
    progress.end();
    expect(written.at(-1)).toBe('\r\x1b[K');
  });

  it('writes nothing where nobody watches', () => {
    const written: string[] = [];
    let now = 0;
    const progress = startProgress(terminal(false, written), 'verifying', 'entries', () => now);
    now = 10_000;
    progress.update(5, 10);
    progress.end();
    expect(written).toEqual([]);
  });
});

describe.skipIf(!hasScript)('progress', () => {
  it('is for a terminal, and not where output goes into a pipe', async () => {
    const folder = await testFolder();
    const seen = async (redirection: string) => {
      const file = join(folder, 'seen');
      const command = `'${process.execPath}' '${PROBE}' '${file}' ${redirection}`;
      spawnSync('script', ['-qec', command, '/dev/null'], { env: plainEnvironment({ TERM: 'xterm' }) });
      return JSON.parse(await readFile(file, 'utf8')) as object;
    };
    expect(await seen('')).toEqual({ showsProgress: true, out: true, err: true });
    expect(await seen('| cat')).toEqual({ showsProgress: false, out: false, err: true });
    expect(await seen('2> /dev/null')).toEqual({ showsProgress: false, out: true, err: false });
    // A report that goes into a file leaves the screen to the bar.
    expect(await seen(`> '${join(folder, 'report')}'`)).toEqual({
      showsProgress: true,
      out: false,
      err: true,
    });
  });
});
