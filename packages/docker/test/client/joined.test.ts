import { withAuditContext } from '@audit/core';
import { expect, it, onTestFinished } from 'vitest';
import { auditDocker } from '../../src/index.ts';
import { createContainer, describeEngine, engineClient, uniqueName } from '../support/engine.ts';
import { watching } from '../support/watching.ts';

const ANNA = { type: 'user', id: 'anna' };
const TRACE = { traceId: '0af7651916cd43dd8448eb211c80319c' };

describeEngine('entries of an audited client and of a watch', () => {
  it('are one story in one log: who asked, and what happened, joined by the id of the container', async () => {
    const plain = engineClient();
    const { log, watch, of, recorded, end } = await watching({ docker: plain });
    const docker = auditDocker(plain, { log });
    const { container, exec } = await withAuditContext({ actor: ANNA, trace: TRACE }, async () => {
      const made = await createContainer(docker, ['sleep', '1000'], { name: uniqueName('joined') });
      await made.start();
      const run = await made.exec({ Cmd: ['true'] });
      await run.start({ Detach: true });
      await made.kill();
      return { container: made, exec: run };
    });
    onTestFinished(() => plain.getContainer(container.id).remove({ force: true }));
    await recorded(container.id, 'container.die');
    await recorded(container.id, 'container.kill', 2);
    await log.flush();
    const story = await of(container.id);
    expect(watch.stats().failed).toBe(0);
    await end();

    const asked = story.filter(({ data }) => data?.source === 'client');
    const happened = story.filter(({ data }) => data?.engine !== undefined);
    expect([...asked, ...happened]).toHaveLength(story.length);
    for (const { actor, trace } of asked) expect({ actor, trace }).toEqual({ actor: ANNA, trace: TRACE });
    for (const { actor } of happened) expect(actor).toBeUndefined();
    const types = (entries: typeof story) => [...new Set(entries.map(({ type }) => type))].sort();
    expect(types(asked)).toEqual(['container.create', 'container.exec', 'container.kill', 'container.start']);
    expect(types(happened)).toEqual([...types(asked), 'container.die'].sort());
    const started = story.filter(({ data }) => data?.phase === 'started');
    expect(started.map(({ data }) => data?.execId)).toEqual([exec.id, exec.id]);
    // Both say the same of what the container may do.
    const [request, fact] = story.filter(({ type }) => type === 'container.create');
    for (const name of [
      'command',
      'privileged',
      'mounts',
      'limits',
      'user',
      'readonlyRootfs',
      'restartPolicy',
    ]) {
      expect(request?.data?.[name]).toEqual(fact?.data?.[name]);
    }
  });
});
