// Finds the places of an entry in which a value was replaced by its HMAC. Reads; redacts nothing.
import type { JsonValue } from '../event/model.ts';
import { pointerToken } from '../event/text.ts';
import { formsOf } from './same-event.ts';
import { createReplacement } from './way.ts';

/**
 * A search for `value`: JSON Pointers to the texts and keys of an entry that hold its HMAC under `key`, whole or as
 * a part of them. A value may have been met percent-encoded, in JSON or in base64: those HMACs are looked for too.
 *
 * @throws RangeError where the key is shorter than 32 bytes
 */
export function hmacLookup(value: string, key: Uint8Array): (entry: unknown) => readonly string[] {
  const replacement = createReplacement('hmac', key);
  const marks = [...new Set([value, ...formsOf(value)])].map(replacement);
  const holds = (text: string) => marks.some((mark) => text.includes(mark));
  return (entry) => {
    const pointers: string[] = [];
    search(entry as JsonValue, '', holds, pointers);
    return pointers;
  };
}

function search(value: JsonValue, path: string, holds: (text: string) => boolean, pointers: string[]): void {
  if (typeof value === 'string') {
    if (holds(value)) pointers.push(path);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      const pointer = `${path}/${pointerToken(key)}`;
      // The pointers of `redacted` say it of a key once more.
      if (pointer === '/redacted') continue;
      if (holds(key)) pointers.push(pointer);
      search(item as JsonValue, pointer, holds, pointers);
    }
  }
}
