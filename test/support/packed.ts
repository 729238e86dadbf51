// Packages as a registry would serve them, installed by npm into an empty project. May import node built-ins only.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { strangersEnv } from './environment.ts';
import { pnpm } from './pnpm.ts';
import { mustRun, root } from './repository.ts';

/** Exact version of a package as installed in the folder `from`, so that the consumer gets the same from npm's cache. */
export function installedVersion(name: string, from: string): string {
  const manifest = readFileSync(join(root, from, 'node_modules', name, 'package.json'), 'utf8');
  return `${name}@${(JSON.parse(manifest) as { version: string }).version}`;
}

/** Packs the packages of these folders under `packages/`, and installs them with `tools` into `project`. */
export async function installPacked(
  project: string,
  folders: readonly string[],
  tools: readonly string[],
): Promise<void> {
  for (const folder of folders) {
    const cwd = join(root, 'packages', folder);
    await mustRun(pnpm(), ['pack', '--pack-destination', project], { cwd });
  }
  const tarballs = readdirSync(project).filter((name) => name.endsWith('.tgz'));
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--loglevel=error'];
  const packages = [...tarballs.map((name) => `./${name}`), ...tools];
  await mustRun('npm', ['install', ...quiet, ...packages], { cwd: project, env: strangersEnv() });
}
