// Sealed segments: gzip members (RFC 1952) that end at multiples of 256 entries. Imports zlib; opens no file itself.
import { promisify } from 'node:util';
import { crc32, deflateRaw, inflateRawSync } from 'node:zlib';
import { MAX_ENTRY_BYTES } from '../../event/model.ts';
import type { DamagedRange } from '../../verify/source.ts';
import { TILE_WIDTH } from './layout.ts';

/**
 * RFC 1952 §2.3: magic, deflate, FEXTRA, no time, no flags of the compressor, system unknown, 8 bytes of extra
 * field: subfield `AL` of 4 bytes. They hold the length of the whole member, header and trailer included.
 */
const HEADER = Buffer.from('1f8b080400000000' + '00ff' + '0800' + '414c' + '0400', 'hex');
const LENGTH_AT = HEADER.length;
const HEADER_BYTES = LENGTH_AT + 4;
/** CRC-32 and length of the data. */
const TRAILER_BYTES = 8;
const MAX_DATA_BYTES = TILE_WIDTH * (MAX_ENTRY_BYTES + 1);
/** Deflate never grows its input by as much as this. */
const MAX_MEMBER_BYTES = MAX_DATA_BYTES + MAX_DATA_BYTES / 512 + 1024;
/** Bytes where the search for the next member looks for one. */
const MAGIC = HEADER.subarray(0, 4);
const WINDOW_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;
/** Lines read of one member: of one that was made longer, what was put into it shows, and memory stays bounded. */
const MAX_LINES = 2 * TILE_WIDTH;
/** What looks like a member and is none, in one segment; a search through more would take as long as someone likes. */
const MAX_FALSE_MEMBERS = 256;

const deflate = promisify(deflateRaw);

/** What members are read from. */
export interface ByteReader {
  size(): Promise<number>;
  /** Up to `length` bytes at `position`; fewer at the end. */
  read(position: number, length: number): Promise<Uint8Array>;
}

export interface MemberRange {
  /** Read from this entry on; the members before it are stepped over, not read. */
  readonly from?: number | undefined;
  /** First entry of the next segment, or the first no longer wanted: no member is said to hold more. */
  readonly end?: number | undefined;
}

/** The first entry no longer in the member that begins at entry `seq`. */
export function memberEnd(seq: number): number {
  return (Math.floor(seq / TILE_WIDTH) + 1) * TILE_WIDTH;
}

/** One member around whole lines. The same data gives the same bytes wherever zlib is the same. */
export async function encodeMember(data: Uint8Array): Promise<Uint8Array> {
  const body = await deflate(data);
  const member = Buffer.alloc(HEADER_BYTES + body.length + TRAILER_BYTES);
  HEADER.copy(member);
  member.writeUInt32LE(member.length, LENGTH_AT);
  body.copy(member, HEADER_BYTES);
  member.writeUInt32LE(crc32(data), member.length - 8);
  member.writeUInt32LE(data.length, member.length - 4);
  return member;
}

/**
 * The members of a segment whose first entry is `first`, from its bytes in chunks of any size.
 * @throws RangeError where the last line does not end in a newline
 */
export async function* compressSegment(
  chunks: AsyncIterable<Uint8Array>,
  first: number,
): AsyncIterable<Uint8Array> {
  let pending: Uint8Array[] = [];
  let seq = first;
  let end = memberEnd(first);
  let open = false;
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) {
      if (++seq < end) continue;
      pending.push(chunk.subarray(start, at + 1));
      yield await encodeMember(Buffer.concat(pending));
      pending = [];
      start = at + 1;
      end = memberEnd(seq);
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
    if (chunk.length > 0) open = chunk.at(-1) !== NEWLINE;
  }
  if (open) throw new RangeError('chunks: the last line does not end in a newline');
  if (pending.length > 0) yield await encodeMember(Buffer.concat(pending));
}

/**
 * The data of each member in turn. One that cannot be read yields the entries it must have held, and reading
 * goes on behind it: by its length where that leads to another member, else by looking for one. One that holds
 * other than its 256 lines would make readers find wrong entries: an empty range of damage follows its data.
 */
export async function* readMembers(
  file: ByteReader,
  first: number,
  { from = first, end }: MemberRange = {},
): AsyncIterable<Uint8Array | DamagedRange> {
  const window = new Window(file, await file.size());
  const search = { left: MAX_FALSE_MEMBERS };
  let seq = first;
  let position = 0;
  while (position < window.size) {
    const next = Math.min(memberEnd(seq), end ?? Infinity);
    const length = await memberLength(window, position);
    if (length !== null && next <= from && (await startsMember(window, position + length))) {
      position += length;
      seq = next;
      continue;
    }
    const data = length === null ? null : decodeMember(await window.bytes(position, length));
    if (data !== null) {
      position += length!;
      const { count, end: linesEnd } = countLines(data, MAX_LINES);
      const lines = data.subarray(0, linesEnd);
      const whole = memberEnd(seq) - seq;
      const asWritten =
        position === window.size ? count <= whole : count === whole && data.at(-1) === NEWLINE;
      if (next > from) yield seq < from ? dropLines(lines, from - seq) : lines;
      if (next > from && !asWritten) yield { damaged: { from: next, to: next } };
      seq = next;
      continue;
    }
    if (length !== null && (await startsMember(window, position + length))) {
      if (next > from) yield { damaged: { from: Math.max(seq, from), to: next } };
      position += length;
      seq = next;
      continue;
    }
    const found = await findMember(window, position + 1, seq, search);
    const to = Math.min(found?.seq ?? end ?? next, end ?? Infinity);
    if (to >= from) yield { damaged: { from: Math.max(seq, from), to } };
    if (found === null) return;
    position = found.position;
    seq = to;
  }
}

