// What runs when this process exits is killed with it. `exit` comes with process.exit() and with errors nobody has caught; a
// signal that ends this process brings none, unless the application listens for it.
import type { ProcessFamily } from './process-family.ts';

const running = new Set<ProcessFamily>();

function killAll(): void {
  for (const family of running) family.kill('SIGKILL');
}

/** Listens only while there is something to kill. */
export const killAtExit = {
  add(family: ProcessFamily): void {
    if (running.size === 0) process.on('exit', killAll);
    running.add(family);
  },
  delete(family: ProcessFamily): void {
    running.delete(family);
    if (running.size === 0) process.off('exit', killAll);
  },
};
