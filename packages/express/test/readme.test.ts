import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readmePrograms, runProgram } from '../../http/test/program.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));

test('the program of the README, with the handler it shows, runs from the built package and records', async () => {
  const [program = '', handler = ''] = await readmePrograms(folder);
  const entries = await runProgram({
    folder,
    text: program.replace('app.use(auditErrors())', `${handler}app.use(auditErrors())`),
    last: 'POST /orders/:id/cancel',
    async use(url) {
      expect(await (await fetch(`${url}/orders/7`)).json()).toEqual({ order: '7' });
      expect((await fetch(`${url}/orders/7/cancel`, { method: 'POST' })).status).toBe(204);
    },
  });
  const [read, domain, cancelled] = entries.slice(-3);
  expect(read).toMatchObject({ operation: 'GET /orders/:id', outcome: 'success', data: { status: 200 } });
  expect(domain).toMatchObject({ type: 'data.update', actor: { type: 'user', id: 'u42' } });
  expect(cancelled).toMatchObject({ operation: 'POST /orders/:id/cancel', trace: domain?.trace });
});

test.each([
  ['detail', 2, [undefined]],
  // The program is killed once its last operation is there, which the third stage may not have been yet.
  ['strict mode', 3, ['received', 'responding']],
])('the options it shows for %s work', async (_what, block, stages) => {
  const programs = await readmePrograms(folder);
  const [program = ''] = programs;
  const options = programs[block]?.trim().replace(/;$/, '') ?? '';
  expect(options).toMatch(/^auditExpress\(/);
  const entries = await runProgram({
    folder,
    text: program.replace('auditExpress({ log })', options),
    last: 'GET /orders/:id',
    async use(url) {
      expect(await (await fetch(`${url}/orders/7`)).json()).toEqual({ order: '7' });
    },
  });
  const told = entries.filter(({ operation }) => operation.startsWith('GET /orders/'));
  for (const stage of stages) expect(told.map(({ data }) => data?.stage)).toContain(stage);
});
