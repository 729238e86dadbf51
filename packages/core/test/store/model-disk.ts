// A disk in memory that keeps only what was synced, and of the rest whatever subset a crash leaves.
import { dirname } from 'node:path';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import type { Disk, DiskFile } from '../../src/store/file/disk.ts';

const SECTOR = 512;

/** Chooses what of the unsynced writes survives: numbers in [0, 1). */
export type Dice = () => number;

type Change = { kind: 'write'; position: number; data: Buffer } | { kind: 'truncate'; size: number };

/** A file's contents: what is on the platter, and what only the page cache knows. */
class Inode {
  durable: Buffer = Buffer.alloc(0);
  current: Buffer = Buffer.alloc(0);
  pending: Change[] = [];

  change(change: Change): void {
    this.current = apply(this.current, change);
    this.pending.push(change);
  }

  sync(): void {
    this.durable = this.current;
    this.pending = [];
  }

  /** After a power cut: each unsynced change survived whole, in part (some of its sectors), or not at all. */
  crashed(dice: Dice): Inode {
    const inode = new Inode();
    let bytes = this.durable;
    for (const change of this.pending) {
      const fate = dice();
      if (fate < 0.35) continue;
      if (change.kind === 'truncate' || fate > 0.65) bytes = apply(bytes, change);
      else {
        for (let at = 0; at < change.data.length; at += SECTOR) {
          if (dice() < 0.5) continue;
          bytes = apply(bytes, {
            ...change,
            position: change.position + at,
            data: change.data.subarray(at, at + SECTOR),
          });
        }
      }
    }
    inode.durable = bytes;
    inode.current = bytes;
    return inode;
  }
}

function apply(bytes: Buffer, change: Change): Buffer {
  if (change.kind === 'truncate') {
    const cut = Buffer.alloc(change.size); // growing fills with NULs
    bytes.copy(cut);
    return cut;
  }
  const grown = Buffer.alloc(Math.max(bytes.length, change.position + change.data.length));
  bytes.copy(grown);
  change.data.copy(grown, change.position);
  return grown;
}

/** One operation on names: atomic, but lost by a crash unless its folder was synced. */
type NameChange = { readonly folder: string; readonly set: ReadonlyMap<string, Inode | null> };

/** What the disk was asked to do, for traces. */
export interface Operation {
  readonly name: string;
  readonly path: string;
}

export class ModelDisk implements Disk {
  /** Folders; a folder's own name is durable once its parent was synced, which the model takes as done at once. */
  readonly #folders = new Set<string>();
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #pendingNames: NameChange[] = [];

  /** Called before every operation; may throw to make it fail. */
  before: (operation: Operation) => void | Promise<void> = () => {};

