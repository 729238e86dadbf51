// The last letters of secret names: most of what stands before a `=` or `:` is seen to be no secret name without
// being cut out of its text. Imports types only.
import { FORMS, STEMS } from './names.ts';

/** Letters that are looked at. */
const LETTERS = 26;
const NONE = LETTERS;
const SIDE = LETTERS + 1;
/** A name may end in so many other characters: digits, brackets, quotes, white space. */
const MAX_SKIPPED = 24;
/** A name may be written with escapes (`toke%6e`, `toke\u006e`), nested ones included, as long as this. */
const MAX_ESCAPE = 10;

const PERCENT = 0x25;
const BACKSLASH = 0x5c;

/** False only where the text before `end` does not end in one of the names. */
export type TailTest = (text: string, end: number) => boolean;

/** @param names as they are compared: in small letters, without separators */
export function createTailTest(names: Iterable<string>): TailTest {
  const tails = new Uint8Array(SIDE * SIDE * SIDE);
  for (const name of [...names, ...STEMS, ...FORMS]) {
    const letters = name.replace(/\d/g, '');
    // What is not written in these letters alone cannot be told by them.
    if (!/^[a-z]+$/.test(letters)) return () => true;
    mark(tails, letters.slice(-3));
  }
  return (text, end) => {
    let tail = 0;
    let letters = 0;
    const least = Math.max(0, end - MAX_SKIPPED);
    let at = end - 1;
    for (; at >= least && letters < 3; at--) {
      const code = text.charCodeAt(at);
      const small = code | 0x20;
      if (small >= 0x61 && small <= 0x7a) {
        tail += (small - 0x61) * WEIGHTS[letters]!;
        letters++;
      } else if (code >= 0x80) return true;
    }
    if (letters < 3) {
      if (at >= 0) return true;
      for (let missing = letters; missing < 3; missing++) tail += NONE * WEIGHTS[missing]!;
    }
    if (tails[tail] === 1) return true;
    for (let i = Math.max(0, Math.min(at, end - MAX_ESCAPE)); i < end; i++) {
      const code = text.charCodeAt(i);
      if (code === PERCENT || code === BACKSLASH) return true;
    }
    return false;
  };
}

/** By which the letters count, the last first. */
const WEIGHTS = [1, SIDE, SIDE * SIDE] as const;

/** A tail of less than three letters may have any before it. */
function mark(tails: Uint8Array, letters: string): void {
  let fixed = 0;
  for (let i = 0; i < letters.length; i++) {
    fixed += (letters.charCodeAt(letters.length - 1 - i) - 0x61) * WEIGHTS[i]!;
  }
  const free = SIDE ** (3 - letters.length);
  for (let before = 0; before < free; before++) tails[fixed + before * SIDE ** letters.length] = 1;
}
