// A newcomer: clones the repository, types `npm start`. Minutes of installing, so only where asked for.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { strangersEnv } from './support/environment.ts';
import { mustRun, type Ran, root, run } from './support/repository.ts';

/** Set by .ci/run. Tests the last commit, not the working tree. */
const asked = process.env.AUDIT_TEST_INSTALL === '1';

describe.skipIf(!asked)('a bare clone', () => {
  const clone = join(mkdtempSync(join(tmpdir(), 'audit-clone-')), 'audit');
  beforeAll(() => mustRun('git', ['clone', '--quiet', root, clone]));
  afterAll(() => rmSync(join(clone, '..'), { recursive: true, force: true }));

  function npm(...args: readonly string[]): Promise<Ran> {
    return run('npm', args, { cwd: clone, env: strangersEnv() });
  }

  test('npm start installs, builds and shows the tour', async () => {
    const ran = await npm('start', '--', '--once', '--port', '0');
    expect(ran, ran.stderr).toMatchObject({ status: 0 });
    expect(ran.stderr).toContain('Installing dependencies');
    expect(existsSync(join(clone, 'audit-log', 'commit'))).toBe(true);
  });

  test('the second npm start does not install again', async () => {
    const ran = await npm('start', '--', '--once', '--port', '0');
    expect(ran, ran.stderr).toMatchObject({ status: 0 });
    expect(ran.stderr).not.toContain('Installing');
  });

  test('npm run audit verifies the log with the key it names', async () => {
    const ran = await npm('run', '-s', 'audit', '--', 'verify', 'audit-log', '--json');
    expect(ran, ran.stderr).toMatchObject({ status: 0 });
    expect(JSON.parse(ran.stdout)).toMatchObject({ verdict: 'intact', firstBadSeq: null });
  });

  test('nothing of all that shows in git', async () => {
    expect(await mustRun('git', ['status', '--porcelain'], { cwd: clone })).toBe('');
  });
});
