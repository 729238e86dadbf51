import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifyDirectory } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import Docker from 'dockerode';
import { expect, it, onTestFinished } from 'vitest';
import { type DockerWatchOptions, resolveOptions } from '../src/options.ts';
import {
  createContainer,
  describeEngine,
  engineAddress,
  engineClient,
  uniqueName,
} from './support/engine.ts';
import { until } from './support/watching.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');

describeEngine('the README', () => {
  it('begins with a program that runs from the built package, prints what is recorded, and ends well', async () => {
    const program = /^```js\n(.*?)^```/ms.exec(readme)?.[1] ?? '';
    // Inside the package, so that its name resolves.
    const file = join(PACKAGE, 'dist', `readme-${process.pid}.mjs`);
    const cwd = await mkdtemp(join(tmpdir(), 'audit-readme-'));
    let child: ChildProcess | undefined;
    onTestFinished(async () => {
      child?.kill('SIGKILL');
      await rm(file, { force: true });
      await rm(cwd, { recursive: true });
    });
    await writeFile(file, program);
    const container = await createContainer(engineClient(), ['true'], { name: uniqueName('readme') });
    child = spawn(process.execPath, [file], {
      cwd,
      env: { ...process.env, DOCKER_HOST: engineAddress ?? '' },
    });
    let out = '';
    child.stdout!.on('data', (chunk) => {
      out += chunk;
    });
    const ended = new Promise<number | null>((resolve) => child!.on('exit', resolve));
    await until(() => out.includes('container.create'));
    await container.remove();
    await until(() => out.includes('container.destroy'));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(await verifyDirectory(join(cwd, 'audit-log'))).toMatchObject({ verdict: 'intact' });
  });
});

it('the README tells the default of every option of watchDocker', async () => {
  const log = await createTestLog();
  const docker = new Docker({ socketPath: '/nowhere' });
  const { docker: _, log: __, engine: ___, ...settings } = resolveOptions({ docker, log });
  const options = readme.slice(readme.indexOf('## Options of `watchDocker`'));
  const told = (name: string) => new RegExp(`^\\| \`${name}\` +\\| ([^|]*?) +\\|`, 'm').exec(options)?.[1];
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === 'number') expect(told(name), name).toBe(value.toLocaleString('en'));
    else if (typeof value === 'boolean') expect(told(name), name).toBe(`\`${value}\``);
    else expect(told(name as keyof DockerWatchOptions), name).toBeDefined();
  }
  await log.close();
});
