// Text of unknown origin, made safe for a terminal: what would act or hide there is shown as its code point. Imports nothing.

/**
 * What never reaches a terminal raw: control characters (C0, DEL, C1: with them every ANSI sequence), format
 * characters (bidi overrides and isolates, zero-width ones, tags), line and paragraph separators, lone
 * surrogates, and whatever else Unicode says a renderer may leave out. Source: UAX #44, UTR #36 §2.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** `\u202e` becomes `<U+202E>`; everything a reader can see stays. The result is one line. */
export function visible(text: string): string {
  return text.replace(HIDDEN, codePoint);
}

/** The same for text of several lines: its line feeds stay. */
export function visibleLines(text: string): string {
  return text.replace(HIDDEN, (character) => (character === '\n' ? character : codePoint(character)));
}

/**
 * The same for JSON text: hidden characters become `\u` escapes, so that it stays the same value to a parser.
 * Line feeds (they are indentation, JSON strings hold none) stay.
 */
export function visibleJson(json: string): string {
  return json.replace(HIDDEN, (character) => (character === '\n' ? character : escaped(character)));
}

/**
 * A copy of a JSON value in which every string and key is visible. Line feeds and tabs stay: `JSON.stringify`
 * shows them as `\n` and `\t`.
 */
export function visibleValue(value: unknown): unknown {
  if (typeof value === 'string') return visibleText(value);
  if (Array.isArray(value)) return value.map(visibleValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [visibleText(key), visibleValue(item)]),
  );
}

function visibleText(text: string): string {
  return text.replace(HIDDEN, (character) =>
    character === '\n' || character === '\t' ? character : codePoint(character),
  );
}

function codePoint(character: string): string {
  return `<U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}>`;
}

function escaped(character: string): string {
  let escapes = '';
  for (let unit = 0; unit < character.length; unit += 1) {
    escapes += `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`;
  }
  return escapes;
}
