import { text } from 'node:stream/consumers';
import { withAuditContext } from '@audit/core';
import { expect, it } from 'vitest';
import { describeEngine } from '../support/engine.ts';
import { audited, called } from './audited.ts';

const ANNA = { type: 'user', id: 'anna' };
const BOB = { type: 'user', id: 'bob' };

describeEngine('an exec', () => {
  it('is recorded when it is prepared and when it is started, each with who asked', async () => {
    const { docker, options, entries } = await audited();
    const container = await docker.createContainer(options());
    await container.start();
    const exec = await withAuditContext({ actor: ANNA }, () =>
      container.exec({ Cmd: ['id', '-u'], User: '1000', Tty: true, AttachStdout: true }),
    );
    const stream = await withAuditContext({ actor: BOB }, () => exec.start({ Tty: true }));
    expect(await text(stream)).toBe('1000\r\n');
    const [, , prepared, started] = await entries();
    const facts = {
      ...{ source: 'client', execId: exec.id, command: ['id', '-u'], user: '1000', tty: true },
      container: { id: container.id },
    };
    expect(prepared).toMatchObject({
      type: 'container.exec',
      level: 'security',
      actor: ANNA,
      outcome: 'success',
    });
    expect(prepared?.data).toMatchObject({ ...facts, phase: 'prepared' });
    expect(started).toMatchObject({
      type: 'container.exec',
      level: 'security',
      actor: BOB,
      operation: 'exec',
    });
    expect(started?.data).toMatchObject({ ...facts, phase: 'started' });
  });

  it('that is found by its id is told with its command', async () => {
    const { docker, plain, options, entries } = await audited();
    const container = await docker.createContainer(options());
    await container.start();
    const { id } = await plain.getContainer(container.id).exec({ Cmd: ['echo', 'hi'], User: '0' });
    const [error] = await called((back) => docker.getExec(id).start({ Detach: true }, back));
    expect(error).toBeNull();
    const started = (await entries()).at(-1);
    expect(started?.data).toMatchObject({
      ...{ execId: id, phase: 'started', command: ['echo', 'hi'], user: '0' },
      container: { id: container.id },
    });
  });

  it('that cannot be prepared or found is recorded as a failure', async () => {
    const { docker, options, entries } = await audited();
    const container = await docker.createContainer(options());
    await expect(container.exec({ Cmd: ['true'], Privileged: true })).rejects.toMatchObject({
      statusCode: 409,
    });
    await expect(docker.getExec('none').start({})).rejects.toMatchObject({ statusCode: 404 });
    const [, prepared, started] = await entries();
    expect(prepared).toMatchObject({
      ...{ outcome: 'failure', error: { code: '409', message: expect.stringContaining('is not running') } },
      data: { phase: 'prepared', command: ['true'], privileged: true },
    });
    expect(started).toMatchObject({ outcome: 'failure', data: { phase: 'started', execId: 'none' } });
  });

  it('works in callback style', async () => {
    const { docker, options, entries } = await audited();
    const container = await docker.createContainer(options());
    await container.start();
    const [error, exec] = (await called((back) =>
      container.exec({ Cmd: ['echo', 'hi'], Tty: true, AttachStdout: true }, back),
    )) as [null, Awaited<ReturnType<typeof container.exec>>];
    expect(error).toBeNull();
    const [failed, stream] = (await called((back) => exec.start({ Tty: true }, back))) as [
      null,
      NodeJS.ReadableStream,
    ];
    expect([failed, await text(stream)]).toEqual([null, 'hi\r\n']);
    expect((await entries()).map(({ data }) => data?.phase)).toEqual([
      undefined,
      undefined,
      'prepared',
      'started',
    ]);
  });
});

describeEngine('a secret', () => {
  it('in environment, command, labels or the error of the engine never reaches the log', async () => {
    const { docker, options, entries, log } = await audited();
    const secret = 'Tr0ub4dor-and-3';
    const Env = [`DB_PASSWORD=${secret}`, 'OPAQUE=correct-horse-battery', 'PATH=/bin'];
    const wanted = options({
      Env,
      Cmd: ['sh', '-c', 'sleep 1000', secret],
      Labels: { 'db.password': secret },
    });
    const container = await docker.createContainer(wanted);
    await container.start();
    const exec = await container.exec({ Cmd: ['sh', '-c', `login ${secret}`], Env });
    await exec.start({});
    await container.exec({ Cmd: ['mysql', '--password', 'another-secret'] });
    // The engine repeats what it could not run.
    const broken = await docker.createContainer(options({ Env, Cmd: [`/bin/${secret}`] }));
    await expect(broken.start()).rejects.toThrow(secret);
    await expect(docker.getContainer(broken.id).start()).rejects.toThrow(secret);

    const found = await entries();
    expect(found[0]?.data).toMatchObject({
      ...{
        command: ['sh', '-c', 'sleep 1000', '[REDACTED]'],
        environment: ['DB_PASSWORD', 'OPAQUE', 'PATH'],
      },
      container: { labels: { 'db.password': '[REDACTED]' } },
    });
    const written = JSON.stringify(found);
    for (const value of [secret, 'correct-horse-battery', 'another-secret'])
      expect(written).not.toContain(value);
    expect((await log.verify()).verdict).toBe('intact');
  });
});
