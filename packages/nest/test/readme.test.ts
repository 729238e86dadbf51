import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readmePrograms, runProgram } from '../../http/test/program.ts';
import { MAJOR } from './version.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));

/** What TypeScript makes of the controller that the README shows. */
const controller = `
import { Controller, Param, Post } from '@nestjs/common';
import { Audit } from '@audit/nest';

export class OrdersController {
  cancel(id) {
    return { cancelled: id };
  }
}
const handler = [OrdersController.prototype, 'cancel', Object.getOwnPropertyDescriptor(OrdersController.prototype, 'cancel')];
Controller('orders')(OrdersController);
Post(':id/cancel')(...handler);
Audit({ type: 'data.update', operation: 'cancel order', resource: { type: 'order', param: 'id' } })(...handler);
Param('id')(OrdersController.prototype, 'cancel', 0);
`;

// From the built package, whose NestJS is the newest.
test.runIf(MAJOR >= 12)('the program of the README runs from the built package and records', async () => {
  const [program = ''] = await readmePrograms(folder);
  const file = join(folder, 'dist', 'orders.controller.js');
  await writeFile(file, controller);
  try {
    const entries = await runProgram({
      folder,
      text: program,
      last: 'POST /orders/:id/cancel',
      async use(url) {
        const response = await fetch(`${url}/orders/7/cancel`, { method: 'POST' });
        expect(await response.json()).toEqual({ cancelled: '7' });
      },
    });
    const [domain, request] = entries.slice(-2);
    expect(domain).toMatchObject({
      type: 'data.update',
      operation: 'cancel order',
      resource: { type: 'order', id: '7' },
      outcome: 'success',
    });
    expect(request).toMatchObject({ type: 'http.request', data: { status: 201 }, trace: domain?.trace });
  } finally {
    await rm(file);
  }
});
