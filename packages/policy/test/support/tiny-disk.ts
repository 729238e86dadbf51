// A small disk of its own, where this user may mount one.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Mounting is root's; what needs it is skipped aloud elsewhere. */
export const canMount = (() => {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

export class TinyDisk {
  readonly directory: string;
  readonly #root = mkdtempSync(join(tmpdir(), 'audit-tiny-'));

  /** @param size as mount takes it: `4m` */
  constructor(size: string) {
    this.directory = join(this.#root, 'disk');
    mkdirSync(this.directory);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', this.directory]);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** From now on other files take so many bytes of it. */
  ballast(bytes: number): void {
    truncateSync(this.#ballast(), 0);
    writeFileSync(this.#ballast(), Buffer.alloc(bytes));
  }

  remove(): void {
    execFileSync('umount', ['--lazy', this.directory]);
    rmSync(this.#root, { recursive: true });
  }

  #ballast(): string {
    const path = this.path('ballast');
    writeFileSync(path, '', { flag: 'a' });
    return path;
  }
}
