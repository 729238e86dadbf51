// The containers of this machine in the shop's log, where a Docker engine answers.
import type { AuditLog } from '@audit/core';
import type { DockerWatch } from '@audit/docker';
import { dim, heading, mark, print } from './print.ts';

/** How long an engine may take to answer, in milliseconds. */
const ANSWERS_WITHIN_MS = 2_000;

/** Begins a watch; null where no engine answers. Whoever gets it stops it before the log is closed. */
export async function showContainers(log: AuditLog): Promise<DockerWatch | null> {
  heading('5  Containers');
  // Loaded only now: nobody has to wait for it who asks for help, or meets a port that is taken.
  const [{ default: Docker }, { watchDocker }] = await Promise.all([
    import('dockerode'),
    import('@audit/docker'),
  ]);
  // A client of its own: with a timeout the quiet stream of a watch would be cut.
  const answers = await new Docker({ timeout: ANSWERS_WITHIN_MS }).ping().then(
    () => true,
    () => false,
  );
  if (!answers) {
    print(dim('  No Docker engine answers here. Where one does, what containers do and may do'));
    print(dim('  is recorded, too: npm run docker -- --print'));
    return null;
  }
  const watch = await watchDocker({ docker: new Docker(), log });
  await watch.ready();
  const { containers } = watch.stats();
  print(`  ${mark(true)} ${containers} on the local engine; what they do is recorded from now on`);
  return watch;
}
