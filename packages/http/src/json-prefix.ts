// The beginning of a JSON text as a value. Imports nothing.

/**
 * What `text`, cut off somewhere, says up to the last member or item that is whole; undefined where it is no JSON.
 * A value, because in a value secrets are found by name at any depth, which in half a text they may not be.
 */
export function parseJsonPrefix(text: string): unknown {
  let closers = '';
  let whole = -1;
  let closersThere = '';
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === '\\') i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') {
      closers = (char === '{' ? '}' : ']') + closers;
      // Nothing is in it yet, and it is whole as it is.
      whole = i + 1;
      closersThere = closers;
    } else if (char === '}' || char === ']') {
      closers = closers.slice(1);
      whole = i + 1;
      closersThere = closers;
    } else if (char === ',') {
      whole = i;
      closersThere = closers;
    }
  }
  if (whole === -1) return undefined;
  try {
    return JSON.parse(text.slice(0, whole) + closersThere);
  } catch {
    return undefined;
  }
}
