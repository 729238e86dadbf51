// What it costs to watch quiet containers: CPU of this process, and of the engine where its pid is given.
//
//   DOCKER_HOST=unix:///var/run/docker.sock IMAGE=busybox ENGINE_PID=123 node bench/quiet-containers.mjs
//
// Run after a build. Makes CONTAINERS (100) containers that sleep, measures each way for SECONDS (60), and removes them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openAuditLog } from '@audit/core';
import { watchDocker } from '@audit/docker';
import Docker from 'dockerode';

const { IMAGE = 'busybox', CONTAINERS = '100', SECONDS = '60', ENGINE_PID } = process.env;
const docker = new Docker();

/** CPU time of the engine, in milliseconds; /proc counts hundredths of a second. */
function engineTime() {
  if (ENGINE_PID === undefined) return Number.NaN;
  const fields = readFileSync(`/proc/${ENGINE_PID}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Shares of one core over the time measured. */
async function measure(what, samples) {
  await sleep(5_000);
  const [begun, own, engine, taken] = [performance.now(), process.cpuUsage(), engineTime(), samples()];
  await sleep(Number(SECONDS) * 1_000);
  const elapsed = performance.now() - begun;
  const { user, system } = process.cpuUsage(own);
  const share = (milliseconds) => `${((milliseconds / elapsed) * 100).toFixed(2)} %`;
  const rate = ((samples() - taken) / elapsed) * 1_000;
  const told = [share((user + system) / 1_000), share(engineTime() - engine), rate.toFixed(1)];
  console.log(`${what.padEnd(40)} ${told.map((text) => text.padStart(10)).join(' ')}`);
}

async function watched(what, resources) {
  const folder = mkdtempSync(join(tmpdir(), 'audit-bench-'));
  const log = await openAuditLog({ directory: join(folder, 'log'), origin: 'bench.example/audit' });
  const watch = await watchDocker({ docker, log, resources });
  await watch.ready();
  await measure(what, () => watch.stats().resources?.samples ?? 0);
  await watch.stop();
  await log.close();
  rmSync(folder, { recursive: true });
}

/** What a stream a container costs before anything is made of it. */
async function streamed(containers) {
  let read = 0;
  const streams = await Promise.all(containers.map((container) => container.stats({ stream: true })));
  for (const stream of streams) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) if (JSON.parse(line).id !== undefined) read++;
    });
  }
  await measure('one stream a container, parsed', () => read);
  for (const stream of streams) stream.destroy();
}

const containers = [];
try {
  for (let made = 0; made < Number(CONTAINERS); made++) {
    const HostConfig = { NetworkMode: 'none' };
    const container = await docker.createContainer({ Image: IMAGE, Cmd: ['sleep', '100000'], HostConfig });
    containers.push(container);
    await container.start();
  }
  const { Version } = await docker.version();
  console.log(
    `${containers.length} containers, engine ${Version}, Node ${process.version}, ${cpus()[0]?.model}`,
  );
  console.log(
    `${''.padEnd(40)} ${['watch', 'engine', 'samples/s'].map((text) => text.padStart(10)).join(' ')}`,
  );
  await watched('watch, resources: false', false);
  await watched('watch, defaults', {});
  await streamed(containers);
} finally {
  await Promise.all(containers.map((container) => container.remove({ force: true })));
}
