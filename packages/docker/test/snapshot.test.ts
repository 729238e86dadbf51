import { assertIntact, createTestLog } from '@audit/core/testing';
import { expect, it } from 'vitest';
import { Inventory } from '../src/cursor/inventory.ts';
import { remember } from '../src/cursor/remembered.ts';
import { inventoryEvents } from '../src/cursor/snapshot.ts';

const ENGINE = { key: 'k'.repeat(32), name: 'engine' };

it('an inventory of long names is told whole, in as many parts as it takes', async () => {
  const inventory = new Inventory();
  for (let n = 0; n < 500; n++) {
    // As Kubernetes names them, pinned by digest.
    const image = `registry.example.com/team/project/service-${n}@sha256:${'d'.repeat(64)}`;
    const name = `k8s_${'container'.repeat(6)}_${'pod'.repeat(15)}_namespace_${n}`;
    const known = inventory.take(`${n}`.padStart(64, '0'), name, image);
    Object.assign(known, { created: true, running: true, lastStart: 1_800_000_000_123_456_789n });
  }
  const log = await createTestLog();
  for (const event of inventoryEvents(inventory, ENGINE)) await log.record(event);
  for await (const entry of log.entries({ type: 'container.inventory' })) {
    expect(entry).not.toHaveProperty('cut');
  }
  const remembered = await remember(log, ENGINE.key);
  const names = (of: Inventory) => [...of.all()].map(({ id, name, image }) => [id, name, image]);
  expect(names(remembered.inventory)).toEqual(names(inventory));
  await assertIntact(log);
  await log.close();
});
