// Where a secret is still to be found: raw, percent-encoded, or in base64 at any offset.

/** The spellings of `secret` that `text` still contains. */
export function traces(text: string, secret: string): string[] {
  const spellings = new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    decode(secret),
  ]);
  for (const pad of ['', 'x', 'xx']) {
    // Without the characters at both ends that depend on what stands around the secret.
    const encoded = Buffer.from(pad + secret)
      .toString('base64')
      .replace(/=+$/, '');
    spellings.add(encoded.slice(pad.length === 0 ? 0 : pad.length + 1, -1));
  }
  return [...spellings].filter(
    (spelling) => spelling.length > 3 && haystacks(text).some((hay) => hay.includes(spelling)),
  );
}

/** The text, and what stands behind its percent-encoding and its base64. */
function haystacks(text: string): string[] {
  const decoded = [text, decode(text), decode(decode(text))];
  for (const [word] of text.matchAll(/[A-Za-z0-9+/_-]{12,}/g))
    decoded.push(Buffer.from(word, 'base64').toString('latin1'));
  return decoded;
}

function decode(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