  /** What a machine finds after a power cut now. The running writer keeps its own disk. */
  crashed(dice: Dice): ModelDisk {
    const disk = new ModelDisk();
    for (const folder of this.#folders) disk.#folders.add(folder);
    const names = new Map(this.#durableNames);
    for (const change of this.#pendingNames) {
      if (dice() < 0.5) continue;
      for (const [path, inode] of change.set) {
        if (inode === null) names.delete(path);
        else names.set(path, inode);
      }
    }
    const seen = new Map<Inode, Inode>();
    for (const [path, inode] of names) {
      const copy = seen.get(inode) ?? inode.crashed(dice);
      seen.set(inode, copy);
      disk.#names.set(path, copy);
    }
    disk.#durableNames = new Map(disk.#names);
    return disk;
  }

  /** What a machine finds after the process was killed: the page cache is all there, nothing more is durable. */
  killed(): ModelDisk {
    const disk = new ModelDisk();
    for (const folder of this.#folders) disk.#folders.add(folder);
    const copies = new Map<Inode, Inode>();
    const copy = (inode: Inode): Inode => {
      let twin = copies.get(inode);
      if (twin === undefined) {
        twin = new Inode();
        twin.durable = inode.durable;
        twin.current = inode.current;
        twin.pending = [...inode.pending];
        copies.set(inode, twin);
      }
      return twin;
    };
    for (const [path, inode] of this.#names) disk.#names.set(path, copy(inode));
    for (const [path, inode] of this.#durableNames) disk.#durableNames.set(path, copy(inode));
    disk.#pendingNames = this.#pendingNames.map(({ folder, set }) => ({
      folder,
      set: new Map([...set].map(([path, inode]) => [path, inode && copy(inode)])),
    }));
    return disk;
  }

  /** Every file as the page cache has it. */
  files(): Map<string, Buffer> {
    return new Map([...this.#names].map(([path, inode]) => [path, inode.current]));
  }

  /** Puts a file there, durably, as a test's tampering does. */
  put(path: string, bytes: Uint8Array): void {
    const inode = new Inode();
    inode.durable = Buffer.from(bytes);
    inode.current = inode.durable;
    this.#names.set(path, inode);
    this.#durableNames.set(path, inode);
  }

  remove(path: string): void {
    this.#names.delete(path);
    this.#durableNames.delete(path);
  }

  async open(path: string): Promise<DiskFile | null> {
    await this.before({ name: 'open', path });
    const inode = this.#names.get(path);
    return inode === undefined ? null : this.#file(path, inode);
  }

  async create(path: string): Promise<DiskFile> {
    await this.before({ name: 'create', path });
    if (this.#names.has(path)) throw failure('EEXIST', path);
    this.#needFolder(path);
    const inode = new Inode();
    this.#rename(dirname(path), new Map([[path, inode]]));
    return this.#file(path, inode);
  }

  async mkdir(path: string): Promise<boolean> {
    await this.before({ name: 'mkdir', path });
    if (this.#folders.has(path)) return false;
    this.#folders.add(path);
    return true;
  }

  async list(path: string): Promise<string[] | null> {
    await this.before({ name: 'list', path });
    if (!this.#folders.has(path)) return null;
    const names = [...this.#names.keys(), ...this.#folders].filter(
      (name) => dirname(name) === path && name !== path,
    );
    return names.map((name) => name.slice(path.length + 1)).sort();
  }

  async rename(from: string, to: string): Promise<void> {
    await this.before({ name: 'rename', path: to });
    const inode = this.#names.get(from);
    if (inode === undefined) throw failure('ENOENT', from);
    this.#rename(
      dirname(to),
      new Map([
        [from, null],
        [to, inode],
      ]),
    );
  }

  async link(from: string, to: string): Promise<void> {
    await this.before({ name: 'link', path: to });
    const inode = this.#names.get(from);
    if (inode === undefined) throw failure('ENOENT', from);
    if (this.#names.has(to)) throw failure('EEXIST', to);
    this.#rename(dirname(to), new Map([[to, inode]]));
  }

  async unlink(path: string): Promise<void> {
    await this.before({ name: 'unlink', path });
    if (!this.#names.has(path)) throw failure('ENOENT', path);
    this.#rename(dirname(path), new Map([[path, null]]));
  }

  async syncDirectory(path: string): Promise<void> {
    await this.before({ name: 'syncDirectory', path });
    for (const change of this.#pendingNames.filter(({ folder }) => folder === path)) this.#settle(change);
    this.#pendingNames = this.#pendingNames.filter(({ folder }) => folder !== path);
  }

  #rename(folder: string, set: ReadonlyMap<string, Inode | null>): void {
    for (const [path, inode] of set) {
      if (inode === null) this.#names.delete(path);
      else this.#names.set(path, inode);
    }
    this.#pendingNames.push({ folder, set });
  }

  #settle({ set }: NameChange): void {
    for (const [path, inode] of set) {
      if (inode === null) this.#durableNames.delete(path);
      else this.#durableNames.set(path, inode);
    }
  }

  #needFolder(path: string): void {
    if (!this.#folders.has(dirname(path))) throw failure('ENOENT', path);
  }

  #file(path: string, inode: Inode): DiskFile {
    const before = (name: string) => this.before({ name, path });
    return {
      write: async (data, position) => {
        await before('write');
        inode.change({ kind: 'write', position, data: Buffer.from(data as Uint8Array) });
      },
      read: async (position, length) => {
        await before('read');
        return Buffer.from(inode.current.subarray(position, position + length));
      },
      size: async () => inode.current.length,
      isCurrent: async () => this.#names.get(path) === inode,
      truncate: async (size) => {
        await before('truncate');
        inode.change({ kind: 'truncate', size });
      },
      datasync: async () => {
        await before('datasync');
        inode.sync();
      },
      sync: async () => {
        await before('sync');
        inode.sync();
      },
      close: async () => {},
    };
  }
}

function failure(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

/** A repeatable stream of numbers in [0, 1). */
export function seededDice(seed: number): Dice {
  let count = 0;
  return () => Number.parseInt(nodeHasher.digest(`${seed}/${count++}`).slice(0, 8), 16) / 2 ** 32;
}
