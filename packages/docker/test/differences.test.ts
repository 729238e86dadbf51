import { expect, it } from 'vitest';
import { Inventory, type KnownContainer, noteDie, noteFacts, noteStart } from '../src/cursor/inventory.ts';
import { factsOf } from '../src/inspect/facts.ts';
import type { InspectedContainer, InspectedState } from '../src/inspect/inspected.ts';
import { differences } from '../src/reconcile/differences.ts';
import { nanoOfTime } from '../src/stream/nanoseconds.ts';

const at = (second: number) => `2026-11-26T12:00:${String(second).padStart(2, '0')}.5Z`;
const nano = (second: number) => nanoOfTime(at(second))!;
const NEVER = '0001-01-01T00:00:00Z';

const inspected = (state: InspectedState, more: InspectedContainer = {}): InspectedContainer => ({
  Id: 'c1',
  Name: '/web',
  Created: at(0),
  State: { Running: true, StartedAt: at(1), FinishedAt: NEVER, ExitCode: 0, ...state },
  HostConfig: {},
  Config: { Image: 'web:1' },
  ...more,
});

/** What differs where the log knows what `known` notes, and the engine shows `now`. */
function found(now: InspectedContainer | null, known?: (container: KnownContainer) => void) {
  const inventory = new Inventory();
  if (known !== undefined) {
    const container = inventory.take('c1', 'web', 'web:1');
    container.created = true;
    container.inspected = true;
    known(container);
  }
  const facts = new Map(now === null ? [] : [['c1', factsOf(now, false)] as const]);
  return differences({ ids: new Set(facts.keys()), facts }, inventory).map(({ kind, at: when }) =>
    when === null ? kind : `${kind} ${Number(when / 1_000_000_000n) % 60}`,
  );
}

const started = (container: KnownContainer) => noteStart(container, nano(1) + 1_000n);

it('nothing differs where the messages have told it all', () => {
  expect(found(inspected({}), started)).toEqual([]);
  const ended = inspected({ Running: false, FinishedAt: at(3) });
  const told = (container: KnownContainer) => {
    started(container);
    noteDie(container, nano(3) + 1_000n);
  };
  expect(found(ended, told)).toEqual([]);
  expect(found(null, undefined)).toEqual([]);
});

it('a container nobody told of was created, and started, and has ended', () => {
  expect(found(inspected({}))).toEqual(['create 0', 'start 1']);
  expect(found(inspected({ Running: false, FinishedAt: at(3) }))).toEqual(['create 0', 'start 1', 'die 3']);
  expect(found(inspected({ Running: false, StartedAt: NEVER }))).toEqual(['create 0']);
  expect(found(inspected({ Paused: true }))).toEqual(['create 0', 'start 1', 'pause']);
});

it('a container that is over before the engine notes its start has ended last', () => {
  expect(found(inspected({ Running: false, StartedAt: at(3), FinishedAt: at(2) }))).toEqual([
    'create 0',
    'start 3',
    'die 2',
  ]);
});

it('a running container whose start is news has ended before it', () => {
  expect(found(inspected({ StartedAt: at(7), FinishedAt: at(6) }), started)).toEqual(['die 6', 'start 7']);
});

it('an end told once more, later, by an engine that was killed is no second end', () => {
  const told = (container: KnownContainer) => {
    started(container);
    noteDie(container, nano(3));
  };
  expect(found(inspected({ Running: false, FinishedAt: at(9) }), told)).toEqual([]);
});

it('what is gone was destroyed', () => {
  expect(found(null, started)).toEqual(['destroy']);
});

it('names, limits, pauses and health that are other than told have changed', () => {
  const known = (container: KnownContainer) => {
    started(container);
    noteFacts(container, factsOf(inspected({}), false));
    container.health = 'healthy';
  };
  const health = { Health: { Status: 'healthy' } };
  expect(found(inspected(health), known)).toEqual([]);
  expect(found(inspected(health, { Name: '/web-2' }), known)).toEqual(['rename']);
  expect(found(inspected(health, { HostConfig: { Memory: 1 << 20 } }), known)).toEqual(['update']);
  const policy = { HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } } };
  expect(found(inspected(health, policy), known)).toEqual(['update']);
  expect(found(inspected({ ...health, Paused: true }), known)).toEqual(['pause']);
  expect(found(inspected({ Health: { Status: 'unhealthy' } }), known)).toEqual(['health']);
  expect(found(inspected({ Health: { Status: 'starting' } }), known)).toEqual([]);
});

it('what could not be inspected when it was created is inspected now', () => {
  const known = (container: KnownContainer) => {
    started(container);
    container.inspected = false;
  };
  expect(found(inspected({}), known)).toEqual(['inspect']);
});
