// Before the tests: the built program, which they run as a real process. Turbo has built it already.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export function setup(): void {
  if (process.env.TURBO_HASH !== undefined) return;
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const packageFolder = fileURLToPath(new URL('..', import.meta.url));
  execFileSync(process.execPath, [tsc, '-b'], { cwd: packageFolder, stdio: 'inherit' });
}
