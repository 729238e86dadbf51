// A body as an entry holds it: bounded, decoded, and as a value where names in it tell what is secret.
import { brotliDecompressSync, constants, gunzipSync, inflateSync } from 'node:zlib';
import type { BodyTap } from './body-tap.ts';
import { parseJsonPrefix } from './json-prefix.ts';

/** Up to this many bytes of each body are recorded where `detail` asks for bodies. */
export const DEFAULT_MAX_BODY = 8_192;
/** The most `maxBody` may be: two bodies fit into one entry. */
export const MAX_MAX_BODY = 24_576;

/** What is recorded of a body. */
export interface RecordedBody {
  /** Bytes as they came over the wire, without transfer coding. */
  readonly bytes: number;
  /** JSON as a value, text as a string; absent for what is neither (files, multipart, unknown encodings). */
  readonly content?: unknown;
  /** True where `content` is the beginning only. */
  readonly truncated?: true;
}

/** Header values as node has them. */
type Header = number | string | readonly string[] | undefined;

export interface BodyHeaders {
  readonly type: Header;
  /** `Content-Encoding`. */
  readonly encoding: Header;
}

const JSON_TYPE = /^(?:application|text)\/(?:[\w.-]+\+)?json$/;
const TEXT_TYPE =
  /^(?:text\/[\w.+-]+|application\/(?:x-www-form-urlencoded|xml|javascript|graphql|x-ndjson|jsonl)|[\w.-]+\/[\w.-]+\+xml)$/;
/** Where a text may be cut: what stands before the last of these is whole words, and no half of a secret. */
const BOUNDARY = /[\s&,;"'<>]/g;

/**
 * @param parsed what the framework made of the body: used where the bytes were not seen, or cannot be read
 */
export function describeBody(
  tap: BodyTap,
  headers: BodyHeaders,
  limit: number,
  parsed?: unknown,
): RecordedBody | undefined {
  const { bytes } = tap;
  const given = isContent(parsed) ? parsed : undefined;
  if (bytes === 0) return given === undefined ? undefined : { bytes: 0, content: given };
  const { type, charset } = readType(headers.type);
  const isJson = JSON_TYPE.test(type);
  if (!isJson && !TEXT_TYPE.test(type)) return { bytes };
  const decoded = decode(tap, headers.encoding, limit);
  const text = decoded && readText(decoded.bytes, charset);
  if (decoded === undefined || text === undefined) {
    return given === undefined ? { bytes } : { bytes, content: given };
  }
  if (!decoded.truncated) return { bytes, content: isJson ? parseJson(text) : text };
  return {
    bytes,
    content: (isJson ? parseJsonPrefix(text) : undefined) ?? wholeWords(text),
    truncated: true,
  };
}

/** Express 4 says `{}` where there was no body. */
function isContent(parsed: unknown): boolean {
  if (parsed === undefined || parsed === null || parsed === '') return false;
  return typeof parsed !== 'object' || Object.keys(parsed).length > 0;
}

function readType(header: Header): { readonly type: string; readonly charset: string } {
  const [type = '', ...parameters] = String(header ?? '').split(';');
  const charset = parameters.map((one) => /^\s*charset="?([\w.:-]+)"?\s*$/i.exec(one)?.[1]).find(Boolean);
  return { type: type.trim().toLowerCase(), charset: charset ?? 'utf-8' };
}

interface Decoded {
  readonly bytes: Uint8Array;
  readonly truncated: boolean;
}

/** Without its content coding. What decompresses to more than the limit is cut; a bomb is not unpacked. */
function decode(tap: BodyTap, encoding: Header, limit: number): Decoded | undefined {
  const content = tap.content();
  const { truncated } = tap;
  const decompress = decompressor(String(encoding ?? '').toLowerCase());
  if (decompress === null) return { bytes: content, truncated };
  try {
    const bytes = decompress?.(content, limit * MOST_INFLATION);
    return bytes && { bytes: bytes.subarray(0, limit), truncated: truncated || bytes.byteLength > limit };
  } catch {
    return undefined;
  }
}

/** What decompresses to more than this many times the limit is not read at all. */
const MOST_INFLATION = 16;

type Decompress = (content: Uint8Array, most: number) => Uint8Array;

/** Null where there is nothing to undo, undefined where nobody here can. A coding cut short gives what there is. */
function decompressor(encoding: string): Decompress | null | undefined {
  switch (encoding) {
    case '':
    case 'identity':
      return null;
    case 'gzip':
    case 'x-gzip':
      return (content, maxOutputLength) =>
        gunzipSync(content, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength });
    case 'deflate':
      return (content, maxOutputLength) =>
        inflateSync(content, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength });
    case 'br':
      return (content, maxOutputLength) =>
        brotliDecompressSync(content, { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength });
    default:
      return undefined;
  }
}

function readText(bytes: Uint8Array, charset: string): string | undefined {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function wholeWords(text: string): string {
  let end = 0;
  for (const { index } of text.matchAll(BOUNDARY)) end = index;
  return text.slice(0, end);
}
