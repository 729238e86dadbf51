// Signed notes (C2SP signed-note): a text and the signatures under it. Runs anywhere.
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { AuditError } from '../errors.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { isKeyName } from './key-name.ts';

/** One signature line. */
export interface NoteSignature {
  /** Name of the key, as the line says. */
  readonly name: string;
  /** 8 lower-case hex digits. A hint only: four bytes are easily met by chance or on purpose. */
  readonly keyId: string;
  /** What follows the key id; for an Ed25519 key 64 bytes. */
  readonly signature: Uint8Array;
}

/** A note taken apart; nothing is said yet of whether its signatures are good. */
export interface Note {
  /** What is signed: whole lines, the last newline included. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** More lines than any log has witnesses; the specification asks for at least 16. */
const MAX_SIGNATURES = 100;
const SIGNATURE_LINE_START = '\u2014 ';

/**
 * Takes a note apart, strictly.
 * @throws AuditError `NOTE_INVALID` where it is not a note by the letter of the specification
 */
export function parseNote(note: string | Uint8Array): Note {
  const whole = typeof note === 'string' ? note : decodeUtf8(note);
  assertText(whole);
  // The text may itself hold empty lines: the signatures stand after the last one.
  const split = whole.lastIndexOf('\n\n');
  if (split === -1) throw invalid('it has no empty line between text and signatures');
  const lines = whole.slice(split + 2).split('\n');
  if (lines.pop() !== '') throw invalid('its last line does not end in a newline');
  if (lines.length === 0) throw invalid('it has no signatures');
  if (lines.length > MAX_SIGNATURES) throw invalid(`it has more than ${MAX_SIGNATURES} signatures`);
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

/** Puts a note together. `text` must be what `assertNoteText` accepts. */
export function formatNote(text: string, signatures: readonly NoteSignature[]): string {
  assertNoteText(text);
  if (signatures.length === 0 || signatures.length > MAX_SIGNATURES) {
    throw new RangeError(`signatures must be 1 to ${MAX_SIGNATURES}, got ${signatures.length}`);
  }
  return `${text}\n${signatures.map(formatSignature).join('')}`;
}

/** The bytes a signature is made over. */
export function noteBytes(text: string): Uint8Array {
  return utf8ToBytes(text);
}

/** @throws AuditError `NOTE_INVALID` where `text` cannot be the text of a note */
export function assertNoteText(text: string): void {
  assertText(text);
  if (!text.endsWith('\n')) throw invalid('its text does not end in a newline');
}

function parseSignature(line: string): NoteSignature {
  if (!line.startsWith(SIGNATURE_LINE_START)) throw invalid('a line after the text is not a signature');
  const space = line.indexOf(' ', SIGNATURE_LINE_START.length);
  const name = line.slice(SIGNATURE_LINE_START.length, space === -1 ? undefined : space);
  if (space === -1 || !isKeyName(name)) throw invalid('a signature line has no valid key name');
  const bytes = decodeBase64(line.slice(space + 1));
  if (bytes === undefined) throw invalid('a signature is not canonical base64');
  if (bytes.length < 5) throw invalid('a signature is too short to hold a key id and a signature');
  return { name, keyId: bytesToHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

function formatSignature({ name, keyId, signature }: NoteSignature): string {
  if (!isKeyName(name)) throw new RangeError(`signatures: ${JSON.stringify(name)} is not a key name`);
  if (!/^[0-9a-f]{8}$/.test(keyId)) throw new RangeError('signatures: keyId must be 8 lower-case hex digits');
  if (signature.length === 0) throw new RangeError('signatures: signature must not be empty');
  return `${SIGNATURE_LINE_START}${name} ${encodeBase64(concatBytes(hexToBytes(keyId), signature))}\n`;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    // `ignoreBOM` keeps a byte order mark in the text, where it is refused; the default would drop signed bytes.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw invalid('it is not valid UTF-8', cause);
  }
}

function assertText(text: string): void {
  if (text.startsWith('\ufeff')) throw invalid('it begins with a byte order mark');
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) throw invalid('it contains a control character');
  if (/\p{Surrogate}/u.test(text)) throw invalid('it contains a lone surrogate, which has no UTF-8');
}

function invalid(why: string, cause?: unknown): AuditError {
  return new AuditError('NOTE_INVALID', `This is not a signed note: ${why}.`, { cause });
}
