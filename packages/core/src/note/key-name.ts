// What may name a key, and with it a log. Imports nothing.

/**
 * A key name by C2SP signed-note: not empty, no Unicode space, no `+`; and, as every line of a note, no control
 * characters and no lone surrogates (which have no UTF-8).
 */
export function isKeyName(name: string): boolean {
  return name !== '' && !/[\p{White_Space}\p{Surrogate}+\u0000-\u001f]/u.test(name);
}

/**
 * A log's origin: a key name, since the log's key bears it, of at most 255 bytes, the most a witness's
 * cosignature can hold (C2SP tlog-cosignature). By custom a URL without scheme: `shop.example/audit`.
 */
export function isOrigin(text: string): boolean {
  return isKeyName(text) && new TextEncoder().encode(text).length <= 255;
}
