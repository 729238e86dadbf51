import { expect, it } from 'vitest';
import { createContainer, describeEngine, engineClient } from './support/engine.ts';

describeEngine('the engine of the tests', () => {
  it('runs a container of the image made from busybox', async () => {
    const docker = engineClient();
    const container = await createContainer(docker, ['sh', '-c', 'exit 3']);
    await container.start();
    expect(await container.wait()).toMatchObject({ StatusCode: 3 });
    await container.remove();
  });
});
