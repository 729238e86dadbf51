import { expect, it } from 'vitest';
import { readPast } from '../src/connection/event-stream.ts';
import { formatNano, nanoOfMs } from '../src/stream/nanoseconds.ts';
import { createContainer, describeEngine, engineClient } from './support/engine.ts';

const PATIENCE = { timeout: 5_000, stopped: new AbortController().signal };

describeEngine('the engine of the tests', () => {
  it('runs a container of the image made from busybox', async () => {
    const docker = engineClient();
    const container = await createContainer(docker, ['sh', '-c', 'exit 3']);
    await container.start();
    expect(await container.wait()).toMatchObject({ StatusCode: 3 });
    await container.remove();
  });

  it('refuses a question about times to come, as the scripted one does', async () => {
    const at = (ms: number) => formatNano(nanoOfMs(Date.now() + ms));
    await expect(readPast(engineClient(), at(60_000), at(0), PATIENCE)).rejects.toMatchObject({
      statusCode: 400,
    });
    expect(Array.isArray(await readPast(engineClient(), at(-1_000), at(0), PATIENCE))).toBe(true);
  });
});
