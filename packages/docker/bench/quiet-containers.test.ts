// `npm run quiet`: starts an engine, has quiet-containers.mjs measure there, and fails where watching costs more than
// docs promise. Not part of `npm test`: a limit on time says something only where nothing else runs.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { IMAGE, installDaemon, startDaemon, whyNoDaemon } from '../test/support/daemon.ts';

/** Share of one core, in percent, that a watch with its defaults may take. */
const LIMIT = 2;
const SECONDS = Number(process.env.SECONDS ?? 60);

it(
  'watching 100 quiet containers takes 2 % of a core, or less',
  async () => {
    if (process.env.AUDIT_TEST_INSTALL === '1') await installDaemon();
    const missing = whyNoDaemon();
    if (missing !== null) throw new Error(`There is no engine to measure: ${missing}.`);
    const engine = await startDaemon();
    try {
      const told = execFileSync(
        process.execPath,
        [fileURLToPath(new URL('quiet-containers.mjs', import.meta.url))],
        {
          encoding: 'utf8',
          env: {
            ...process.env,
            DOCKER_HOST: `unix://${engine.socketPath}`,
            IMAGE,
            ENGINE_PID: String(engine.pid()),
          },
        },
      );
      console.log(told);
      const share = /^watch, defaults\s+([\d.]+) %/m.exec(told)?.[1];
      expect(Number(share)).toBeLessThanOrEqual(LIMIT);
    } finally {
      await engine.dispose();
    }
  },
  // Making and removing the containers, and three measurements.
  600_000 + 3 * SECONDS * 1_000,
);
