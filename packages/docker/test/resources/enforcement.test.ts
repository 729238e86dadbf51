import { expect, it } from 'vitest';
import { Enforcement } from '../../src/resources/enforcement.ts';
import { clientOf } from '../support/engine.ts';
import { silentEngine } from './silent-engine.ts';

it('an action that is not answered in time has failed, and says that it may still be done', async () => {
  const enforcement = new Enforcement({ docker: await silentEngine(), stopTimeout: 1, actionTimeout: 100 });
  expect(await enforcement.act('a', 'stop')).toEqual({
    ...{ action: 'none', result: 'failed' },
    failure: { message: 'The engine has not answered within 100 ms; it may still do it.' },
  });
  expect([enforcement.actions, enforcement.failed]).toEqual([1, 1]);
});

it('an action has failed where there is no engine', async () => {
  const docker = clientOf('unix:///nonexistent/docker.sock');
  const enforcement = new Enforcement({ docker, stopTimeout: 1, actionTimeout: 10_000 });
  expect(await enforcement.act('a', 'kill')).toMatchObject({ result: 'failed', failure: { code: 'ENOENT' } });
});
