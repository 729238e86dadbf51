// Who else can read or write: the log's directory and its private side. Modes are POSIX's; on Windows nothing is said.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Check, ok, type Patient, warn } from './check.ts';

const GROUP_AND_OTHERS = 0o077;
const GROUP_AND_OTHERS_WRITE = 0o022;

/** The entries may be meant for others to read; to write, for nobody but the process that records. */
export async function checkDirectoryMode({ directory }: Patient): Promise<Check[]> {
  const name = 'permissions';
  const mode = await modeOf(directory);
  if (mode === null) return [];
  if (mode & GROUP_AND_OTHERS_WRITE) {
    return [
      warn(name, `${directory} can be written by other users (${octal(mode)}).`, `chmod 700 ${directory}`),
    ];
  }
  if (mode & GROUP_AND_OTHERS) {
    const remedy = `chmod 700 ${directory}, unless they are meant to.`;
    return [warn(name, `${directory} can be read by other users (${octal(mode)}).`, remedy)];
  }
  return [ok(name, `Only its owner can enter ${directory}.`)];
}

/** The private side holds the signing key: whoever reads it can forge the log from then on. */
export async function checkPrivateModes({ stateDirectory }: Patient): Promise<Check[]> {
  const name = 'private side';
  const mode = await modeOf(stateDirectory);
  if (mode === null) return [];
  const open = [];
  if (mode & GROUP_AND_OTHERS) open.push({ path: stateDirectory, mode, wanted: 700 });
  for (const file of await readdir(stateDirectory).catch(() => [])) {
    const path = join(stateDirectory, file);
    const fileMode = await modeOf(path);
    if (fileMode !== null && fileMode & GROUP_AND_OTHERS) open.push({ path, mode: fileMode, wanted: 600 });
  }
  if (open.length === 0) return [ok(name, `Only its owner can read ${stateDirectory}.`)];
  return open.map(({ path, mode: found, wanted }) =>
    warn(
      name,
      `${path} is open to other users (${octal(found)}): who has read the key in it can forge this log from then on.`,
      `chmod ${wanted} ${path}, and change the key if anybody untrusted has an account on this machine.`,
    ),
  );
}

async function modeOf(path: string): Promise<number | null> {
  if (process.platform === 'win32') return null;
  const found = await stat(path).catch(() => null);
  return found === null ? null : found.mode & 0o777;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
