// Ids: UUIDv7 (RFC 9562 §5.7), strictly increasing within a process. Uses the Web Crypto global; imports nothing.

const POOL_BYTES = 4_096;
const ID_RANDOM_BYTES = 8;

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const pool = new Uint8Array(POOL_BYTES);
let poolUsed = POOL_BYTES;

let lastTime = -1;
let timeText = '';
let counter = 0;

/**
 * A new UUIDv7, e.g. `019a9b3c-5d2e-7abc-8def-0123456789ab`. Ids of one process sort in the order they were
 * made: `rand_a` is a counter that starts at a random value below 2^11 each millisecond (RFC 9562 §6.2, method 1), and
 * a clock that stands still, steps back or runs out of counter borrows the next millisecond.
 *
 * @param now milliseconds since the epoch, below 2^48
 */
export function uuidv7(now: number = Date.now()): string {
  if (poolUsed + ID_RANDOM_BYTES + 2 > POOL_BYTES) {
    globalThis.crypto.getRandomValues(pool);
    poolUsed = 0;
  }
  const at = poolUsed;
  poolUsed += ID_RANDOM_BYTES + 2;
  if (now > lastTime) startMillisecond(now, at);
  else if (++counter > 0xfff) startMillisecond(lastTime + 1, at);
  const a = byte(at + 2) & 0x3f;
  return (
    `${timeText}-7${HEX[counter >>> 8]?.charAt(1)}${HEX[counter & 0xff]}-${HEX[0x80 | a]}${HEX[byte(at + 3)]}-` +
    `${HEX[byte(at + 4)]}${HEX[byte(at + 5)]}${HEX[byte(at + 6)]}${HEX[byte(at + 7)]}${HEX[byte(at + 8)]}${HEX[byte(at + 9)]}`
  );
}

function byte(index: number): number {
  return pool[index] as number;
}

// The top bit of the counter starts at 0, so that at least 2,048 ids fit into every millisecond.
function startMillisecond(time: number, at: number): void {
  lastTime = time;
  counter = ((byte(at) << 8) | byte(at + 1)) & 0x7ff;
  const hex = Math.trunc(time).toString(16).padStart(12, '0');
  timeText = `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
