import type { AuditEvent } from '@audit/core';
import { expect, it } from 'vitest';
import { ContainerWatch } from '../../src/resources/container-watch.ts';
import { resolveResourceOptions } from '../../src/resources/options.ts';
import type { Sample } from '../../src/resources/sample.ts';

const HOUR = 3_600_000;

/** A container that is throttled in all of its periods, looked at every 10 s; `shift` is what its engine's clock is set by. */
function throttled(shift: (sample: number) => number) {
  const events: AuditEvent[] = [];
  const watch = new ContainerWatch({ id: 'c' }, resolveResourceOptions({ cpu: '50% for 30s' }), () => false, {
    emit: (event) => events.push(event),
    act: () => Promise.reject(new Error('nothing is done')),
    ...{ opened: () => {}, closing: () => {} },
  });
  watch.start(0, 0, new Date(0));
  let opened: number | undefined;
  for (let n = 0; n < 20 && opened === undefined; n++) {
    const now = n * 10_000;
    const sample: Sample = { at: HOUR + now + shift(n), cpu: { periods: n * 100, throttled: n * 100 } };
    watch.take(sample, now);
    if (events.length > 0) opened = n;
  }
  return { opened, sustainedMs: events[0]?.data?.sustainedMs };
}

it('what lasts is told by how long it lasted', () => {
  expect(throttled(() => 0)).toEqual({ opened: 3, sustainedMs: 30_000 });
});

it('an engine whose clock is set says nothing of how long something lasted', () => {
  expect(throttled((n) => (n < 2 ? 0 : HOUR))).toEqual({ opened: 3, sustainedMs: 30_000 });
  expect(throttled((n) => (n < 1 ? 0 : HOUR))).toEqual({ opened: 4, sustainedMs: 30_000 });
});
