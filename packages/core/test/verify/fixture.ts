// Writes log directories straight from formats.md, by none of the package's own code: a second reading of the format.
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync, gunzipSync } from 'node:zlib';
import { afterAll } from 'vitest';

export const ORIGIN = 'shop.example/audit';

const made: string[] = [];
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'audit-verify-'));
  made.push(path);
  return join(path, 'log');
}

/** A copy of a log with its private side, to be tampered with. */
export function copyOf(directory: string): string {
  const copy = temporaryDirectory();
  cpSync(directory, copy, { recursive: true });
  cpSync(`${directory}.private`, `${copy}.private`, { recursive: true });
  return copy;
}

// — hashing (RFC 6962 §2.1) —

export function sha256(...parts: (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export const leafOf = (line: string): Buffer => sha256('\0', line);

export function treeRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256('');
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256('\x01', treeRoot(leaves.slice(0, k)), treeRoot(leaves.slice(k)));
}

// — keys and notes (C2SP signed-note) —

export interface Key {
  readonly vkey: string;
  signNote(text: string): string;
}

export function newKey(name = ORIGIN): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const typed = Buffer.concat([Buffer.of(1), raw]);
  const id = sha256(`${name}\n`, typed).subarray(0, 4);
  return {
    vkey: `${name}+${id.toString('hex')}+${typed.toString('base64')}`,
    signNote: (text) => `${text}\n— ${name} ${signed(privateKey, id, text)}\n`,
  };
}

function signed(privateKey: KeyObject, id: Buffer, text: string): string {
  return Buffer.concat([id, sign(null, Buffer.from(text), privateKey)]).toString('base64');
}

// — entries —

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** RFC 8785 for the plain ASCII values used here. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key]!)}`).join(',')}}`;
}

export function timeOf(seq: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString();
}

export type Fields = { [key: string]: Json };

export function entryOf(seq: number, prev: string, fields: Fields = {}): string {
  const type = typeof fields.type === 'string' ? fields.type : 'data.read';
  return canonical({
    v: 1,
    seq,
    prev,
    id: `event-${seq}`,
    time: timeOf(seq),
    type,
    category: type.startsWith('log.') ? 'audit' : 'data_access',
    level: 'info',
    operation: 'read',
    resource: { type: 'order', id: String(seq) },
    outcome: 'success',
    ...fields,
  });
}

// — the log —

export interface Plan {
  readonly count: number;
  /** First entry of each segment; the last one is active. Default: one segment. */
  readonly segments?: readonly number[];
  /** First entries of the segments that are compressed. */
  readonly sealed?: readonly number[];
  /** Sizes of the notes kept in `checkpoints`. */
  readonly kept?: readonly number[];
  /** Sizes of the two slots; null: never written. Default: one entry before the end, and the end. */
  readonly slots?: readonly [number | null, number | null];
  readonly checkpoint?: number | null;
  readonly highWater?: number | null;
  /** What differs from the usual entry. */
  readonly fields?: (seq: number) => Fields | undefined;
  /** Replaces a line after it was made; entries behind it chain to what is returned. */
  readonly line?: (seq: number, line: string) => string;
  /** The key in use from this size on; the first one from 0. Default: one key. */
  readonly keys?: readonly { readonly from: number; readonly key: Key }[];
  /** Entries before this one were pruned: their segments are gone, these lines of them are kept. */
  readonly pruned?: { readonly minimum: number; readonly keep: readonly number[] };
}

export class Log {
  readonly plan: Plan;
  readonly key: Key;
  readonly lines: string[] = [];
  readonly leaves: Buffer[] = [];
  readonly #keys: readonly { readonly from: number; readonly key: Key }[];

