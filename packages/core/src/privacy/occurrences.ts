// Finds many texts in another at once. The time depends on the length of what is searched, not on what is looked for:
// secrets come from clients, who must not be able to choose some that cost more than others. Imports types only.
import type { Treatment } from './way.ts';

/** More of a form need not match: who has seen so much of a secret has seen too much. */
export const PREFIX = 64;
const NOT_ASCII = 128;

/** Texts to look for, and what is done with each. */
export type Forms = ReadonlyMap<string, Treatment>;

/**
 * `text` with every form replaced, the longest that begins at a place first; the same string where there is none.
 *
 * @param anywhere looked for anywhere
 * @param words looked for where neither letter nor digit stands beside them
 */
export function createMasker(anywhere: Forms, words: Forms): (text: string) => string {
  const inText = new FormTable(anywhere);
  const asWord = new FormTable(words);
  return (text) => {
    let out = '';
    let done = 0;
    for (let at = 0; at < text.length; at++) {
      const found = inText.longestAt(text, at) ?? asWord.longestAt(text, at, isWord);
      if (found === undefined) continue;
      out += text.slice(done, at) + found.treatment.replacement(text.slice(at, found.end));
      done = found.end;
      at = found.end - 1;
    }
    return done === 0 ? text : out + text.slice(done);
  };
}

interface Occurrence {
  readonly end: number;
  readonly treatment: Treatment;
}

/** The beginnings of forms in order, so that a binary search finds which of them a text begins with. */
class FormTable {
  readonly #prefixes: readonly string[];
  /** For each, the longest other that it begins with; -1 where there is none. */
  readonly #shorter: readonly number[];
  /** For each, the forms that begin with it. */
  readonly #forms: ReadonlyMap<string, readonly string[]>;
  readonly #treatments: Forms;
  readonly #first = new Uint8Array(NOT_ASCII + 1);

  constructor(forms: Forms) {
    const byPrefix = new Map<string, string[]>();
    for (const form of forms.keys()) {
      const prefix = form.slice(0, PREFIX);
      const same = byPrefix.get(prefix);
      if (same === undefined) byPrefix.set(prefix, [form]);
      else same.push(form);
      this.#first[Math.min(form.charCodeAt(0), NOT_ASCII)] = 1;
    }
    this.#treatments = forms;
    this.#forms = byPrefix;
    this.#prefixes = [...byPrefix.keys()].sort();
    const shorter: number[] = [];
    for (const [index, prefix] of this.#prefixes.entries()) {
      let before = index - 1;
      while (before >= 0 && !prefix.startsWith(this.#prefixes[before]!)) before = shorter[before]!;
      shorter.push(before);
    }
    this.#shorter = shorter;
  }

  longestAt(
    text: string,
    at: number,
    fits?: (text: string, from: number, to: number) => boolean,
  ): Occurrence | undefined {
    if (this.#first[Math.min(text.charCodeAt(at), NOT_ASCII)] === 0) return undefined;
    const ahead = text.slice(at, at + PREFIX);
    let low = 0;
    let high = this.#prefixes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#prefixes[middle]! <= ahead) low = middle + 1;
      else high = middle;
    }
    for (let index = low - 1; index >= 0; index = this.#shorter[index]!) {
      const prefix = this.#prefixes[index]!;
      if (!ahead.startsWith(prefix)) continue;
      const found = this.#extend(text, at, prefix);
      if (fits === undefined || fits(text, at, found.end)) return found;
    }
    return undefined;
  }

  /** As far as any form that begins with `prefix` goes on like the text. */
  #extend(text: string, at: number, prefix: string): Occurrence {
    let end = at + prefix.length;
    let longest = prefix;
    for (const form of this.#forms.get(prefix)!) {
      let length = prefix.length;
      while (length < form.length && form.charCodeAt(length) === text.charCodeAt(at + length)) length++;
      if (longest !== prefix && at + length <= end) continue;
      end = at + length;
      longest = form;
    }
    return { end, treatment: this.#treatments.get(longest)! };
  }
}

const WORD_BEFORE = /[\p{L}\p{N}]$/u;
const WORD_AFTER = /^[\p{L}\p{N}]/u;

function isWord(text: string, from: number, to: number): boolean {
  return (
    !WORD_BEFORE.test(text.slice(Math.max(0, from - 2), from)) && !WORD_AFTER.test(text.slice(to, to + 2))
  );
}
