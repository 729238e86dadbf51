import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { ended, inDirectory, start } from './child.ts';
import { left } from './shop.ts';

const ROUNDS = 15;
/** In batches of 50, so that there is much between the first signature and the last. */
const RECORDS = 2_000;

/** Kills the writer at its so-manieth checkpoint after `end`, or at `finish`. Returns what it said before. */
async function killed(directory: string, at: number | 'finish'): Promise<readonly string[]> {
  const child = start('writer.mjs', [directory, String(RECORDS)]);
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(line);
    if (!said.includes('end')) return;
    const checkpoints = said.filter((one) => one === 'signed').length;
    if (at === 'finish' ? line === at : checkpoints >= at) child.kill('SIGKILL');
  });
  const { signal, err } = await ended(child);
  expect([signal, err]).toEqual(['SIGKILL', '']);
  return said;
}

test('a process killed between end() and finish loses nothing it reported, and nothing at all once finished', async () => {
  let between = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const at = round % 5 === 4 ? 'finish' : round;
    await inDirectory(async (directory) => {
      const said = await killed(directory, at);
      const entries = await left(directory);
      const found = entries.map((entry) => Number(entry.operation));
      // Once each, in order, without a hole: a prefix of what was logged.
      expect(found).toEqual(Array.from({ length: found.length }, (_, n) => n));
      const reported = said.filter((line) => /^\d+$/.test(line));
      expect(found.length).toBeGreaterThanOrEqual(reported.length);
      expect(said).toContain('end');
      const { length: signed } = said.filter((line) => line === 'signed');
      if (signed > 1) expect(found.length).toBeGreaterThan(0);
      if (said.includes('finish')) expect(found).toHaveLength(RECORDS);
      else between++;
    });
  }
  expect(between).toBeGreaterThan(ROUNDS / 2);
}, 300_000);
