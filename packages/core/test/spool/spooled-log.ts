// What the tests of the spool share: a log over a store whose moods are known, with a spool on the real disk.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditLogOptions } from '../../src/log/options.ts';
import type { AuditLog } from '../../src/log/types.ts';
import { FaultyStore, openLog } from '../log/harness.ts';

/** A folder that is gone with the test, for a log and its spool. */
export class Workplace implements AsyncDisposable {
  readonly root: string;
  readonly spool: string;

  private constructor(root: string) {
    this.root = root;
    this.spool = join(root, 'spool');
  }

  static async make(): Promise<Workplace> {
    return new Workplace(await mkdtemp(join(tmpdir(), 'audit-spool-')));
  }

  /** A log of whose events all go to the spool where they cannot be recorded. */
  open(store: FaultyStore, options: Partial<AuditLogOptions> = {}): Promise<AuditLog> {
    return openLog({ store, spoolDirectory: this.spool, onFailure: 'spool', ...options });
  }

  /** Names in the spool's folder, its key aside. */
  async files(): Promise<string[]> {
    return (await readdir(this.spool)).filter((name) => name !== 'spool.key').sort();
  }

  /** The lines of all files of the spool. */
  async lines(): Promise<string[]> {
    const names = (await this.files()).filter((name) => name.endsWith('.spool'));
    const texts = await Promise.all(names.map((name) => readFile(join(this.spool, name), 'utf8')));
    return texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

/** The same entries as a restarted process would find them. */
export function reopened(store: FaultyStore): FaultyStore {
  return new FaultyStore(store.memory.reopen());
}
