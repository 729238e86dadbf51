import { describe, expect, test } from 'vitest';
import { ended, inDirectory, start } from './child.ts';
import { left } from './shop.ts';

describe('an uncaught error', () => {
  test.each([
    ['exception', 'uncaughtException', 'TypeError'],
    ['handler', 'uncaughtException', 'TypeError'],
    ['rejection', 'unhandledRejection', 'RangeError'],
  ])('(%s) is safe in the log before winston ends the process', async (how, operation, name) => {
    await inDirectory(async (directory) => {
      // winston gives up after three seconds on a transport that does not say `finish`.
      const { code, out } = await ended(start('uncaught.mjs', [directory, how]));
      expect([code, out]).toEqual([1, 'finish\n']);
      const entries = await left(directory);
      expect(entries).toMatchObject([
        {
          type: 'system.error',
          level: 'error',
          operation,
          outcome: 'failure',
          error: { name, message: 'failure 1' },
          data: { record: { error: { stack: expect.stringContaining(`${name}: failure 1`) } } },
        },
      ]);
      if (name === 'TypeError') {
        expect(entries[0]).toMatchObject({
          error: { code: 'EFAIL' },
          data: { record: { error: { cause: { message: 'why' } } } },
        });
      }
    });
  });

  test('after which the process goes on leaves the transport in place', async () => {
    await inDirectory(async (directory) => {
      const { code, err } = await ended(start('uncaught.mjs', [directory, 'continue']));
      expect([code, err]).toEqual([0, '']);
      const entries = await left(directory);
      expect(entries.map((entry) => entry.error?.message ?? entry.operation)).toEqual([
        'failure 1',
        'failure 2',
        'between',
        'failure 3',
      ]);
    });
  });
});

test.each([
  ['end', ['a']],
  ['close', ['a', 'b']],
  ['remove', ['a', 'b']],
])('after %s nothing keeps the process alive', async (how, expected) => {
  await inDirectory(async (directory) => {
    expect(await ended(start('quiet.mjs', [directory, how]))).toMatchObject({
      code: 0,
      out: 'done\n',
      err: '',
    });
    expect((await left(directory)).map((entry) => entry.operation)).toEqual(expected);
  });
});
