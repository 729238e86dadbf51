// Secrets that are known by their looks: keys of clouds and services, JWTs, private keys, card numbers, …
// Each pattern is linear: fixed heads, bounded or disjoint repetitions, and no start inside of a longer word.

/** One kind of secret. */
export interface SecretPattern {
  /** What `allowPatterns` calls it. */
  readonly name: string;
  /** Global. The group `secret` is what is replaced; without one the whole match is. */
  readonly pattern: RegExp;
  /** Looks closer at what matched, and at where in the text it begins; false leaves it alone. */
  readonly confirm?: (secret: string, text: string, at: number) => boolean;
}

const START = '(?<![A-Za-z0-9_])';

/** Applied in this order. Sources: the services' own documentation of their token formats. */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  { name: 'url-userinfo', pattern: /:\/\/[^\s/?#@:"'<>\\]{0,256}:(?<secret>[^\s/?#"'<>\\]{1,1024})@/g },
  {
    name: 'authorization',
    pattern:
      /\b(?:Bearer|Token|Basic|Digest|Negotiate|ApiKey)(?: {1,4}|%20|\+)(?<secret>[\w.~+/=:%-]{6,8192})/gi,
    confirm: isCredential,
  },
  { name: 'jwt', pattern: /(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*){0,3}/g },
  { name: 'aws-key', pattern: word('(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}') },
  { name: 'github-token', pattern: word('(?:gh[pousr]_[0-9A-Za-z]{20,255}|github_pat_\\w{20,255})') },
  { name: 'gitlab-token', pattern: word('gl(?:pat|ptt|rt|dt|cbt|ft|imt|agent|oas|soat)-[\\w-]{20,64}') },
  { name: 'npm-token', pattern: word('npm_[0-9A-Za-z]{36}') },
  { name: 'slack-token', pattern: word('xox[abeoprs]-[\\w-]{10,250}') },
  { name: 'slack-webhook', pattern: /hooks\.slack\.com\/(?:services|workflows)\/(?<secret>[\w/+]{20,100})/g },
  { name: 'stripe-key', pattern: word('(?:[sr]k_(?:test|live|prod)_|whsec_)[0-9A-Za-z+/=]{10,128}') },
  { name: 'google-key', pattern: word('(?:AIza[\\w-]{35}|ya29\\.[\\w-]{20,1024}|GOCSPX-[\\w-]{20,64})') },
  { name: 'model-key', pattern: word('sk-(?:ant-|proj-|svcacct-|or-)?[\\w-]{20,256}') },
  { name: 'sendgrid-key', pattern: word('SG\\.[\\w-]{16,64}\\.[\\w-]{16,64}') },
  { name: 'vault-token', pattern: word('hv[sbr]\\.[\\w-]{20,200}') },
  { name: 'docker-token', pattern: word('dckr_(?:pat|oat)_[\\w-]{20,64}') },
  { name: 'azure-sas', pattern: /[?&;]sig=(?<secret>[\w%+/=-]{16,256})/g },
  {
    name: 'card-number',
    pattern: /(?<![\d.,_-])[2-6]\d(?:[ -]?\d){11,17}(?![\d])(?!\.\d)/g,
    confirm: (digits, text, at) => isCardNumber(digits) && !isInsideOfDigest(text, at, at + digits.length),
  },
];

function word(body: string): RegExp {
  return new RegExp(START + body, 'g');
}

/** The beginnings of all patterns but `authorization` and `card-number`: a text without one matches none of them. */
export const TOKEN_HEAD =
  /:\/\/|-----BEGIN|eyJ|A(?:KIA|SIA|BIA|CCA|3T|Iza)|gh[pousr]_|github_pat_|gl(?:pat|ptt|rt|dt|cbt|ft|imt|agent|oas|soat)-|npm_|xox[abeoprs]-|hooks\.slack|[sr]k[_-]|whsec_|ya29\.|GOCSPX|SG\.|hv[sbr]\.|dckr_|sig=/;

/** The beginnings of `authorization`. */
export const SCHEME_HEAD = /(?:bearer|basic|token|digest|negotiate|apikey)(?: |%20|\+)/i;

// "Bearer authentication" and "token expired" are prose; credentials have a digit or a length no word has.
function isCredential(secret: string): boolean {
  return /\d/.test(secret) || secret.length >= 20 || /[a-z][A-Z]/.test(secret) || /[=:]/.test(secret);
}

/** ISO/IEC 7812: a known issuer range of its length, and the Luhn check digit. */
export function isCardNumber(text: string): boolean {
  const digits = text.replace(/[ -]/g, '');
  if (digits.length < 13 || digits.length > 19 || !ISSUER.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

// Visa, Mastercard (both ranges), American Express, Diners, JCB, Discover, UnionPay, Maestro.
const ISSUER =
  /^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11,16}|35\d{14}|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|62\d{14,17}|(?:50|5[6-8]|6\d)\d{10,17})$/;

/** MD5 is the shortest; ids of containers and images, of commits and traces are as long or longer. */
const MIN_DIGEST = 32;
/** Digits of SHA-512: so far is looked to either side. */
const MAX_DIGEST = 128;

/**
 * One in a thousand SHA-256 digests in hex has a row of digits that could be a card's: masking it would garble the
 * name of a thing and protect nobody.
 */
function isInsideOfDigest(text: string, from: number, to: number): boolean {
  let start = from;
  let end = to;
  while (start > 0 && from - start < MAX_DIGEST && isHexDigit(text.charCodeAt(start - 1))) start--;
  while (end < text.length && end - to < MAX_DIGEST && isHexDigit(text.charCodeAt(end))) end++;
  return end - start >= MIN_DIGEST && /[a-f]/.test(text.slice(start, end));
}

function isHexDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);
}
