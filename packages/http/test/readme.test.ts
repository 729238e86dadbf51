import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readmePrograms, runProgram } from './program.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));

test('the program of the README runs from the built package and records', async () => {
  const [text = ''] = await readmePrograms(folder);
  const entries = await runProgram({
    folder,
    text,
    last: 'GET /hello',
    async use(url) {
      expect(await (await fetch(`${url}/hello?page=2`)).text()).toBe('hello\n');
    },
  });
  expect(entries.at(-1)).toMatchObject({ outcome: 'success', data: { status: 200, query: 'page=2' } });
});
