// Looks for a secret in every file under a directory, in every spelling it may have been written in.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The names of the spellings of `secret` found under `directory`, each with its file; empty where there is none. */
export function findSecret(directory: string, secret: string): readonly string[] {
  const found: string[] = [];
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const bytes = readFileSync(file);
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
    for (const [spelling, form] of spellings(secret))
      if (text.includes(form)) found.push(`${spelling} in ${file}`);
  }
  return found;
}

function spellings(secret: string): [string, string][] {
  const forms: [string, string][] = [
    ['raw', Buffer.from(secret).toString('latin1')],
    ['as JSON', JSON.stringify(secret).slice(1, -1)],
    ['URL-encoded', encodeURIComponent(secret)],
    ['form-encoded', new URLSearchParams({ '': secret }).toString().slice(1)],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
  ];
  // Base64 groups three bytes: what a longer text holds depends on where in a group the secret begins. The
  // characters at its ends also hold bits of its neighbours.
  for (const offset of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
    const whole = padded.subarray(0, padded.length - (padded.length % 3));
    const form = whole.toString('base64').slice(offset === 0 ? 0 : 4);
    forms.push([`in base64 at offset ${offset}`, form]);
    forms.push([`in base64url at offset ${offset}`, form.replaceAll('+', '-').replaceAll('/', '_')]);
  }
  return forms;
}
