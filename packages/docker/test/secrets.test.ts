import { expect, it } from 'vitest';
import { scripted } from './support/scripted-engine.ts';
import { watching } from './support/watching.ts';

it('what the environment of a container keeps secret is masked wherever else it stands', async () => {
  const { engine, docker } = await scripted();
  const before = engine.stay({
    env: ['DB_PASSWORD=correct-horse-battery'],
    labels: { note: 'connects with correct-horse-battery' },
  });
  const { recorded, end } = await watching({ docker });
  const after = engine.stay({
    env: ['PATH=/bin', 'API_TOKEN=staple-of-a-kind'],
    labels: { note: 'connects with staple-of-a-kind' },
  });
  for (const id of [before, after]) {
    const [create] = await recorded(id, 'container.create');
    expect(create!.data!.container).toMatchObject({ labels: { note: expect.stringContaining('connects') } });
  }
  await recorded(after, 'container.start');
  const text = JSON.stringify(await end());
  expect(text).toContain('API_TOKEN');
  expect(text).not.toContain('correct-horse-battery');
  expect(text).not.toContain('staple-of-a-kind');
});
