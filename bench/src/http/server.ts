// A measured server: one process, told over its channel when to stop. Argument: its plan as JSON.

import { startApplication } from './applications.ts';
import { openRecording } from './recording.ts';
import type { ServerMessage, ServerOrder, ServerPlan } from './variants.ts';

const plan = JSON.parse(process.argv[2] ?? '') as ServerPlan;
const recording = await openRecording(plan.variant, plan.directory);
const server = await startApplication(plan.framework, recording);

process.on('message', (order: ServerOrder) => {
  if (order === 'usage') {
    const { user, system } = process.cpuUsage();
    say({ kind: 'usage', cpuMicros: user + system });
  } else void stop();
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());

const address = server.address();
if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port.');
say({ kind: 'listening', port: address.port });

async function stop(): Promise<void> {
  const from = performance.now();
  server.closeAllConnections();
  await recording.end();
  say({ kind: 'stopped', drainMs: performance.now() - from });
}

function say(message: ServerMessage): void {
  process.send?.(message);
}
