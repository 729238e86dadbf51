// A policy may extend another: maps merge, lists are replaced, and every problem is told where it stands.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPolicy, type PolicyError, parsePolicy } from '@audit/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-inherit-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes files below the folder, and loads the first. */
function load(files: Readonly<Record<string, string>>, env: Record<string, string> = {}) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return loadPolicy(join(folder, Object.keys(files)[0]!), { env });
}

/** The problems, one a line, without the folder. */
async function problems(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const error = await load(files).then(
    () => expect.unreachable(),
    (caught: PolicyError) => caught,
  );
  return error.message.replaceAll(`${folder}/`, '').split('\n');
}

describe('a policy that extends another', () => {
  test('has what it says itself, and the rest from the other', async () => {
    const { log } = await load({
      'service/audit.yaml':
        'extends: ../base.yaml\nlog: {origin: shop.example/audit}\nprivacy: {keys: [b]}\n',
      'base.yaml':
        'log: {origin: base.example/audit, service: base}\nprivacy: {keys: [a], pointers: [/data/x]}\n',
    });
    expect(log).toMatchObject({ origin: 'shop.example/audit', service: 'base' });
    expect(log.privacy).toMatchObject({ keys: [{ key: 'b' }], pointers: [{ pointer: '/data/x' }] });
  });

  test('does so over any number of files, and with names of the user’s own', async () => {
    const { events } = await load({
      'a.yaml': 'extends: b.yaml\nevents: {data.read: {level: warning}}',
      'b.yaml': 'extends: c.yaml\nevents: {data.read: {enabled: true}, data.*: {sample: 10%}}',
      'c.yaml': 'events: {data.read: {enabled: false, detail: metadata}}',
    });
    expect(events.events).toEqual({
      'data.read': { level: 'warning', enabled: true, detail: 'metadata' },
      'data.*': { sample: 0.1 },
    });
  });

  test('keeps what the other says where it leaves a key or a section empty', async () => {
    const { log } = await load({
      'a.yaml': 'extends: b.yaml\nlog: {service: }\nstorage:\n',
      'b.yaml': 'log: {service: base}\nstorage: {directory: d}\n',
    });
    expect(log).toMatchObject({ service: 'base', directory: 'd' });
  });

  test('may be told by the environment which', async () => {
    const files = { 'a.yaml': `extends: "\${WHERE}.yaml"`, 'b.yaml': 'log: {service: base}' };
    expect((await load(files, { WHERE: 'b' })).log.service).toBe('base');
  });

  test('may extend what is shipped, which changes nothing', async () => {
    const shipped = fileURLToPath(new URL('../../../config/audit.yaml', import.meta.url));
    const { file: _file, ...extending } = await load({ 'a.yaml': `extends: ${shipped}\nlevel: minimal\n` });
    const { file: _none, ...alone } = parsePolicy('level: minimal\nlog: {origin: shop.example/audit}\n');
    expect(extending.events.least).toBe('warning');
    expect(extending.events.events).toEqual({ '*': {} });
    expect(extending.http.detail).toEqual(alone.http.detail);
    expect(extending.log.origin).toBe(alone.log.origin);
  });

  test('is told each problem in the file it is in, its own first', async () => {
    expect(
      await problems({
        'a.yaml': 'extends: b.yaml\n\nlgo: {}\nperformance: {queueEvents: 0}\n',
        'b.yaml': 'monitoring: {prot: 1}\nperformance: {queueEvents: -1, batchEvents: 0}\nextends: c.yaml\n',
        'c.yaml': 'rotation:\n  age: 30\n',
      }),
    ).toEqual([
      'a.yaml:3:1: lgo is no key; did you mean log?',
      expect.stringMatching(
        /^a\.yaml:4:28: performance\.queueEvents must be a whole number from 1 .*; it is 0$/,
      ),
      'b.yaml:1:14: monitoring.prot is no key; did you mean port?',
      expect.stringMatching(/^b\.yaml:2:45: performance\.batchEvents must be /),
      expect.stringMatching(/^c\.yaml:2:8: rotation\.age must be a duration /),
    ]);
  });

  test.each([
    [
      'is not there',
      { 'a.yaml': 'log: {}\nextends: none.yaml\n' },
      'a.yaml:2:10: extends names a file that cannot be used. The policy none.yaml cannot be read: there is no such file.',
    ],
    [
      'is itself',
      { 'a.yaml': 'extends: a.yaml' },
      'a.yaml:1:10: extends leads back to a file that is being read (a.yaml → a.yaml): take one of them out',
    ],
    [
      'comes back to it',
      { 'a.yaml': 'extends: b/b.yaml', 'b/b.yaml': 'extends: c.yaml', 'b/c.yaml': 'extends: ../a.yaml' },
      'b/c.yaml:1:10: extends leads back to a file that is being read (a.yaml → b/b.yaml → b/c.yaml → a.yaml): take one of them out',
    ],
    ['is no path', { 'a.yaml': 'extends: [b.yaml]' }, 'a.yaml:1:10: extends must be a path; it is a list'],
    [
      'is no YAML',
      { 'a.yaml': 'extends: b.yaml', 'b.yaml': 'log: [' },
      /^b\.yaml:1:\d+: is not as YAML has it: /,
    ],
  ])('is refused where what it extends %s', async (_what, files, problem) => {
    expect(await problems(files as Record<string, string>)).toEqual([
      typeof problem === 'string' ? problem : expect.stringMatching(problem),
    ]);
  });
});
