import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type AuditEvent,
  type JsonObject,
  MAX_ENTRY_BYTES,
  openAuditLog,
  parseEntry,
  parseVerifierKey,
  verifyDirectory,
} from '../../src/index.ts';

let directory: string;
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'audit-hostile-')), 'log');
});
afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }));

const boom = () => {
  throw new Error('boom');
};

/** Every value of formats.md, *Values JSON cannot hold*, and what people do to serializers on purpose. */
function hostileValues(): Record<string, unknown> {
  const cycle: Record<string, unknown> = { here: 1 };
  cycle.self = cycle;
  let deep: unknown = 'bottom';
  for (let depth = 0; depth < 100_000; depth++) deep = { deep };
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  return {
    date: new Date(0),
    invalidDate: new Date(Number.NaN),
    farDate: new Date(8.64e15),
    bigint: 2n ** 100n,
    bytes: new Uint8Array([0, 255]),
    buffer: Buffer.from('raw'),
    arrayBuffer: new ArrayBuffer(2),
    map: new Map<unknown, unknown>([
      ['a', 1],
      [1, 'number'],
      ['1', 'text'],
      [{}, 'object'],
    ]),
    set: new Set([1, 'two']),
    error: new TypeError('outer', { cause: new Error('inner') }),
    aggregate: new AggregateError([new Error('one'), 'two'], 'many'),
    boxed: [new Number(1), new String('s'), new Boolean(false), Object(3n)],
    symbol: Symbol('described'),
    undefinedMember: undefined,
    fn: boom,
    inArray: [undefined, boom, Symbol('s')],
    notFinite: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0],
    lone: '\ud800 and \udfff',
    'lone key \ud800': 1,
    'lone key \udbff': 2,
    cycle,
    throwingToJson: { toJSON: boom },
    throwingGetter: {
      fine: 1,
      get bad() {
        return boom();
      },
    },
    throwingProxy: new Proxy({}, { ownKeys: boom, get: boom, getPrototypeOf: boom }),
    revoked,
    proto: JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    nullPrototype: Object.assign(Object.create(null), { a: 1 }),
    sparse: Array.from({ length: 3 }).fill(1, 2),
    deep,
    wide: Array.from({ length: 20_000 }, (_, n) => n),
    long: 'é'.repeat(200_000),
    control: 'line\nbreak \u0000 \u001b[2J \u202e \u2028 "quoted" \\ </script>',
    date_like: { toString: boom, valueOf: boom, [Symbol.toPrimitive]: boom },
    weird: [new WeakMap(), new Promise(() => {}), /regexp/g, new URL('https://example.org/'), globalThis],
  };
}

test('an event that holds every hostile value is recorded, and the log verifies', async () => {
  const log = await openAuditLog({ directory, origin: 'test.example/hostile', onKeyCreated: () => {} });
  const event: AuditEvent = {
    type: 'test.hostile',
    category: 'system_health',
    operation: `hostile \ud800 ${'o'.repeat(5_000)}`,
    resource: { type: 't', id: 'i' },
    outcome: 'unknown',
    data: hostileValues(),
  };
  const all = await log.record(event);
  const each: number[] = [];
  for (const [name, value] of Object.entries(hostileValues())) {
    each.push((await log.record({ ...event, operation: name, data: { value } })).seq);
    // The same value where types promise something else: JavaScript callers exist.
    const anywhere = {
      ...event,
      operation: name,
      actor: value,
      trace: value,
      error: value,
      data: value,
    } as AuditEvent;
    each.push((await log.record(anywhere)).seq);
  }
  const { vkey } = log.info();
  await log.close();
  expect(each).toEqual(each.map((_, index) => all.seq + 1 + index));
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();

  const lines = (await readFile(join(directory, 'entries', '0000000000000000.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n');
  for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(MAX_ENTRY_BYTES);
  const entry = parseEntry(lines[all.seq]!);
  expect(entry.cut?.map(({ path }) => path)).toEqual(expect.arrayContaining(['/operation', '/data/long']));
  const alone = parseEntry(lines[each[0]!]!).data as JsonObject;
  expect(alone.value).toBe('1970-01-01T00:00:00.000Z');

  const report = await verifyDirectory(directory, { keys: [parseVerifierKey(vkey)] });
  expect(report).toMatchObject({ verdict: 'intact', entriesChecked: lines.length });
});
