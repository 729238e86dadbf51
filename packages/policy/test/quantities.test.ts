// Durations and sizes: exactly what is written, or nothing.
import { parsePolicy } from '@audit/policy';
import { describe, expect, test } from 'vitest';
import { spellDuration, spellSize } from '../src/settings/quantities.ts';
import { problemsOf } from './support/problems.ts';

const sizeOf = (value: string) => parsePolicy(`rotation: {size: ${value}}`).log.segmentBytes;
const ageOf = (value: string) => parsePolicy(`rotation: {age: ${value}}`).log.segmentAge;

describe('a duration', () => {
  test.each([
    ['0ms', 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['36h', 129_600_000],
    ['30d', 2_592_000_000],
  ])('%s is %d milliseconds', (text, milliseconds) => {
    expect(ageOf(text)).toBe(milliseconds);
  });

  test.each([
    '30',
    '"30"',
    '30 s',
    '30S',
    '1.5h',
    '1h30m',
    '-1s',
    '+1s',
    '05s',
    '1e3s',
    's',
    '30sec',
    '5min',
    'forever',
    'true',
    '0x10s',
    '٣s',
    '999999999999d',
  ])('%s is none', (text) => {
    expect(problemsOf(`rotation: {age: ${text}}`)).toEqual([expect.stringContaining('rotation.age must be')]);
  });

  test('has the bounds of what it is for', () => {
    expect(problemsOf('signing: {timeout: 0ms}')).toEqual([
      '1:20: signing.timeout must be from 1ms to 2147483647ms; it is "0ms"',
    ]);
    expect(problemsOf('performance: {queueTimeout: 25d}')).toEqual([
      '1:29: performance.queueTimeout must be from 0ms to 2147483647ms; it is "25d"',
    ]);
  });
});

describe('a size', () => {
  test.each([
    ['1B', 1],
    ['64kB', 64_000],
    ['64KiB', 65_536],
    ['10MB', 10_000_000],
    ['64MiB', 67_108_864],
    ['2GB', 2_000_000_000],
    ['2GiB', 2_147_483_648],
  ])('%s is %d bytes', (text, bytes) => {
    expect(sizeOf(text)).toBe(bytes);
  });

  test.each([
    '64',
    '64M',
    '64mib',
    '64 MiB',
    '64KB',
    '64Mib',
    '0.5GiB',
    '-1B',
    '0B',
    '007B',
    'MiB',
    '9999999999GiB',
  ])('%s is none', (text) => {
    expect(problemsOf(`rotation: {size: ${text}}`)).toEqual([
      expect.stringContaining('rotation.size must be'),
    ]);
  });

  test('of a queue is at least one entry', () => {
    expect(problemsOf('performance: {queueBytes: 65534B}')).toEqual([
      '1:27: performance.queueBytes must be at least 65535B; it is "65534B"',
    ]);
  });
});

test('quantities are spelled in the largest unit that is exact', () => {
  expect([0, 1, 250, 90_000, 86_400_000].map(spellDuration)).toEqual(['0ms', '1ms', '250ms', '90s', '1d']);
  expect([0, 1, 1024, 1000, 67_108_864, 65_535].map(spellSize)).toEqual([
    ...['0B', '1B', '1KiB', '1kB', '64MiB', '65535B'],
  ]);
});
