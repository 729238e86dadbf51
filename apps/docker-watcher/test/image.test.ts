// The service in a container that is held as compose.yaml says: nobody's user, a read-only root, no capabilities, the
// socket read-only. The base image of the Dockerfile is not to be had without a registry, so one is made of the Node
// that runs here, and the repository stands in for /app.
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type Docker from 'dockerode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  describeOwnEngine,
  engineAddress,
  engineClient,
  uniqueName,
} from '../../../packages/docker/test/support/engine.ts';
import { entriesOf, expectIntact } from './support/log.ts';

const IMAGE = 'audit-test/node:1';
const folder = fileURLToPath(new URL('..', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));
/** As of the official image's `node`. */
const USER = 1000;

describeOwnEngine('the watcher in a container', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'audit-watcher-image-'));
  const docker = engineAddress === null ? (undefined as never) : engineClient();
  const service = parse(readFileSync(`${folder}compose.yaml`, 'utf8')).services['docker-watcher'];
  const state = join(temporary, 'state');
  const directory = join(state, 'log');
  const ownEntries = (name: string) => entriesOf(directory).filter(({ resource }) => resource.name === name);

  beforeAll(async () => {
    await importNode(docker, temporary);
    mkdirSync(state, { mode: 0o700 });
    chownSync(state, USER, USER);
  });
  afterAll(() => rmSync(temporary, { recursive: true, force: true }));

  test('needs no more than it is given, and records itself like any other', async () => {
    const socket = engineAddress!.replace('unix://', '');
    const name = uniqueName('watcher');
    const container = await docker.createContainer({
      Image: IMAGE,
      name,
      User: `${USER}:${USER}`,
      WorkingDir: '/var/lib/docker-watcher',
      Entrypoint: ['node', '/app/apps/docker-watcher/dist/main.js', '--print'],
      Env: [
        ...['PATH=/usr/local/bin', 'NODE_ENV=production', 'AUDIT_ORIGIN=image.example/docker'],
        ...['AUDIT_MONITORING_ADDRESS=127.0.0.1', 'AUDIT_CONFIG=/app/apps/docker-watcher/audit.yaml'],
      ],
      HostConfig: {
        ReadonlyRootfs: service.read_only,
        CapDrop: service.cap_drop,
        SecurityOpt: service.security_opt,
        PidsLimit: service.pids_limit,
        Memory: 512 * 1024 * 1024,
        NetworkMode: 'none',
        GroupAdd: [String(statSync(socket).gid)],
        Binds: [`${root}:/app:ro`, `${state}:/var/lib/docker-watcher`, `${socket}:/var/run/docker.sock:ro`],
      },
    });
    try {
      await container.start();
      while ((await execute(container, healthCheck())) !== 0) {
        const { State } = await container.inspect();
        if (!State.Running)
          throw new Error((await container.logs({ stdout: true, stderr: true })).toString());
      }
      // It can write nowhere but where its log is.
      expect(await execute(container, ['node', '-e', "fs.writeFileSync('/probe', '')"])).not.toBe(0);
      // What was there before it is inspected once it has lasted a moment.
      while (!ownEntries(name).some(({ data }) => data?.risks !== undefined)) await sleep(50);
      await container.stop({ t: 60 });
      expect((await container.inspect()).State.ExitCode).toBe(0);
    } finally {
      await container.remove({ force: true });
    }

    expect(statSync(directory)).toMatchObject({ uid: USER, mode: 0o40700 });
    await expectIntact(directory);
    const own = ownEntries(name);
    expect(own.map(({ type }) => type)).toContain('container.exec');
    const risks = own.find(({ data }) => data?.risks !== undefined)?.data?.risks;
    expect(JSON.stringify(risks)).toContain('docker.sock');
  });
});

/** The HEALTHCHECK of the Dockerfile. */
function healthCheck(): string[] {
  const command = /CMD (\[.*\])/.exec(readFileSync(`${folder}Dockerfile`, 'utf8'))![1]!;
  return JSON.parse(command) as string[];
}

/** Exit code of a command in a container. */
async function execute(container: Docker.Container, command: string[]): Promise<number | null> {
  const exec = await container.exec({ Cmd: command, AttachStdout: true });
  const stream = await exec.start({ hijack: true });
  await new Promise((resolve) => stream.on('end', resolve).on('error', resolve).resume());
  return (await exec.inspect()).ExitCode;
}

/** An image of nothing but this Node and the libraries it is linked to. */
async function importNode(docker: Docker, temporary: string): Promise<void> {
  const tree = join(temporary, 'tree');
  const copy = (from: string, to: string) => {
    mkdirSync(dirname(join(tree, to)), { recursive: true });
    copyFileSync(from, join(tree, to));
  };
  copy(process.execPath, 'usr/local/bin/node');
  const linked = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  for (const [, library] of linked.matchAll(/(\/\S+) \(0x/g)) copy(library!, library!);
  for (const name of ['proc', 'sys', 'dev', 'tmp', 'app', 'etc', 'var/lib/docker-watcher', 'var/run']) {
    mkdirSync(join(tree, name), { recursive: true });
  }
  writeFileSync(join(tree, 'etc/passwd'), `node:x:${USER}:${USER}::/:/none\n`);
  const tar = join(temporary, 'tree.tar');
  execFileSync('tar', ['-C', tree, '-cf', tar, '.']);
  const [repo, tag] = IMAGE.split(':');
  const stream = await docker.importImage(tar, { repo, tag } as object);
  await new Promise<void>((resolve, reject) => {
    stream.on('error', reject).on('end', resolve).resume();
  });
}
