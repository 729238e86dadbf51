// Watches the files of a policy by looking at them from time to time, which sees editors, symlinks and mounts alike.
import { statSync } from 'node:fs';

/** How often, in milliseconds. */
export const WATCH_INTERVAL = 2_000;

/**
 * @param changed called at the first look, too: between reading the files and that they may have changed
 * @returns stops watching
 */
export function watchFiles(files: readonly string[], interval: number, changed: () => void): () => void {
  let seen: string | undefined;
  const timer = setInterval(() => {
    const now = files.map(stateOf).join();
    if (now === seen) return;
    seen = now;
    changed();
  }, interval);
  timer.unref();
  return () => clearInterval(timer);
}

function stateOf(file: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(file);
    return `${ino}:${size}:${mtimeMs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
