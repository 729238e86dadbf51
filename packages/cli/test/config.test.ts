import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { audit } from './audit.ts';
import { testFolder } from './logs.ts';

const SHIPPED = fileURLToPath(new URL('../../../config/audit.yaml', import.meta.url));

/** Writes policies into a folder of their own. */
async function policies(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await testFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

describe('audit config check', () => {
  it('says that a policy is one', async () => {
    const { status, stdout } = await audit(['config', 'check', SHIPPED]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${SHIPPED} is a policy, without a problem.\n` });
  });

  it('tells every problem at once, of what is extended too', async () => {
    const cwd = await policies({
      'audit.yaml': 'extends: base.yaml\nlgo: {}\n',
      'base.yaml': 'rotation: {age: 30}\nlevel: best\n',
    });
    const plain = await audit(['config', 'check', 'audit.yaml'], { cwd });
    expect(plain.status).toBe(1);
    expect(plain.stdout.split('\n').map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
      'audit.yaml:2:1: lgo is no',
      'base.yaml:1:17: rotation.age must be',
      'base.yaml:2:8: level must be',
      '',
    ]);
    expect(plain.stderr).toBe('3 problems; nothing of such a policy is applied.\n');
    const json = await audit(['config', 'check', 'audit.yaml', '--json'], { cwd });
    expect(json).toMatchObject({ status: 1, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({
      file: 'audit.yaml',
      valid: false,
      problems: [{ line: 2, column: 1, key: 'lgo' }, { file: 'base.yaml' }, { key: 'level' }],
    });
  });

  it('cannot check what cannot be read', async () => {
    const { status, stderr } = await audit(['config', 'check', 'none.yaml'], { cwd: await testFolder() });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'audit: The policy none.yaml cannot be read: there is no such file.\n',
    });
  });
});

describe('audit config explain', () => {
  it('says what a key means, what holds, and where that is from', async () => {
    const cwd = await policies({
      'audit.yaml': `extends: base.yaml\nlog: {service: "\${SERVICE}"}\n`,
      'base.yaml': 'performance:\n  queueEvents: 7\nevents: {data.read: {sample: 10%}}\n',
    });
    const env = { SERVICE: 'hunter2' };
    const explain = (...args: string[]) => audit(['config', 'explain', ...args], { cwd, env });
    const queue = await explain('performance.queueEvents', '--policy', 'audit.yaml');
    expect(queue).toMatchObject({ status: 0, stderr: '' });
    expect(queue.stdout).toContain('Events waiting to be committed, at most.');
    expect(queue.stdout).toMatch(/value +7 \(base\.yaml:2:3\)\n +default +65536\n/);
    const all = await explain('--policy', 'audit.yaml');
    expect(all.stdout).toMatch(/^log\.service +\$\{SERVICE\} +audit\.yaml:2:7$/m);
    expect(all.stdout).toMatch(/^events\.data\.read\.sample +10% +base\.yaml:3:22$/m);
    expect(all.stdout).toMatch(/^rotation\.age +1d +default$/m);
    expect(all.stdout).not.toContain('hunter2');
    const json = await explain('events.auth.attempt.level', '--policy', 'audit.yaml', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      policy: 'audit.yaml',
      keys: [{ key: 'events.auth.attempt.level', default: null, value: null }],
    });
  });

  it('explains the defaults, and a section as a whole', async () => {
    const { status, stdout } = await audit(['config', 'explain', 'rotation', '--json']);
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as { keys: { key: string }[] }).keys.map(({ key }) => key)).toEqual([
      'rotation.size',
      'rotation.age',
      'rotation.maxFiles',
      'rotation.maxBytes',
    ]);
  });

  it('does not know a key that is none, and says what was meant', async () => {
    const { status, stderr } = await audit(['config', 'explain', 'performance.quueEvents']);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'audit: performance.quueEvents is no key of a policy; did you mean performance.queueEvents?\n',
    });
  });
});

describe('audit config diff', () => {
  it('shows what differs in effect, and marks what is weaker', async () => {
    const cwd = await policies({
      'a.yaml': 'privacy: {keys: [a, b]}\nrotation: {age: 1h}\nsigning: {timeout: 5s}\n',
      'b.yaml': 'privacy: {keys: [b]}\nrotation: {age: 60m}\nlevel: comprehensive\n',
    });
    const { status, stdout } = await audit(['config', 'diff', 'a.yaml', 'b.yaml'], { cwd });
    expect(status).toBe(1);
    expect(stdout).toBe(
      [
        '        signing.timeout',
        '        - 5s (a.yaml:3:11)',
        '        + 10s (default)',
        'weaker  privacy.keys',
        '        - ["a","b"] (a.yaml:1:11)',
        '        + ["b"] (b.yaml:1:11)',
        '        level',
        '        - basic (default)',
        '        + comprehensive (b.yaml:3:1)',
        '',
        '3 differences, 1 of them weaker or not surely as strong.\n',
      ].join('\n'),
    );
    const json = await audit(['config', 'diff', 'b.yaml', 'a.yaml', '--json'], { cwd });
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      weaker: true,
      changes: [
        { key: 'signing.timeout', weakening: true },
        { key: 'privacy.keys', weakening: false },
        { key: 'level' },
      ],
    });
  });

  it('finds none between a policy and the same in other words', async () => {
    const cwd = await policies({ 'a.yaml': '', 'b.yaml': 'rotation: {size: 262144KiB}\nlevel: basic\n' });
    const { status, stdout } = await audit(['config', 'diff', 'a.yaml', 'b.yaml'], { cwd });
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'No difference in effect.\n' });
  });

  it('compares no policy that has problems', async () => {
    const cwd = await policies({ 'a.yaml': '', 'b.yaml': 'lgo: {}\n' });
    const { status, stderr } = await audit(['config', 'diff', 'a.yaml', 'b.yaml'], { cwd });
    expect(status).toBe(2);
    expect(stderr).toBe(
      'audit: the policy b.yaml has problems:\nb.yaml:1:1: lgo is no key; did you mean log?\n',
    );
  });
});
