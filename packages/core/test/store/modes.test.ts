// Permissions of what the store makes: a group may read the log, and nobody its private side.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openAuditLog } from '../../src/log/open.ts';
import { verifyDirectory } from '../../src/store/file/verify-directory.ts';
import { event, ORIGIN } from '../log/harness.ts';

describe.skipIf(process.platform === 'win32')('fileMode and directoryMode', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'audit-modes-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  /** `mode` of everything below a folder, and of the folder: files, folders. */
  async function modesBelow(folder: string): Promise<{ files: Set<string>; folders: Set<string> }> {
    const modes = { files: new Set<string>(), folders: new Set<string>() };
    for (const name of ['.', ...(await readdir(folder, { recursive: true }))]) {
      const found = await stat(join(folder, name));
      modes[found.isDirectory() ? 'folders' : 'files'].add((found.mode & 0o777).toString(8));
    }
    return modes;
  }

  /** A log with a sealed segment, a rotation and a private side inside of its directory. */
  async function write(modes: { fileMode?: number; directoryMode?: number }): Promise<string> {
    const directory = join(root, 'log');
    const options = { directory, origin: ORIGIN, onKeyCreated: () => {}, ...modes };
    const log = await openAuditLog({ ...options, segmentBytes: 1 });
    for (let n = 0; n < 3; n++) await log.record(event(n));
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
    return directory;
  }

  test('are the owner’s alone where nothing is said', async () => {
    const directory = await write({});
    expect(await modesBelow(directory)).toEqual({ files: new Set(['600']), folders: new Set(['700']) });
    expect(await modesBelow(`${directory}.private`)).toEqual({
      files: new Set(['600']),
      folders: new Set(['700']),
    });
  });

  test('let a group read the log, and never the private side', async () => {
    const umask = process.umask(0);
    try {
      const directory = await write({ fileMode: 0o640, directoryMode: 0o750 });
      expect(await modesBelow(directory)).toEqual({ files: new Set(['640']), folders: new Set(['750']) });
      expect(await modesBelow(`${directory}.private`)).toEqual({
        files: new Set(['600']),
        folders: new Set(['700']),
      });
    } finally {
      process.umask(umask);
    }
  });

  test('hold for no private side and no key, wherever they lie', async () => {
    const directory = join(root, 'log');
    const options = {
      directory,
      stateDirectory: join(directory, 'lost+found'),
      keyFile: join(directory, 'a.pem'),
    };
    const log = await openAuditLog({
      ...{ ...options, origin: ORIGIN, onKeyCreated: () => {}, fileMode: 0o640, directoryMode: 0o750 },
    });
    await log.close();
    const { keyFile, stateDirectory } = options;
    expect(((await stat(keyFile)).mode & 0o777).toString(8)).toBe('600');
    expect(await modesBelow(stateDirectory)).toEqual({ files: new Set(['600']), folders: new Set(['700']) });
    expect((await verifyDirectory(directory)).verdict).toBe('intact');
  });
});
