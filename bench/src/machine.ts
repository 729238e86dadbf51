// Where and with what a benchmark ran. Imports node built-ins only.
import { readFileSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  /** Of the folder the logs are written to. */
  readonly fileSystem: string;
}

/** Magic numbers of statfs(2) that a benchmark meets; a file system in memory syncs for nothing. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  61267: 'ext4',
  16914836: 'tmpfs',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  2035054128: 'overlayfs',
};

/** @param directory where the logs are written */
export function machine(directory: string): Machine {
  const magic = statfsSync(directory).type;
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()} ${arch()}`,
    fileSystem: FILE_SYSTEMS[magic] ?? `0x${magic.toString(16)}`,
  };
}

/** The version of each package as it resolves from here, and Node's. */
export function versions(packages: readonly string[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = { node: process.versions.node };
  for (const name of packages) found[name] = versionOf(name);
  return found;
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return (JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { version: string })
        .version;
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(`${name} is not installed beside ${dirname(fileURLToPath(import.meta.url))}.`);
}