  constructor(plan: Plan) {
    this.plan = plan;
    this.#keys = plan.keys ?? [{ from: 0, key: newKey() }];
    this.key = this.#keys[0]!.key;
    let prev = '0'.repeat(64);
    for (let seq = 0; seq < plan.count; seq++) {
      const made = entryOf(seq, prev, { ...this.#ownLife(seq), ...plan.fields?.(seq) });
      const line = plan.line?.(seq, made) ?? made;
      this.lines.push(line);
      this.leaves.push(leafOf(line));
      prev = this.leaves.at(-1)!.toString('hex');
    }
  }

  #ownLife(seq: number): Fields {
    if (seq === 0) {
      const data = { origin: ORIGIN, vkeys: [this.key.vkey], format: 1, software: 'fixture' };
      return { type: 'log.create', operation: 'create', data };
    }
    const next = this.#keys.find(({ from }) => from > 0 && from === seq + 1);
    if (next) return { type: 'log.key.rotate', operation: 'key.rotate', data: { vkey: next.key.vkey } };
    if (this.plan.segments?.includes(seq)) return { type: 'log.rotate', operation: 'rotate' };
    return {};
  }

  root(size: number): Buffer {
    return treeRoot(this.leaves.slice(0, size));
  }

  /** The note of a size; the batch that ends in a rotation is still the old key's. */
  note(size: number, key = this.#keys.findLast(({ from }) => from === 0 || from < size)!.key): string {
    return key.signNote(`${ORIGIN}\n${size}\n${this.root(size).toString('base64')}\n`);
  }

  /** What `record` would have returned for an entry. */
  receipt(seq: number, size: number): { seq: number; hash: string; checkpoint: string } {
    return { seq, hash: this.leaves[seq]!.toString('hex'), checkpoint: this.note(size) };
  }

  /** The segments as [first, end, name of the plain file]. */
  segments(): [number, number, string][] {
    const firsts = this.plan.segments ?? [0];
    return firsts.map((first, i) => [first, firsts[i + 1] ?? this.plan.count, segmentFile(first)]);
  }

  write(directory = temporaryDirectory()): string {
    const { plan } = this;
    const { count } = plan;
    mkdirSync(join(directory, 'entries'), { recursive: true });
    mkdirSync(join(directory, 'tree'), { recursive: true });
    mkdirSync(`${directory}.private`, { recursive: true });

    for (const [first, end, name] of this.segments()) {
      if (first < (plan.pruned?.minimum ?? 0)) continue;
      const path = join(directory, 'entries', name);
      const lines = this.lines.slice(first, end);
      if (plan.sealed?.includes(first)) writeFileSync(`${path}.gz`, gzipMembers(lines, first));
      else writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    }
    if (plan.pruned) {
      const kept = plan.pruned.keep.map((seq) => `${this.lines[seq]}\n`);
      writeFileSync(join(directory, 'kept.jsonl'), kept.join(''));
    }
    this.writeTree(directory);

    const [slotA, slotB] = plan.slots ?? [count - 1, count];
    writeFileSync(join(directory, 'commit'), Buffer.concat([this.slot(slotA), this.slot(slotB)]));
    const checkpoint = plan.checkpoint === undefined ? count : plan.checkpoint;
    if (checkpoint !== null) writeFileSync(join(directory, 'checkpoint'), this.note(checkpoint));
    const kept = (plan.kept ?? []).map((size) => `${JSON.stringify(this.note(size))}\n`);
    writeFileSync(join(directory, 'checkpoints'), kept.join(''));
    writeFileSync(join(directory, 'log.vkey'), this.#keys.map(({ key }) => `${key.vkey}\n`).join(''));
    const highWater = plan.highWater === undefined ? count : plan.highWater;
    if (highWater !== null) this.writeHighWater(directory, highWater);
    return directory;
  }

  writeHighWater(directory: string, size: number): void {
    const mark = { origin: ORIGIN, size, note: this.note(size) };
    writeFileSync(join(`${directory}.private`, 'high-water'), `${JSON.stringify(mark)}\n`);
  }

  writeTree(directory: string): void {
    for (let level = 0, hashes = this.leaves; hashes.length > 0; level++) {
      writeFileSync(join(directory, 'tree', String(level)), Buffer.concat(hashes));
      const above: Buffer[] = [];
      for (let i = 0; i + 256 <= hashes.length; i += 256) above.push(treeRoot(hashes.slice(i, i + 256)));
      hashes = above;
    }
  }

  slot(size: number | null): Buffer {
    const bytes = Buffer.alloc(16_384);
    if (size === null) return bytes;
    const [first, , name] = this.segments().findLast(([start]) => start < Math.max(size, 1))!;
    const offset = this.lines.slice(first, size).reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    const note = this.note(size);
    bytes.write(`audit-commit-v1\n${name}\n${offset}\n${Buffer.byteLength(note)}\n${note}`);
    sha256(bytes.subarray(0, 16_352)).copy(bytes, 16_352);
    return bytes;
  }
}

export function segmentFile(first: number): string {
  return `${String(first).padStart(16, '0')}.jsonl`;
}

/** RFC 1952 members that end at multiples of 256, each with its whole length in an `AL` subfield. */
export function gzipMembers(lines: readonly string[], first: number): Buffer {
  const members: Buffer[] = [];
  for (let seq = first; seq < first + lines.length; ) {
    const end = Math.min((Math.floor(seq / 256) + 1) * 256, first + lines.length);
    const data = Buffer.from(
      lines
        .slice(seq - first, end - first)
        .map((line) => `${line}\n`)
        .join(''),
    );
    const body = deflateRawSync(data);
    const header = Buffer.from('1f8b08040000000000ff0800414c040000000000', 'hex');
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(crc32(data), 0);
    trailer.writeUInt32LE(data.length, 4);
    header.writeUInt32LE(header.length + body.length + 8, 16);
    members.push(header, body, trailer);
    seq = end;
  }
  return Buffer.concat(members);
}

/** Rewrites the lines of a segment, compressed or not, as someone without the key would. */
export function editSegment(directory: string, first: number, edit: (lines: string[]) => string[]): void {
  const path = join(directory, 'entries', segmentFile(first));
  let sealed = false;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    sealed = true;
    text = gunzipSync(readFileSync(`${path}.gz`)).toString();
  }
  const lines = edit(text.split('\n').slice(0, -1));
  if (sealed) writeFileSync(`${path}.gz`, gzipMembers(lines, first));
  else writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
}

/** Changes one byte of a file. */
export function flip(path: string, position: number, mask: number): void {
  const bytes = readFileSync(path);
  bytes[position]! ^= mask;
  writeFileSync(path, bytes);
}
