// OOM kills that the engine tells of: a busy one (20.10 on cgroup v1) misses some, by message and by inspection, and of
// those nobody can know. Tests of what is made of the others try until there is one.
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';

/** How many containers are tried. */
const TRIES = 20;
/** How long the engine may take to tell, in milliseconds. */
const TELLS_WITHIN_MS = 8_000;

/** Runs `make` until the engine has told that what it made was killed for want of memory. */
export async function untilOomTold(
  docker: Docker,
  make: () => Promise<Docker.Container>,
): Promise<Docker.Container> {
  for (let tries = 0; tries < TRIES; tries++) {
    const container = await make();
    for (const since = Date.now(); Date.now() - since < TELLS_WITHIN_MS; await sleep(100)) {
      if (await hasTold(docker, container.id)) return container;
      const { State } = await container.inspect();
      if (!State.Running && State.ExitCode !== 0 && Date.now() - since > 1_000) break;
    }
    await container.remove({ force: true });
  }
  throw new Error(`Of ${TRIES} containers killed for want of memory the engine told of none`);
}

/** What the engine still has of its messages is asked for; it answers and ends. */
async function hasTold(docker: Docker, id: string): Promise<boolean> {
  const until = Math.ceil(Date.now() / 1_000);
  const stream = (await docker.getEvents({
    since: 1,
    until,
    filters: { container: [id], event: ['oom'] },
  })) as Readable;
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text.includes('"oom"');
}