/** Where the next member that checks out begins, and with which entry. */
async function findMember(
  window: Window,
  start: number,
  seq: number,
  search: { left: number },
): Promise<{ position: number; seq: number } | null> {
  for (let position = start; search.left > 0; position++) {
    const at = await window.find(MAGIC, position);
    if (at === -1) return null;
    position = at;
    const length = await memberLength(window, at);
    if (length === null) continue;
    const data = decodeMember(await window.bytes(at, length));
    if (data === null) {
      search.left--;
      continue;
    }
    // More than one member may be lost: the entry says where this one stands. It is a hint; hashes decide.
    const claimed = Number(
      /"seq":(\d+),"time"/.exec(Buffer.from(data).toString('latin1', 0, MAX_ENTRY_BYTES))?.[1],
    );
    const likely = claimed % TILE_WIDTH === 0 && claimed > seq ? claimed : memberEnd(seq);
    return { position: at, seq: likely };
  }
  return null;
}

/** The length a member's header gives; null where there is no header, or no room for that length. */
async function memberLength(window: Window, position: number): Promise<number | null> {
  const header = await window.bytes(position, HEADER_BYTES);
  if (header.length < HEADER_BYTES || !hasHeader(header)) return null;
  const length = header.readUInt32LE(LENGTH_AT);
  const fits = length > HEADER_BYTES + TRAILER_BYTES && length <= MAX_MEMBER_BYTES;
  return fits && position + length <= window.size ? length : null;
}

/** Time, compressor flags and system (bytes 4 to 9) say nothing about the data. */
function hasHeader(header: Buffer): boolean {
  return MAGIC.equals(header.subarray(0, 4)) && HEADER.subarray(10).equals(header.subarray(10, LENGTH_AT));
}

async function startsMember(window: Window, position: number): Promise<boolean> {
  return position === window.size || (await window.bytes(position, 4)).equals(MAGIC);
}

function decodeMember(member: Buffer): Uint8Array | null {
  try {
    const data = inflateRawSync(member.subarray(HEADER_BYTES, -TRAILER_BYTES), {
      maxOutputLength: MAX_DATA_BYTES,
    });
    const intact =
      crc32(data) === member.readUInt32LE(member.length - 8) &&
      data.length === member.readUInt32LE(member.length - 4);
    return intact ? data : null;
  } catch {
    return null;
  }
}

/** Whole lines in `data`, at most `most`, and where they end; a line begun counts to the last of them. */
function countLines(data: Uint8Array, most: number): { count: number; end: number } {
  let start = 0;
  for (let count = 0; count < most; count++) {
    const at = data.indexOf(NEWLINE, start);
    if (at === -1) return { count, end: data.length };
    start = at + 1;
  }
  return { count: most, end: start };
}

function dropLines(data: Uint8Array, count: number): Uint8Array {
  let start = 0;
  for (let i = 0; i < count; i++) {
    const at = data.indexOf(NEWLINE, start);
    if (at === -1) return data.subarray(data.length);
    start = at + 1;
  }
  return data.subarray(start);
}

/** Reads a file forward in large pieces. */
class Window {
  readonly size: number;
  readonly #file: ByteReader;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(file: ByteReader, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** `length` bytes at `position`, fewer at the end of the file. */
  async bytes(position: number, length: number): Promise<Buffer> {
    const end = Math.min(position + length, this.size);
    if (position < this.#start || end > this.#start + this.#bytes.length) {
      const read = await this.#file.read(position, Math.max(end - position, WINDOW_BYTES));
      this.#bytes = Buffer.from(read.buffer, read.byteOffset, read.byteLength);
      this.#start = position;
    }
    return this.#bytes.subarray(position - this.#start, Math.max(end, position) - this.#start);
  }

  /** Where `pattern` next stands at or after `position`; −1 where nowhere. */
  async find(pattern: Buffer, position: number): Promise<number> {
    for (let at = position; at < this.size; ) {
      const bytes = await this.bytes(at, WINDOW_BYTES);
      const found = bytes.indexOf(pattern);
      if (found !== -1) return at + found;
      if (bytes.length < pattern.length) return -1;
      at += bytes.length - pattern.length + 1;
    }
    return -1;
  }
}
