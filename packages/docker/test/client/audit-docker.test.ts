import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Entry, getAuditContext, withAuditContext } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import Docker from 'dockerode';
import { describe, expect, it, onTestFinished } from 'vitest';
import { auditDocker } from '../../src/client/audit-docker.ts';
import { describeEngine, engineClient, IMAGE } from '../support/engine.ts';
import { audited, called } from './audited.ts';

const ANNA = { type: 'user', id: 'anna', name: 'Anna' };
const BOT = { type: 'service', id: 'deployer' };
const TRACE = { traceId: '0af7651916cd43dd8448eb211c80319c', requestId: 'r1' };

const types = (entries: readonly Entry[]) => entries.map(({ type }) => type);

describeEngine('an audited client', () => {
  it('records who asked for each act, joined to the engine by the id of the container', async () => {
    const { docker, options, entries, plain } = await audited();
    const wanted = options();
    const id = await withAuditContext({ actor: ANNA, trace: TRACE }, async () => {
      const container = await docker.createContainer(wanted);
      await container.start();
      await container.pause();
      await container.unpause();
      await container.update({ Memory: 64 * 2 ** 20, MemorySwap: -1 });
      await container.rename({ name: `${wanted.name}-renamed` });
      await container.restart({ t: 0 });
      await container.stop({ t: 0 });
      await container.start();
      await container.kill({ signal: 'SIGKILL' });
      await container.wait();
      await container.remove({ v: true });
      return container.id;
    });
    await expect(plain.getContainer(id).inspect()).rejects.toMatchObject({ statusCode: 404 });
    const found = await entries();
    expect(types(found)).toEqual([
      ...['container.create', 'container.start', 'container.pause', 'container.unpause', 'container.update'],
      ...['container.rename', 'container.restart', 'container.stop', 'container.start', 'container.kill'],
      'container.destroy',
    ]);
    for (const entry of found) {
      expect(entry).toMatchObject({
        ...{ actor: ANNA, trace: TRACE, outcome: 'success', resource: { type: 'container', id } },
        data: { source: 'client', container: { id, image: IMAGE }, durationMs: expect.any(Number) },
      });
    }
    expect(found[0]?.data).toMatchObject({ command: ['sleep', '1000'], privileged: false });
    expect(found[4]?.data).toMatchObject({ after: { Memory: 64 * 2 ** 20, MemorySwap: -1 } });
    expect(found[5]?.data).toMatchObject({ before: wanted.name, after: `${wanted.name}-renamed` });
    expect(found[6]?.resource).toMatchObject({ name: `${wanted.name}-renamed` });
    expect(found[9]).toMatchObject({ level: 'security', data: { signal: 'SIGKILL' } });
    expect(found[10]?.data).toMatchObject({ volumes: true });
  });

  it('takes actor and trace from its options before the context, and leaves them out where nobody knows', async () => {
    const { log, plain, docker, options, entries } = await audited();
    const named = auditDocker(plain, { log, actor: BOT, trace: { requestId: 'r2' } });
    const asked = auditDocker(docker, {
      log,
      actor: () => ({ ...BOT, id: `${getAuditContext()?.actor?.id}!` }),
    });
    await docker.createContainer(options());
    await withAuditContext({ actor: ANNA, trace: TRACE }, async () => {
      await named.createContainer(options());
      await asked.createContainer(options());
    });
    const [alone, first, second] = await entries();
    expect([alone?.actor, alone?.trace]).toEqual([undefined, undefined]);
    expect(first).toMatchObject({ actor: BOT, trace: { ...TRACE, requestId: 'r2' } });
    expect(second).toMatchObject({ actor: { ...BOT, id: 'anna!' }, trace: TRACE });
  });

  it('speaks of a container that is called by its name by its id', async () => {
    const { docker, plain, options, entries } = await audited();
    const wanted = options();
    const { name } = wanted;
    const { id } = await plain.createContainer(wanted);
    await docker.getContainer(name).start();
    await docker.getContainer(id.slice(0, 12)).kill();
    await docker.getContainer(name).remove();
    for (const { data, resource } of await entries()) {
      expect(resource).toEqual({ type: 'container', id, name });
      expect(data).toMatchObject({ container: { id, name, image: IMAGE } });
    }
    expect(types(await entries())).toEqual(['container.start', 'container.kill', 'container.destroy']);
  });

  it("records what failed with the engine's error, and hands it on as it is", async () => {
    const { docker, options, entries } = await audited();
    const gone = 'f'.repeat(64);
    await expect(docker.getContainer(gone).start()).rejects.toMatchObject({ statusCode: 404 });
    await expect(docker.getContainer('nobody').remove()).rejects.toMatchObject({ statusCode: 404 });
    await expect(docker.createContainer(options({ Image: 'nowhere/none' }))).rejects.toMatchObject({
      statusCode: 404,
    });
    const container = await docker.createContainer(options());
    await expect(container.pause()).rejects.toMatchObject({ statusCode: 409 });
    const [start, remove, create, , pause] = await entries();
    expect(start).toMatchObject({
      ...{ outcome: 'failure', resource: { id: gone } },
      error: { code: '404', message: expect.stringContaining(`No such container: ${gone}`) },
    });
    expect(remove).toMatchObject({ outcome: 'failure', resource: { id: 'nobody' }, error: { code: '404' } });
    expect(create).toMatchObject({ outcome: 'failure', data: { container: { image: 'nowhere/none' } } });
    expect(create?.resource.id).toMatch(/^client-/);
    expect(pause).toMatchObject({
      outcome: 'failure',
      error: { code: '409' },
      data: { container: { id: container.id } },
    });
  });

  it('keeps the callback style', async () => {
    const { docker, options, entries } = await audited();
    const wanted = options();
    const [error, container] = (await called((back) => docker.createContainer(wanted, back))) as [
      null,
      Docker.Container,
    ];
    expect([error, container.id]).toEqual([null, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect((await called((back) => container.start(back)))[0]).toBeNull();
    const [failed] = await called((back) => container.unpause({}, back));
    expect(failed).toMatchObject({ statusCode: 500, message: expect.stringContaining('is not paused') });
    // By its name: what it takes to find its id must not change the style.
    expect((await called((back) => docker.getContainer(wanted.name).stop({ t: 0 }, back)))[0]).toBeNull();
    expect((await called((back) => docker.getContainer('nobody').kill(back)))[0]).toMatchObject({
      statusCode: 404,
    });
    expect((await entries()).map(({ type, outcome }) => [type, outcome])).toEqual([
      ['container.create', 'success'],
      ['container.start', 'success'],
      ['container.unpause', 'failure'],
      ['container.stop', 'success'],
      ['container.kill', 'failure'],
    ]);
  });

  it.each(['promise', 'callback'])('records what `run` creates and starts, in %s style', async (style) => {
    const { docker, options, entries } = await audited();
    const { name } = options();
    const out = new PassThrough();
    const read = text(out);
    const run = () => {
      const args = [IMAGE, ['echo', 'hello'], out, { name, Tty: true }, {}] as const;
      return style === 'promise'
        ? docker.run(args[0], [...args[1]], out, args[3], args[4])
        : called((back) => docker.run(args[0], [...args[1]], out, args[3], args[4], back));
    };
    const answer = (await withAuditContext({ actor: ANNA }, run)) as unknown[];
    expect(style === 'promise' ? answer[0] : answer[1]).toMatchObject({ StatusCode: 0 });
    expect(await read).toBe('hello\r\n');
    const found = await entries();
    expect(found.map(({ type, actor }) => [type, actor?.id])).toEqual([
      ['container.create', 'anna'],
      ['container.start', 'anna'],
    ]);
    expect(found[0]?.data?.command).toEqual(['echo', 'hello']);
    expect(found[0]?.resource).toEqual(found[1]?.resource);
  });

  it('passes everything else, and is an object of the same kind', async () => {
    const { docker, plain, options, entries } = await audited();
    expect(docker).toBeInstanceOf(Docker);
    expect(docker.modem).toBe(plain.modem);
    expect(await docker.ping()).toEqual(await plain.ping());
    const container = await docker.createContainer(options());
    expect(container).toBeInstanceOf(plain.getContainer('x').constructor);
    expect(await container.inspect()).toMatchObject({ Id: container.id });
    expect(await docker.getContainer(container.id).inspect()).toMatchObject({ Id: container.id });
    const listed = await docker.listContainers({ all: true, filters: { id: [container.id] } });
    expect(listed).toHaveLength(1);
    // The client it was made from stays as it was.
    await plain.getContainer(container.id).start();
    expect(types(await entries())).toEqual(['container.create']);
  });

  it('understands a request in two parts, as dockerode sends it', async () => {
    const { docker, options, entries } = await audited();
    const { name, ...body } = options();
    await docker.createContainer({ _query: { name }, _body: body } as never);
    const [created] = await entries();
    expect(created?.resource.name).toBe(name);
    expect(created?.data).toMatchObject({ command: ['sleep', '1000'], container: { name, image: IMAGE } });
  });

  it('uses the promises the application wants', async () => {
    class Own<T> extends Promise<T> {}
    const log = await createTestLog();
    onTestFinished(() => log.close());
    const docker = auditDocker(new Docker({ ...socketOf(engineClient()), Promise: Own }), { log });
    expect(docker.createContainer({ Image: 'nowhere/none' }).catch(() => {})).toBeInstanceOf(Own);
    expect(
      docker
        .getContainer('nobody')
        .start()
        .catch(() => {}),
    ).toBeInstanceOf(Own);
    await docker
      .getContainer('nobody')
      .kill()
      .catch(() => {});
  });

  it('records a container with high risks as `security`', async () => {
    const { docker, options, entries } = await audited();
    await docker.createContainer(
      options({
        HostConfig: { Privileged: true, Binds: ['/var/run/docker.sock:/docker.sock:ro'], Memory: 2 ** 24 },
      }),
    );
    const [created] = await entries();
    expect(created).toMatchObject({
      level: 'security',
      data: { privileged: true, limits: { memory: 2 ** 24 } },
    });
    expect(created?.data?.mounts).toEqual([
      expect.objectContaining({ sensitive: 'docker.sock', readOnly: true }),
    ]);
  });

  it('costs the call nothing where the log is closed and `actor` throws, and says each once', async () => {
    const { plain, options } = await audited();
    const closed = await createTestLog();
    await closed.close();
    const warnings: Error[] = [];
    const heard = (warning: Error) => warnings.push(warning);
    process.on('warning', heard);
    onTestFinished(() => void process.off('warning', heard));
    const actor = () => {
      throw new Error('nobody is logged in');
    };
    const container = await auditDocker(plain, { log: closed, actor }).createContainer(options());
    await container.start();
    await new Promise(setImmediate);
    expect(warnings.map(({ message }) => message)).toEqual([
      'options.actor of auditDocker throws: Error: nobody is logged in',
      'What is asked of the Docker engine is done but not recorded: the audit log is closed.',
    ]);
    expect((await plain.getContainer(container.id).inspect()).State.Running).toBe(true);
  });
});

describe('auditDocker', () => {
  it.each([
    [undefined, {}, /takes a dockerode client/],
    [{}, {}, /takes a dockerode client/],
    [new Docker(), { logs: 1 }, /options\.logs is not an option; there are log, actor, trace/],
    [new Docker(), { log: {} }, /options\.log must be an open audit log/],
    [new Docker(), { actor: 'anna' }, /options\.actor must be/],
    [new Docker(), { trace: 'r1' }, /options\.trace must be/],
  ])('refuses %o with %o', (docker, options, message) => {
    expect(() => auditDocker(docker as Docker, options as never)).toThrow(message);
  });
});

function socketOf(docker: Docker): Docker.DockerOptions {
  const { socketPath, host, port } = docker.modem as Docker.DockerOptions;
  return socketPath === undefined ? { host, port } : { socketPath };
}
