// Keeps the beginning of a body as it passes, without holding it up. Imports node types only.
import type { IncomingMessage } from 'node:http';

/** The bytes of one body, the first `limit` of them kept. */
export class BodyTap {
  readonly #limit: number;
  readonly #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that have passed. */
  get bytes(): number {
    return this.#bytes;
  }

  get truncated(): boolean {
    return this.#bytes > this.#keptBytes;
  }

  /** A chunk as `write()` takes it; anything else is left to whoever refuses it. */
  readonly see = (chunk: unknown, encoding?: unknown): void => {
    if (typeof chunk === 'string') this.#keep(Buffer.from(chunk, encodingOf(encoding)));
    else if (chunk instanceof Uint8Array) this.#keep(chunk);
  };

  /** The bytes kept. */
  content(): Uint8Array {
    return this.#kept.length === 1 ? (this.#kept[0] as Uint8Array) : Buffer.concat(this.#kept);
  }

  #keep(chunk: Uint8Array): void {
    this.#bytes += chunk.byteLength;
    const room = this.#limit - this.#keptBytes;
    if (room <= 0 || chunk.byteLength === 0) return;
    // Copied: the sender may use its buffer again.
    const kept = Uint8Array.prototype.slice.call(chunk, 0, room);
    this.#kept.push(kept);
    this.#keptBytes += kept.byteLength;
  }
}

/** What `write()` and `end()` understand as an encoding; a callback may stand in its place. */
export function encodingOf(encoding: unknown): BufferEncoding {
  return typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8';
}

/**
 * Sees what arrives of the body of `req` from now on. `push` is where it comes in, whoever reads it and whenever:
 * a listener for `data` would make it flow before anybody asked for it.
 */
export function tapRequest(req: IncomingMessage, limit: number): BodyTap {
  const tap = new BodyTap(limit);
  const { push } = req;
  req.push = function pushSeen(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (chunk !== null) tap.see(chunk, encoding);
    return push.call(this, chunk, encoding);
  };
  return tap;
}
