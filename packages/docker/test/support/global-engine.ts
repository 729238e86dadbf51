// One engine for all tests of a run, started before them and gone after them. Without one, tests are skipped aloud.
import type { TestProject } from 'vitest/node';
import { clientOf, installDaemon, startDaemon, whyNoDaemon } from './daemon.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The engine's socket or address; null where there is none, and `whyNoEngine` says why. */
    readonly engine: string | null;
    readonly whyNoEngine: string | null;
  }
}

/**
 * `AUDIT_TEST_DOCKER_HOST=1` uses `DOCKER_HOST` or the default socket, any other value is the address itself (an
 * engine that must have the image `IMAGE`); else an engine of its own is started, and with `AUDIT_TEST_INSTALL=1`
 * installed where it is missing.
 */
export async function setup({ provide }: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.AUDIT_TEST_DOCKER_HOST;
  if (given !== undefined && given !== '' && given !== '0') {
    const host = given === '1' ? (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock') : given;
    const answer = await clientOf(host)
      .ping()
      .then(() => null)
      .catch((error: Error) => `${host} does not answer: ${error.message}`);
    provide('engine', answer === null ? host : null);
    provide('whyNoEngine', answer);
    return undefined;
  }
  if (process.env.AUDIT_TEST_INSTALL === '1') await installDaemon();
  const reason = whyNoDaemon();
  if (reason !== null) {
    provide('engine', null);
    provide('whyNoEngine', reason);
    return undefined;
  }
  const daemon = await startDaemon();
  provide('engine', `unix://${daemon.socketPath}`);
  provide('whyNoEngine', null);
  return () => daemon.dispose();
}
