// What a process writes, up to a limit for both of its streams together. Imports nothing.

export class BoundedOutput {
  readonly #most: number;
  readonly #exceeded: () => void;
  readonly #kept: { readonly stdout: Uint8Array[]; readonly stderr: Uint8Array[] } = {
    stdout: [],
    stderr: [],
  };
  #bytes = 0;

  /** @param most bytes; 0 is no limit. `exceeded` is called once there are more */
  constructor(most: number, exceeded: () => void) {
    this.#most = most === 0 ? Number.POSITIVE_INFINITY : most;
    this.#exceeded = exceeded;
  }

  take(stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    const room = Math.max(0, this.#most - this.#bytes);
    this.#bytes += chunk.length;
    if (room > 0) this.#kept[stream].push(chunk.subarray(0, room));
    if (chunk.length > room) this.#exceeded();
  }

  /** Bytes that were written, those beyond the limit too, as far as they were read. */
  get bytes(): number {
    return this.#bytes;
  }

  of(stream: 'stdout' | 'stderr'): Buffer {
    return Buffer.concat(this.#kept[stream]);
  }
}
