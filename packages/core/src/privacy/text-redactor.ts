// Secrets inside one string, whatever the string is: prose, a URL, a form body, a header, JSON text, base64.
import { type Found, redactAssignments } from './assignments.ts';
import { decodeBase64, encodeLike } from './base64-text.ts';
import type { TailTest } from './name-tails.ts';
import type { NameTest } from './names.ts';
import type { OwnPattern } from './own-pattern.ts';
import { SCHEME_HEAD, SECRET_PATTERNS, type SecretPattern, TOKEN_HEAD } from './patterns.ts';
import { createSuspicion } from './suspicion.ts';
import { isReplacement, type Treatment } from './way.ts';

/** Texts inside of texts (JSON in JSON, URL in URL, base64) are opened this often. */
const MAX_NESTING = 4;
const ENCODED = /[^\s&?#;"<>=\\]*%[0-9a-fA-F]{2}[^\s&?#;"<>\\]*/g;
/** A value of a query or form that may be base64. */
const BASE64_VALUE = /(?<==)[A-Za-z0-9+/_-]{16,}={0,2}/g;
const FLAG = /(?<![\w-])--?(?<name>[A-Za-z][\w-]{1,40})[ \t]{1,4}(?<secret>[^\s-][^\s]{0,1023})/g;
const BEGIN_PRIVATE = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/g;
const END_PRIVATE = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;

export interface TextOptions {
  readonly isSecret: NameTest;
  readonly endsInName: TailTest;
  /** What is done with what stands after a secret name. */
  readonly treatmentOf: (name: string) => Treatment;
  /** What is done with what a default pattern matches. */
  readonly treatmentOfPattern: (name: string) => Treatment;
  readonly defaults: boolean;
  /** The caller's own. */
  readonly patterns: readonly OwnPattern[];
  readonly allowPatterns: ReadonlySet<string>;
  /** Redacts a value that was found as JSON inside of a text; the same object where nothing was secret. */
  readonly redactJson: (value: unknown, found: Found, nesting: number) => unknown;
}

export interface TextRedactor {
  /** `text` without its secrets; the same string where there are none. `found` is told each secret. */
  redact(text: string, found: Found, nesting?: number): string;
  /** False only where `redact` would change nothing: the cheap test ordinary strings end with. */
  suspects(text: string): boolean;
}

export function createTextRedactor(options: TextOptions): TextRedactor {
  const { isSecret, treatmentOf, treatmentOfPattern, allowPatterns } = options;
  const builtIn = options.defaults ? SECRET_PATTERNS.filter(({ name }) => !allowPatterns.has(name)) : [];
  const tokens = builtIn.filter(({ name }) => name !== 'card-number');
  const cards = builtIn.filter(({ name }) => name === 'card-number');
  const privateKeys =
    options.defaults && !allowPatterns.has('private-key') ? treatmentOfPattern('private-key') : undefined;

  function redact(text: string, found: Found, nesting = 0): string {
    let out = text;
    if (nesting < MAX_NESTING) out = redactParsed(out, found, nesting);
    if (HAS_ASSIGNMENT.test(out)) out = redactAssignments(out, isSecret, treatmentOf, found);
    if (out.includes('-')) out = redactFlags(out, found);
    if (privateKeys !== undefined && out.includes('-----BEGIN'))
      out = redactPrivateKeys(out, privateKeys, found);
    if (tokens.length > 0 && (TOKEN_HEAD.test(out) || SCHEME_HEAD.test(out)))
      out = redactPatterns(out, tokens, found);
    if (cards.length > 0 && MANY_DIGITS.test(out)) out = redactPatterns(out, cards, found);
    if (nesting < MAX_NESTING) {
      if (out.includes('%')) out = redactEncoded(out, found, nesting);
      if (out.includes('=')) out = out.replace(BASE64_VALUE, (word) => redactBase64(word, found, nesting));
    }
    for (const pattern of options.patterns) out = pattern.redact(out, found);
    return out;
  }

  /** The whole text is JSON, or the base64 of a text. */
  function redactParsed(text: string, found: Found, nesting: number): string {
    if (isJsonLike(text)) {
      const parsed = parseJson(text);
      if (parsed === undefined) return text;
      const redacted = options.redactJson(parsed, found, nesting + 1);
      return redacted === parsed ? text : JSON.stringify(redacted);
    }
    return redactBase64(text, found, nesting);
  }

  function redactBase64(text: string, found: Found, nesting: number): string {
    const decoded = decodeBase64(text);
    if (decoded === undefined) return text;
    const redacted = redact(decoded, found, nesting + 1);
    return redacted === decoded ? text : encodeLike(text, redacted);
  }

  function redactPatterns(text: string, patterns: readonly SecretPattern[], found: Found): string {
    let out = text;
    for (const { name, pattern, confirm } of patterns) {
      const treatment = treatmentOfPattern(name);
      out = out.replace(pattern, (...args: unknown[]) => {
        const match = args[0] as string;
        const groups = args.at(-1);
        const inner =
          typeof groups === 'object' ? (groups as Record<string, string | undefined>).secret : undefined;
        const secret = inner ?? match;
        const at = match.lastIndexOf(secret);
        const offset = args.findLast((arg) => typeof arg === 'number') as number;
        if (secret === '' || isReplacement(secret) || confirm?.(secret, out, offset + at) === false)
          return match;
        found(secret, treatment);
        return match.slice(0, at) + treatment.replacement(secret) + match.slice(at + secret.length);
      });
    }
    return out;
  }

  /** `--password x`, `-token x`. */
  function redactFlags(text: string, found: Found): string {
    return text.replace(FLAG, (match: string, name: string, secret: string) => {
      if (!isSecret(name) || isReplacement(secret)) return match;
      const treatment = treatmentOf(name);
      found(secret, treatment);
      return match.slice(0, match.length - secret.length) + treatment.replacement(secret);
    });
  }

  /** Percent-encoded parts whose decoded text holds a secret: a URL inside of a parameter, an encoded form. */
  function redactEncoded(text: string, found: Found, nesting: number): string {
    return text.replace(ENCODED, (part) => {
      const decoded = decodePercent(part);
      if (decoded === undefined || decoded === part || !suspects(decoded)) return part;
      const redacted = redact(decoded, found, nesting + 1);
      return redacted === decoded
        ? part
        : encodeURIComponent(redacted).replaceAll('%5BREDACTED%5D', '[REDACTED]');
    });
  }

  const looksSuspicious = createSuspicion(isSecret, options.endsInName);
  const suspects =
    options.patterns.length > 0
      ? (text: string) => looksSuspicious(text) || options.patterns.some((pattern) => pattern.occursIn(text))
      : looksSuspicious;

  return { redact, suspects };
}

const HAS_ASSIGNMENT = /[=:>]/;
const MANY_DIGITS = /\d(?:[ -]?\d){12}/;
function isJsonLike(text: string): boolean {
  const first = text.trimStart()[0];
  return first === '{' || first === '[' || (first === '"' && text.includes('\\'));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not UTF-8 throughout: what is ASCII can still be read.
    return text.replace(/%([0-7][0-9a-fA-F])/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
}

/** From the first line of a private key to its last; where that is missing, to the end of the text. */
function redactPrivateKeys(text: string, treatment: Treatment, found: Found): string {
  let out = '';
  let done = 0;
  for (;;) {
    BEGIN_PRIVATE.lastIndex = done;
    const begin = BEGIN_PRIVATE.exec(text);
    if (begin === null) return done === 0 ? text : out + text.slice(done);
    END_PRIVATE.lastIndex = begin.index;
    const end = END_PRIVATE.exec(text) === null ? text.length : END_PRIVATE.lastIndex;
    const secret = text.slice(begin.index, end);
    found(secret, treatment);
    out += text.slice(done, begin.index) + treatment.replacement(secret);
    done = end;
  }
}
