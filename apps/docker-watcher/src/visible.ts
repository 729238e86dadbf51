// Text of unknown origin, made safe for a terminal and a journal. Imports nothing.

/** Characters that act on a terminal or hide in it: controls, bidi and other format characters, separators. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** Shows what an attacker would rather have interpreted: `\u{202e}` instead of text that runs backwards. One line. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
