// Addresses as they are recorded. Imports nothing.

/** `X-Forwarded-For` is recorded up to this many characters; the client can send any length. */
export const MAX_FORWARDED_FOR = 512;

const MAPPED_IPV4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/** An IPv4 address that a dual-stack socket reports as `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2) becomes `a.b.c.d`. */
export function normalizeAddress(address: string | undefined): string | undefined {
  if (address === undefined || address === '') return undefined;
  return MAPPED_IPV4.exec(address)?.[1] ?? address;
}

/** The raw `X-Forwarded-For`, unchecked and so never evidence of who asked, cut to its limit. */
export function forwardedFor(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const raw = typeof header === 'string' ? header : header.join(', ');
  return raw.slice(0, MAX_FORWARDED_FOR);
}
