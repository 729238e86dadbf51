// Secrets as services and people make them, each made up anew from parts: none is real, and none stands here.

export interface Secret {
  readonly kind: string;
  readonly value: string;
  /** Known by its looks; the others only by the name they stand under. */
  readonly byLooks: boolean;
}

/** Of each kind. */
const EACH = 6;

const DIGITS = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const WORD = DIGITS + LOWER + UPPER;

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = generator(20_261_127);
const some = (length: number, alphabet: string) =>
  Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
const base64url = (text: string) => Buffer.from(text).toString('base64url');

/** Digits with a check digit (ISO/IEC 7812-1, Annex B). */
function card(head: string, length: number): string {
  const digits = head + some(length - head.length - 1, DIGITS);
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const doubled = Number(digit) * (i % 2 === 0 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return digits + String((10 - (sum % 10)) % 10);
}

function pem(what: string): string {
  const lines = Array.from({ length: 5 }, () => some(64, `${WORD}+/`));
  const dashes = '-'.repeat(5);
  return `${dashes}BEGIN ${what}${dashes}\n${lines.join('\n')}\n${dashes}END ${what}${dashes}`;
}

const BY_LOOKS: Readonly<Record<string, () => string>> = {
  'AWS key': () => `AKI${'A'}${some(16, `${UPPER}234567`)}`,
  'AWS temporary key': () => `ASI${'A'}${some(16, `${UPPER}234567`)}`,
  'GitHub token': () => `gh${'p'}_${some(36, WORD)}`,
  'GitHub app token': () => `gh${'s'}_${some(36, WORD)}`,
  'GitHub fine-grained token': () => `github_${'pat'}_${some(22, WORD)}_${some(59, WORD)}`,
  'GitLab token': () => `gl${'pat'}-${some(20, WORD)}`,
  'npm token': () => `np${'m'}_${some(36, WORD)}`,
  'Slack bot token': () => `xox${'b'}-${some(11, DIGITS)}-${some(12, DIGITS)}-${some(24, WORD)}`,
  'Stripe key': () => `sk_${'live'}_${some(24, WORD)}`,
  'Stripe restricted key': () => `rk_${'live'}_${some(24, WORD)}`,
  'webhook secret': () => `wh${'sec'}_${some(32, WORD)}`,
  'Google key': () => `AI${'za'}${some(35, `${WORD}-_`)}`,
  'Google access token': () => `ya${'29'}.${some(60, `${WORD}-_`)}`,
  'model key': () => `sk-${'proj'}-${some(48, WORD)}`,
  'SendGrid key': () => `S${'G'}.${some(22, WORD)}.${some(43, WORD)}`,
  'Vault token': () => `hv${'s'}.${some(95, WORD)}`,
  'Docker token': () => `dckr_${'pat'}_${some(27, WORD)}`,
  JWT: () =>
    `${base64url('{"alg":"HS256","typ":"JWT"}')}.${base64url(`{"sub":"${some(12, WORD)}"}`)}.${some(43, WORD)}`,
  Visa: () => card('4', 16),
  Mastercard: () => card('52', 16),
  'American Express': () => card('37', 15),
  'RSA private key': () => pem(`RSA ${'PRIVATE'} KEY`),
  'private key': () => pem(`${'PRIVATE'} KEY`),
};

const BY_NAME: Readonly<Record<string, () => string>> = {
  password: () => `${some(6, LOWER)}-${some(5, WORD)}!`,
  'password with marks': () => `${some(4, WORD)}"${some(3, WORD)}\\${some(3, WORD)}&=${some(4, WORD)}%`,
  'password with spaces': () => `${some(5, LOWER)} ${some(7, LOWER)} ${some(6, LOWER)}`,
  'password beyond ASCII': () => `Pä${some(5, LOWER)}ß-${some(4, DIGITS)}-${some(3, LOWER)}é€`,
  'password with an emoji': () => `${some(6, WORD)}\u{1f511}${some(6, WORD)}`,
  'token in hex': () => some(40, '0123456789abcdef'),
  'session id': () => [8, 4, 4, 4, 12].map((length) => some(length, '0123456789abcdef')).join('-'),
  'random bytes in base64': () => `${some(43, `${WORD}+/`)}=`,
  'recovery code': () => `${some(5, LOWER + DIGITS)}-${some(5, LOWER + DIGITS)}`,
  'signature key': () => some(32, `${WORD}+/`),
  'upper-case code': () => some(12, UPPER),
  'number of twelve digits': () => `7${some(11, DIGITS)}`,
};

function made(kinds: Readonly<Record<string, () => string>>, byLooks: boolean): Secret[] {
  return Object.entries(kinds).flatMap(([kind, make]) =>
    Array.from({ length: EACH }, () => ({ kind, value: make(), byLooks })),
  );
}

export const MADE_SECRETS: readonly Secret[] = [...made(BY_LOOKS, true), ...made(BY_NAME, false)];
