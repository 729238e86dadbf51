// What the policy can say of the disk, and what it cannot.
import { parsePolicy } from '@audit/policy';
import { expect, test } from 'vitest';
import { problemsOf } from '../support/problems.ts';

const ladderOf = (disk: string) => parsePolicy(`monitoring: {disk: {${disk}}}`).monitoring.disk.ladder;

test('thresholds are shares or sizes, and off is none; what is left out has its default', () => {
  expect(ladderOf('')).toEqual({ warn: { share: 0.1 }, alert: { share: 0.05 } });
  expect(ladderOf('warn: off, alert: 7%, spool: 2GiB, refuse: 500MB, halt: 1%')).toEqual({
    ...{ alert: { share: 0.07 }, spool: { bytes: 2 * 1024 ** 3 } },
    ...{ refuse: { bytes: 5e8 }, halt: { share: 0.01 } },
  });
});

test.each(['0%', '101%', '5', '10 %', '0B', 'none', '[]'])('%s is no threshold', (value) => {
  expect(problemsOf(`monitoring: {disk: {warn: ${value}}}`)).toEqual([
    expect.stringMatching(
      /monitoring\.disk\.warn must be a share of the disk such as 10%, a size such as 5GiB, or off/,
    ),
  ]);
});

test.each(['warn: 5%, alert: 10%', 'refuse: 1GiB, halt: 1GiB', 'alert: 2%, spool: 1GiB, refuse: 3%'])(
  '%s is out of order: the lighter action would never come',
  (disk) => {
    expect(problemsOf(`monitoring: {disk: {${disk}}}`)).toEqual([
      expect.stringContaining('monitoring.disk is out of order: warn, alert, spool, refuse and halt'),
    ]);
  },
);

test('a share and a size may stand in any order: which is more depends on the disk', () => {
  expect(problemsOf('monitoring: {disk: {warn: 1GiB, alert: 20%, refuse: 500MiB}}')).toEqual([]);
});
